import { Controller, Get, Header, Inject, Param, Query, type StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BusinessClock } from '@wapas/database';
import { type Fault, notFound, unprocessable } from '@wapas/problems';
import { Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { KnownJourneys } from '../../journeys/journeys.api';
import { ReportJourney } from '../report-journey';
import { daysUntil, minimumSample, type SamplePlan } from '../rules/sample-size';
import { RangeQueryDto, SampleSizeDto, SampleSizeQueryDto, SeriesDto, SeriesQueryDto } from './analytics.dto';
import { ExperimentsDto, JourneyReportDto } from './experiment.dto';
import { questionOf } from './question';
import { csvAnswer } from './csv-answer';
import { EXPERIMENT_COLUMNS } from './experiments-csv';
import { SERIES_COLUMNS } from './series-csv';
import { armDto, experimentDto, messageCountsDto, queryOf, seriesDto } from './shape-report';

const KEY = { name: 'key', example: 'payment_failed', description: "The journey's key." };

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
  @ApiParam(KEY)
  @ApiResponse({ status: 200, description: 'The report.', type: JourneyReportDto })
  @ApiProblems(401, 403, 404, 422, 503)
  async journey(@Param('key') key: string, @Query() query: RangeQueryDto): Promise<JourneyReportDto> {
    const question = this.question(key, query);
    const { treated, holdout, messages, experiments } = await this.reportJourney.report(question);
    const asked = { journey: key, from: question.from.toISOString(), to: question.to.toISOString() };
    return {
      ...asked,
      treated: armDto(treated, queryOf({ ...asked, arm: 'treated' })),
      holdout: armDto(holdout, queryOf({ ...asked, arm: 'holdout' })),
      messages: messageCountsDto(messages, asked),
      experiments: experiments.map((one) => experimentDto(one, question)),
    };
  }

  @Get('journeys/:key/series')
  @Needs('read')
  @ApiOperation({
    summary: 'A journey over time',
    description: 'Entries, messages, recoveries, revenue and cost by period, arm and what is told apart.',
  })
  @ApiParam(KEY)
  @ApiResponse({ status: 200, description: 'The rows.', type: SeriesDto })
  @ApiProblems(401, 403, 404, 422, 503)
  async series(@Param('key') key: string, @Query() query: SeriesQueryDto): Promise<SeriesDto> {
    const question = this.question(key, query);
    const rows = await this.reportJourney.series(question);
    const { zone, grain, breakdown } = question;
    return { journey: key, zone, grain, breakdown, rows: seriesDto(rows, question) };
  }

  @Get('journeys/:key/series.csv')
  @Needs('read')
  @Header('content-disposition', 'attachment; filename="series.csv"')
  @ApiOperation({
    summary: 'A journey over time, as CSV',
    description: 'The same rows. Texts that a spreadsheet would take for formulas are made harmless.',
  })
  @ApiParam(KEY)
  @ApiResponse({
    status: 200,
    description: 'RFC 4180, UTF-8, with a head line.',
    content: { 'text/csv': { schema: { type: 'string', example: 'from,to,part,arm,entered' } } },
  })
  @ApiProblems(401, 403, 404, 422, 503)
  async seriesAsCsv(@Param('key') key: string, @Query() query: SeriesQueryDto): Promise<StreamableFile> {
    const question = this.question(key, query);
    const rows = await this.reportJourney.series(question);
    return csvAnswer(SERIES_COLUMNS, seriesDto(rows, question));
  }

  @Get('journeys/:key/experiments')
  @Needs('read')
  @ApiOperation({
    summary: 'What messages caused',
    description:
      'Attributed, organic and incremental for each experiment that somebody entered in the range. A change of treatment or of the holdout starts a new one.',
  })
  @ApiParam(KEY)
  @ApiResponse({ status: 200, description: 'The experiments.', type: ExperimentsDto })
  @ApiProblems(401, 403, 404, 422, 503)
  async experiments(@Param('key') key: string, @Query() query: RangeQueryDto): Promise<ExperimentsDto> {
    const question = this.question(key, query);
    const experiments = await this.reportJourney.experiments(question);
    return { journey: key, experiments: experiments.map((one) => experimentDto(one, question)) };
  }

  @Get('journeys/:key/experiments.csv')
  @Needs('read')
  @Header('content-disposition', 'attachment; filename="experiments.csv"')
  @ApiOperation({
    summary: 'What messages caused, as CSV',
    description:
      'A line an experiment: attributed, organic and incremental in columns of their own. Where there is no holdout the incremental ones are empty and `reading` says `no_control`.',
  })
  @ApiParam(KEY)
  @ApiResponse({
    status: 200,
    description: 'RFC 4180, UTF-8, with a head line.',
    content: { 'text/csv': { schema: { type: 'string', example: 'experiment,versions,from,to,is_current' } } },
  })
  @ApiProblems(401, 403, 404, 422, 503)
  async experimentsAsCsv(@Param('key') key: string, @Query() query: RangeQueryDto): Promise<StreamableFile> {
    const { experiments } = await this.experiments(key, query);
    return csvAnswer(EXPERIMENT_COLUMNS, experiments);
  }

  @Get('sample-size')
  @Needs('read')
  @ApiOperation({
    summary: 'How many people an answer takes',
    description: 'To find a difference four times out of five (two-sided, 5 %).',
  })
  @ApiResponse({ status: 200, description: 'The numbers.', type: SampleSizeDto })
  @ApiProblems(401, 403, 422)
  sampleSize(@Query() query: SampleSizeQueryDto): SampleSizeDto {
    const [base, difference, controlShare] = [Number(query.base), Number(query.difference), Number(query.holdoutShare ?? 0.1)];
    const perDay = query.perDay === undefined ? null : Number(query.perDay);
    const sample = minimumSample({ base, difference, controlShare });
    const faults = faultsOfPlan({ base, difference, controlShare }, perDay);
    if (faults.length > 0 || sample === null) throw unprocessable(faults);
    return { holdout: sample.control, total: sample.total, days: perDay === null ? null : daysUntil(sample.total, perDay) };
  }

  private question(key: string, query: RangeQueryDto & Partial<SeriesQueryDto>) {
    if (!this.journeys.isKnown(key)) throw notFound('journey');
    return questionOf(key, query, this.clock.now());
  }
}

/** Everything for which a plan has no answer. */
function faultsOfPlan({ base, difference, controlShare }: SamplePlan, perDay: number | null): Fault[] {
  const isShare = (value: number): boolean => value > 0 && value < 1;
  const outOfRange = (at: string, detail: string): Fault => ({ at, code: 'out_of_range', detail });
  return [
    ...(isShare(base) ? [] : [outOfRange('base', 'It must lie over 0 and under 1.')]),
    ...(difference !== 0 && (!isShare(base) || isShare(base + difference))
      ? []
      : [outOfRange('difference', 'It must not be 0, and with `base` it must lie over 0 and under 1.')]),
    ...(isShare(controlShare) ? [] : [outOfRange('holdoutShare', 'It must lie over 0 and under 1.')]),
    ...(perDay === null || perDay > 0 ? [] : [outOfRange('perDay', 'It must be over 0.')]),
  ];
}
