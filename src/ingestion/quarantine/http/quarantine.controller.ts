import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type Instant, parseInstant, toIso } from '@wapas/kernel';
import { type Fault, notFound, Problem, unprocessable } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../../access/access.api';
import { ApiProblems } from '../../../http/api-problems';
import { checkedId } from '../../../http/checked-id';
import { type Quarantined, ListQuarantine } from '../list-quarantine';
import { type Replay, ReplayQuarantined } from '../replay-quarantined';
import {
  QuarantineCountsDto,
  QuarantinedBodyDto,
  QuarantinedDto,
  QuarantinePageDto,
  QuarantineQueryDto,
  QuarantineReplayDto,
  ReplayFilterDto,
  QuarantineReplaysDto,
  RereadDto,
} from './quarantine.dto';

const ID = { name: 'id', format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a' } as const;
const BODY_ID = { ...ID, description: 'The quarantined body.' };
const REPLAY_ID = { ...ID, description: 'The replay.' };
const DEFAULT_LIMIT = 50;

/** What came signed and could not be used: a webhook whose mapping does not fit, a Segment message that names nobody. */
@ApiTags('Quarantine')
@ApiBearerAuth()
@Controller('v1/quarantine')
export class QuarantineController {
  constructor(
    @Inject(ListQuarantine) private readonly listQuarantine: ListQuarantine,
    @Inject(ReplayQuarantined) private readonly replayQuarantined: ReplayQuarantined,
  ) {}

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'What was signed and could not be used', description: 'Latest first. Never shows a body.' })
  @ApiResponse({ status: 200, description: 'A page.', type: QuarantinePageDto })
  @ApiProblems(400, 401, 403, 422, 503)
  async list(@Query() query: QuarantineQueryDto): Promise<QuarantinePageDto> {
    const { bodies, nextCursor } = await this.listQuarantine.page(
      filterOf(query, ''),
      query.state ?? 'waiting',
      query.cursor ?? null,
      query.limit ?? DEFAULT_LIMIT,
    );
    return { bodies: bodies.map(toDto), nextCursor };
  }

  @Get('counts')
  @Needs('read')
  @ApiOperation({ summary: 'How much waits, by source and reason' })
  @ApiResponse({ status: 200, description: 'The counts.', type: QuarantineCountsDto })
  @ApiProblems(401, 403, 503)
  async counts(): Promise<QuarantineCountsDto> {
    const counts = await this.listQuarantine.counts();
    return { counts: counts.map((one) => ({ ...one, firstAt: toIso(one.firstAt), lastAt: toIso(one.lastAt) })) };
  }

  @Post('replay')
  @HttpCode(202)
  @Needs('admin')
  @ApiOperation({
    summary: 'Read a filtered set again with the present mapping',
    description:
      'Runs in the background and survives restarts; ask for its progress by its id. Events keep the time of their first arrival, and what had been recorded another way is a duplicate.',
  })
  @ApiResponse({ status: 202, description: 'It waits for its turn.', type: QuarantineReplayDto })
  @ApiProblems(400, 401, 403, 415, 422, 503)
  async replayMany(@Body() body: ReplayFilterDto, @Req() request: CallerRequest): Promise<QuarantineReplayDto> {
    return toReplayDto(await this.replayQuarantined.many(filterOf(body, '/'), CallerOf(request).keyId));
  }

  @Get('replays')
  @Needs('read')
  @ApiOperation({ summary: 'The latest replays' })
  @ApiResponse({ status: 200, description: 'Latest first.', type: QuarantineReplaysDto })
  @ApiProblems(401, 403, 503)
  async replays(): Promise<QuarantineReplaysDto> {
    return { replays: (await this.replayQuarantined.latest()).map(toReplayDto) };
  }

  @Get('replays/:id')
  @Needs('read')
  @ApiOperation({ summary: 'How far a replay is' })
  @ApiParam(REPLAY_ID)
  @ApiResponse({ status: 200, description: 'Its progress.', type: QuarantineReplayDto })
  @ApiProblems(400, 401, 403, 404, 503)
  async replay(@Param('id') id: string): Promise<QuarantineReplayDto> {
    const found = await this.replayQuarantined.find(checkedId(id));
    if (!found) throw notFound('replay');
    return toReplayDto(found);
  }

  @Post('replays/:id/cancel')
  @HttpCode(200)
  @Needs('admin')
  @ApiOperation({ summary: 'Stop a replay', description: 'What it has recorded stays; the rest waits as before.' })
  @ApiParam(REPLAY_ID)
  @ApiResponse({ status: 200, description: 'It is over, now or before.', type: QuarantineReplayDto })
  @ApiProblems(400, 401, 403, 404, 503)
  async cancel(@Param('id') id: string, @Req() request: CallerRequest): Promise<QuarantineReplayDto> {
    const cancelled = await this.replayQuarantined.cancel(checkedId(id), CallerOf(request).keyId);
    if (!cancelled) throw notFound('replay');
    return toReplayDto(cancelled);
  }

  @Get(':id')
  @Needs('read')
  @ApiOperation({ summary: 'One quarantined body, without the body' })
  @ApiParam(BODY_ID)
  @ApiResponse({ status: 200, description: 'What is known of it.', type: QuarantinedDto })
  @ApiProblems(400, 401, 403, 404, 503)
  async find(@Param('id') id: string): Promise<QuarantinedDto> {
    const found = await this.listQuarantine.find(checkedId(id));
    if (!found) throw notFound('quarantined body');
    return toDto(found);
  }

  @Get(':id/body')
  @Needs('admin')
  @ApiOperation({
    summary: 'The beginning of a body, masked',
    description: 'For whoever mends a mapping. Each look is logged with the id of the key.',
  })
  @ApiParam(BODY_ID)
  @ApiResponse({ status: 200, description: 'Its masked beginning.', type: QuarantinedBodyDto })
  @ApiProblems(400, 401, 403, 404, 410, 503)
  async body(@Req() request: CallerRequest, @Param('id') id: string): Promise<QuarantinedBodyDto> {
    const shown = await this.listQuarantine.maskedBody(checkedId(id), CallerOf(request).keyId);
    if (shown === null) throw notFound('quarantined body');
    if (shown === 'gone') throw new Problem(410, 'body_gone', 'It has become an event, so its bytes are not kept any more.');
    return { id, ...shown };
  }

  @Post(':id/replay')
  @HttpCode(200)
  @Needs('admin')
  @ApiOperation({ summary: 'Read one again with the present mapping', description: 'Repeating this changes nothing.' })
  @ApiParam(BODY_ID)
  @ApiResponse({ status: 200, description: 'What it is now.', type: RereadDto })
  @ApiProblems(400, 401, 403, 404, 503)
  async replayOne(@Param('id') id: string, @Req() request: CallerRequest): Promise<RereadDto> {
    const reread = await this.replayQuarantined.one(checkedId(id), CallerOf(request).keyId);
    if (!reread) throw notFound('quarantined body');
    const { outcome, reason, eventIds } = reread;
    return { outcome: outcome ?? 'still_unusable', ...(reason === null ? {} : { reason }), eventIds };
  }
}

/** `prefix` leads to the fields: a slash in a body, nothing among parameters. */
function filterOf({ source, reason, from, to }: ReplayFilterDto, prefix: '/' | '') {
  const faults: Fault[] = [];
  const filter = {
    source: source ?? null,
    reason: reason ?? null,
    from: momentOf(`${prefix}from`, from, faults),
    to: momentOf(`${prefix}to`, to, faults),
  };
  if (faults.length > 0) throw unprocessable(faults);
  return filter;
}

function momentOf(at: string, text: string | undefined, faults: Fault[]): Instant | null {
  if (text === undefined) return null;
  const moment = parseInstant(text);
  if (moment === null)
    faults.push({ at, code: 'bad_time', detail: 'Give RFC 3339 with a zone, such as 2026-11-23T11:02:09+05:30.' });
  return moment;
}

const toDto = ({ receivedAt, replayedAt, outcome, id, source, reason, headers, eventIds }: Quarantined): QuarantinedDto => ({
  id,
  source,
  reason,
  headers,
  eventIds,
  receivedAt: toIso(receivedAt),
  state: outcome ?? 'waiting',
  replayedAt: replayedAt === null ? null : toIso(replayedAt),
});

const toReplayDto = (replay: Replay): QuarantineReplayDto => ({
  id: replay.id,
  state: replay.state,
  // Bodies may have gone since they were counted: settled alone, erased, retired.
  progress: replay.state === 'done' ? 1 : Math.min(1, Math.round((replay.done / Math.max(1, replay.total)) * 1_000) / 1_000),
  total: replay.total,
  done: replay.done,
  recorded: replay.recorded,
  duplicate: replay.duplicate,
  ignored: replay.ignored,
  stillUnusable: replay.unusable,
  examples: replay.examples.map(({ id, reason }) => ({ id, reason })),
  createdAt: toIso(replay.createdAt),
  endedAt: replay.endedAt === null ? null : toIso(replay.endedAt),
});
