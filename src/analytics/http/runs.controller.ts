import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BusinessClock } from '@wapas/database';
import { Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { ListRuns } from '../list-runs';
import { type RunFilter } from '../rules/run-filter';
import { badCursor, entryFilterOf, limitOf, nameOfList } from './entry-query.dto';
import { ListRunsQueryDto, RunListDto } from './runs.dto';

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
  @ApiProblems(400, 401, 403, 422, 503)
  async list(@Query() query: ListRunsQueryDto): Promise<RunListDto> {
    const filter: RunFilter = {
      ...entryFilterOf(query, this.clock.now()),
      channel: query.channel ?? null,
      outcome: query.outcome ?? 'entered',
      currency: query.currency ?? null,
      within: query.within ?? null,
    };
    const page = await this.listRuns.page(filter, nameOfList('runs', query), query.cursor, limitOf(query));
    if (page === null) throw badCursor();
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
