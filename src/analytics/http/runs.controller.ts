import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BusinessClock } from '@wapas/database';
import { Problem } from '@wapas/problems';
import { Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { ListRuns } from '../list-runs';
import { type RunFilter } from '../rules/run-filter';
import { rangeOf } from './question';
import { ListRunsQueryDto, RunListDto } from './runs.dto';

const DEFAULT_LIMIT = 100;

@ApiTags('Analytics')
@ApiBearerAuth()
@Controller('v1/runs')
export class RunsController {
  constructor(
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(ListRuns) private readonly listRuns: ListRuns,
  ) {}

  @Get()
  @Needs('read')
  @ApiOperation({
    summary: 'The runs behind a number',
    description: 'Reports link here. By entry, latest first. Kept for `WAPAS_REPORT_DAYS`; figures stay longer.',
  })
  @ApiResponse({ status: 200, description: 'A page of runs.', type: RunListDto })
  @ApiProblems(400, 401, 403, 422)
  async list(@Query() query: ListRunsQueryDto): Promise<RunListDto> {
    const { journey, arm, version, variant, reason, channel, outcome, compared } = query;
    const { from, to } = rangeOf(query, this.clock.now());
    const filter: RunFilter = {
      journey: journey ?? null,
      arm: arm ?? null,
      versions: version?.split(',').map(Number) ?? null,
      variant: variant ?? null,
      reason: reason ?? null,
      channel: channel ?? null,
      outcome: outcome ?? 'entered',
      comparedOnly: compared === 'true',
      from: new Date(from),
      to: new Date(to),
    };
    // Without `to` the range ends now, which is another moment for the next page: the cursor holds the place.
    const list = JSON.stringify([journey, arm, version, variant, reason, channel, outcome, compared, query.from, query.to]);
    const page = await this.listRuns.page(filter, list, query.cursor, query.limit ?? DEFAULT_LIMIT);
    if (page === null)
      throw new Problem(
        400,
        'bad_cursor',
        'This cursor was not given for this list. Start again without one, with the same filters for every page.',
      );
    return {
      runs: page.runs.map(({ enteredAt, goalAt, ...run }) => ({
        ...run,
        enteredAt: enteredAt.toISOString(),
        goalAt: goalAt?.toISOString() ?? null,
      })),
      nextCursor: page.nextCursor,
    };
  }
}
