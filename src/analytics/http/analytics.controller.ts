import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BusinessClock } from '@wapas/database';
import { hours, type Instant, parseInstant, toIso } from '@wapas/kernel';
import { notFound, Problem } from '@wapas/problems';
import { Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { KnownJourneys } from '../../journeys/journeys.api';
import { ReportJourney } from '../report-journey';
import { JourneyReportDto, RangeQueryDto } from './analytics.dto';

const DEFAULT_RANGE = hours(24 * 30);

@ApiTags('Analytics')
@ApiBearerAuth()
@Controller('v1/analytics')
export class AnalyticsController {
  constructor(
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(KnownJourneys) private readonly journeys: KnownJourneys,
    @Inject(ReportJourney) private readonly reportJourney: ReportJourney,
  ) {}

  @Get('journeys/:key')
  @Needs('read')
  @ApiOperation({ summary: 'What a journey recovered', description: 'By when people entered. Test runs are left out.' })
  @ApiParam({ name: 'key', example: 'payment_failed', description: "The journey's key." })
  @ApiResponse({ status: 200, description: 'The report.', type: JourneyReportDto })
  @ApiProblems(401, 403, 404, 422)
  async journey(@Param('key') key: string, @Query() query: RangeQueryDto): Promise<JourneyReportDto> {
    if (!this.journeys.isKnown(key)) throw notFound('journey');
    // A little into the future: the clock at the edge trails the database's by fractions of a second.
    const to = instantOf('to', query.to) ?? ((this.clock.now() + hours(1)) as Instant);
    const from = instantOf('from', query.from) ?? ((to - DEFAULT_RANGE) as Instant);
    if (from >= to) throw new Problem(422, 'empty_range', '`from` must be earlier than `to`.');
    return {
      journey: key,
      from: toIso(from),
      to: toIso(to),
      ...(await this.reportJourney.report(key, from, to)),
    } as JourneyReportDto;
  }
}

function instantOf(name: string, text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  const instant = parseInstant(text);
  if (instant === null)
    throw new Problem(422, 'bad_time', `\`${name}\` must be RFC 3339 with a zone, such as 2026-11-23T00:00:00+05:30.`);
  return instant;
}
