import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BusinessClock } from '@wapas/database';
import { hours, type Instant, newId, parseInstant, toIso } from '@wapas/kernel';
import { notFound, Problem } from '@wapas/problems';
import { type FastifyReply } from 'fastify';
import { CallerOf, type CallerRequest, Needs } from '../../../access/access.api';
import { ApiProblems } from '../../../http/api-problems';
import { checkedId } from '../../../http/checked-id';
import { Catalogue } from '../../catalogue';
import { type NewReplay, type Replay } from '../store/replay.store';
import { WorkReplays } from '../work-replays';
import { ReplayDto, ReplayLinesDto, ReplayLinesQueryDto, ReplayRequestDto, ReplaysDto } from './replays.dto';

const ID = { name: 'id', format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The replay.' };
const LISTED = 50;
const LINES_A_PAGE = 500;
const LONGEST = hours(24 * 366);

@ApiTags('Replays')
@ApiBearerAuth()
@Controller('v1/replays')
export class ReplaysController {
  constructor(
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(WorkReplays) private readonly workReplays: WorkReplays,
  ) {}

  @Post()
  @HttpCode(202)
  @Needs('admin')
  @ApiOperation({
    summary: 'Order a replay',
    description:
      'It is worked off in the background and survives restarts: ask for it at the address in `Location`. An audit lives every run that entered in the period once more, with the inputs that were recorded, through the rules that decide about real ones, and lists every decision that would be another one. Nothing is sent.',
  })
  @ApiResponse({ status: 202, description: 'Ordered.', type: ReplayDto })
  @ApiProblems(400, 401, 403, 404, 413, 415, 422, 429, 503)
  async order(
    @Req() request: CallerRequest,
    @Body() body: ReplayRequestDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReplayDto> {
    const replay = this.newReplay(body, CallerOf(request).keyId);
    if (!(await this.workReplays.order(replay)))
      throw new Problem(429, 'too_many_replays', 'Twenty replays are open. Wait for one, or cancel it.', {
        retryAfterSeconds: 60,
      });
    void reply.header('location', `/v1/replays/${replay.id}`);
    return toDto(await this.found(replay.id));
  }

  @Get()
  @Needs('read')
  @ApiOperation({ summary: 'The latest replays' })
  @ApiResponse({ status: 200, description: 'Newest first.', type: ReplaysDto })
  @ApiProblems(401, 403)
  async list(): Promise<ReplaysDto> {
    return { replays: (await this.workReplays.latest(LISTED)).map(toDto) };
  }

  @Get(':id')
  @Needs('read')
  @ApiOperation({ summary: 'A replay: how far it is and what has come out' })
  @ApiParam(ID)
  @ApiResponse({ status: 200, description: 'The replay.', type: ReplayDto })
  @ApiProblems(400, 401, 403, 404)
  async find(@Param('id') id: string): Promise<ReplayDto> {
    return toDto(await this.found(id));
  }

  @Get(':id/lines')
  @Needs('read')
  @ApiOperation({ summary: 'What a replay lists', description: 'Of an audit the first 10,000 differences.' })
  @ApiParam(ID)
  @ApiResponse({ status: 200, description: 'A page.', type: ReplayLinesDto })
  @ApiProblems(400, 401, 403, 404)
  async lines(@Param('id') id: string, @Query() { cursor = '0' }: ReplayLinesQueryDto): Promise<ReplayLinesDto> {
    await this.found(id);
    if (!/^\d{1,9}$/.test(cursor)) throw new Problem(400, 'bad_cursor', 'Give `nextCursor` of the page before, or none.');
    const lines = await this.workReplays.lines(id, Number(cursor), LINES_A_PAGE);
    const last = lines.length < LINES_A_PAGE ? undefined : lines.at(-1);
    return { lines: lines.map(({ line }) => ({ ...line })), nextCursor: last ? String(last.seq) : null };
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Needs('admin')
  @ApiOperation({ summary: 'Cancel a replay', description: 'What it has found by then stays.' })
  @ApiParam(ID)
  @ApiResponse({ status: 200, description: 'Cancelled.', type: ReplayDto })
  @ApiProblems(400, 401, 403, 404, 409, 503)
  async cancel(@Param('id') id: string): Promise<ReplayDto> {
    const { state } = await this.found(id);
    const cancelled = await this.workReplays.cancel(id);
    if (!cancelled) throw new Problem(409, 'replay_over', `This replay is over (${state}): there is nothing left to cancel.`);
    return toDto(cancelled);
  }

  private newReplay({ kind, journey, version, from, to }: ReplayRequestDto, createdBy: string): NewReplay {
    const versions = this.catalogue.versionsOf(journey);
    const found = version === undefined ? versions[0] : versions.find((one) => one.version === version);
    if (!found) throw notFound(versions.length === 0 ? 'journey' : 'version');
    const period = this.periodOf(from, to);
    return {
      id: newId(),
      kind,
      journeyKey: journey,
      version: found.version,
      definition: null,
      options: {},
      ...period,
      createdBy,
    };
  }

  private periodOf(fromText: string, toText: string): { from: Instant; to: Instant } {
    const [from, to] = [instantOf('from', fromText), instantOf('to', toText)];
    if (from >= to) throw new Problem(422, 'empty_range', '`from` must be earlier than `to`.');
    if (to - from > LONGEST || from > this.clock.now())
      throw new Problem(422, 'impossible_range', 'The period must have begun, and be no longer than a year.');
    return { from, to };
  }

  private async found(id: string): Promise<Replay> {
    const replay = await this.workReplays.find(checkedId(id));
    if (!replay) throw notFound('replay');
    return replay;
  }
}

function instantOf(name: string, text: string): Instant {
  const instant = parseInstant(text);
  if (instant === null)
    throw new Problem(422, 'bad_time', `\`${name}\` must be RFC 3339 with a zone, such as 2026-11-23T00:00:00+05:30.`);
  return instant;
}

function toDto(replay: Replay): ReplayDto {
  const { id, kind, journeyKey, version, from, to, state, done, total, lines, result, problem, createdAt, endedAt } = replay;
  return {
    id,
    kind,
    journey: journeyKey,
    version,
    from: toIso(from),
    to: toIso(to),
    state,
    progress: progressOf(replay),
    done,
    total,
    lines,
    result: result && { ...result },
    problem,
    createdAt: toIso(createdAt),
    endedAt: endedAt && toIso(endedAt),
  };
}

/** Counted at the beginning: what was added since must not make it more than all. */
function progressOf({ state, done, total }: Replay): number {
  if (state === 'done') return 1;
  return total === null || total === 0 ? 0 : Math.min(1, Math.floor((done / total) * 1_000) / 1_000);
}
