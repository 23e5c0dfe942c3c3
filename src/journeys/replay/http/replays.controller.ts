import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BusinessClock } from '@wapas/database';
import { hours, type Instant, newId, parseInstant, toIso } from '@wapas/kernel';
import { notFound, Problem, unprocessable } from '@wapas/problems';
import { type FastifyReply } from 'fastify';
import { CallerOf, type CallerRequest, Needs } from '../../../access/access.api';
import { CONFIG, type Config } from '../../../config/config';
import { ApiProblems } from '../../../http/api-problems';
import { checkedId } from '../../../http/checked-id';
import { Catalogue } from '../../catalogue';
import { FindPlayed } from '../../find-played';
import { identicalOf } from '../rules/identical';
import { type OwnRates, WHAT_IF_RATES } from '../rules/stated-answers';
import { type NewReplay, type Replay, type ReplayTally } from '../store/replay.store';
import { type WhatIfOptions } from '../what-if/what-if-period';
import { WorkReplays } from '../work-replays';
import {
  type OwnRatesDto,
  type ReplayDayDto,
  ReplayDaysDto,
  ReplayDto,
  ReplayLinesDto,
  ReplayLinesQueryDto,
  ReplayRequestDto,
  ReplaysDto,
} from './replays.dto';

const ID = { name: 'id', format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The replay.' };
const LISTED = 50;
const LINES_A_PAGE = 500;
const LONGEST = hours(24 * 366);

const PERIOD = { journey: 'payment_failed', from: '2026-11-01T00:00:00+05:30', to: '2026-11-24T00:00:00+05:30' };
const EXAMPLES = {
  audit: { summary: 'Would the rules decide again as they did?', value: { kind: 'audit', ...PERIOD } },
  whatif: {
    summary: 'What would the draft, else the newest version, have sent?',
    value: { kind: 'whatif', ...PERIOD, rates: { whatsappRead: 0.6, smsClicked: 0.05 } },
  },
};

@ApiTags('Replays')
@ApiBearerAuth()
@Controller('v1/replays')
export class ReplaysController {
  constructor(
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(WorkReplays) private readonly workReplays: WorkReplays,
    @Inject(FindPlayed) private readonly findPlayed: FindPlayed,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @HttpCode(202)
  @Needs('admin')
  @ApiOperation({
    summary: 'Order a replay',
    description:
      'It is worked off in the background and survives restarts: ask for it at the address in `Location`. An audit lives every run that entered in the period once more, with the inputs that were recorded, through the rules that decide about real ones, and lists every decision that would be another one. A what-if lives the stored events of the period with a draft, a definition or another version: who would have received what and when, what it would have cost, and where that differs from what was sent. It is an estimate and says so. Nothing is sent.',
  })
  @ApiBody({ type: ReplayRequestDto, examples: EXAMPLES })
  @ApiResponse({ status: 202, description: 'Ordered.', type: ReplayDto })
  @ApiProblems(400, 401, 403, 404, 413, 415, 422, 429, 503)
  async order(
    @Req() request: CallerRequest,
    @Body() body: ReplayRequestDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReplayDto> {
    const replay = await this.newReplay(body, CallerOf(request).keyId);
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
  @ApiOperation({
    summary: 'What a replay lists',
    description: 'Of an audit the first 10,000 differences, of a what-if the first 100,000.',
  })
  @ApiParam(ID)
  @ApiResponse({ status: 200, description: 'A page.', type: ReplayLinesDto })
  @ApiProblems(400, 401, 403, 404, 422)
  async lines(@Param('id') id: string, @Query() { cursor }: ReplayLinesQueryDto): Promise<ReplayLinesDto> {
    const { kind } = await this.found(id);
    const lines = await this.workReplays.lines(id, offsetOf(cursor), LINES_A_PAGE);
    const last = lines.length < LINES_A_PAGE ? undefined : lines.at(-1);
    return {
      estimate: kind === 'whatif',
      lines: lines.map(({ line }) => ({ ...line })),
      nextCursor: last ? String(last.seq) : null,
    };
  }

  @Get(':id/days')
  @Needs('read')
  @ApiOperation({
    summary: 'What a what-if counts, day by day',
    description: 'Messages by day, step, channel, outcome and reason, with what they cost; beside them what was really sent.',
  })
  @ApiParam(ID)
  @ApiResponse({ status: 200, description: 'A page.', type: ReplayDaysDto })
  @ApiProblems(400, 401, 403, 404, 409, 422)
  async days(@Param('id') id: string, @Query() { cursor }: ReplayLinesQueryDto): Promise<ReplayDaysDto> {
    const { kind } = await this.found(id);
    if (kind !== 'whatif') throw new Problem(409, 'not_a_what_if', 'Only a what-if counts by day: read `result` and /lines.');
    const offset = offsetOf(cursor);
    const rows = await this.workReplays.tallies(id, offset, LINES_A_PAGE);
    return {
      estimate: true,
      days: rows.map(toDay),
      nextCursor: rows.length < LINES_A_PAGE ? null : String(offset + rows.length),
    };
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

  private async newReplay(body: ReplayRequestDto, createdBy: string): Promise<NewReplay> {
    const period = this.periodOf(body.from, body.to);
    const tried = body.kind === 'audit' ? this.audited(body) : await this.whatIf(body, period.from);
    return { id: newId(), kind: body.kind, journeyKey: body.journey, ...tried, ...period, createdBy };
  }

  private audited({ journey, version, definition, rates }: ReplayRequestDto): Tried {
    if (definition !== undefined || rates !== undefined)
      throw new Problem(422, 'not_for_audits', 'An audit replays what was decided: leave `definition` and `rates` out, or order a what-if.'); // prettier-ignore
    const versions = this.catalogue.versionsOf(journey);
    const found = version === undefined ? versions[0] : versions.find((one) => one.version === version);
    if (!found) throw notFound(versions.length === 0 ? 'journey' : 'version');
    return { version: found.version, definition: null, options: {} };
  }

  private async whatIf({ journey, version, definition, rates = {} }: ReplayRequestDto, from: Instant): Promise<Tried> {
    if (definition !== undefined && version !== undefined)
      throw new Problem(422, 'one_too_many', 'Give a definition or a version, not both.');
    const kept = hours(24 * this.config.retention.payloadDays);
    if (this.clock.now() - from > kept)
      throw new Problem(422, 'contents_retired', `What events say is kept for ${this.config.retention.payloadDays} days (WAPAS_PAYLOAD_DAYS): begin later.`); // prettier-ignore
    const found = await this.findPlayed.find(journey, { definition, version });
    if (found.outcome === 'unknown') throw notFound(found.what);
    if (found.outcome === 'refused') throw unprocessable(found.faults);
    if (found.version.key !== journey)
      throw unprocessable([{ at: '/definition/key', code: 'other_key', detail: 'It must be the key of the journey.' }]);
    const options: WhatIfOptions = { played: found.played, rates: ownRates(rates) };
    return {
      version: found.definition === null ? found.version.version : null,
      definition: found.definition,
      options: { ...options },
    };
  }

  private periodOf(fromText: string, toText: string): { from: Instant; to: Instant } {
    // Checked at the door.
    const [from, to] = [parseInstant(fromText), parseInstant(toText)] as [Instant, Instant];
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

/** What is tried, and how. */
type Tried = Pick<NewReplay, 'version' | 'definition' | 'options'>;

/** Named one by one: what is not a rate does not get in. */
const ownRates = (given: OwnRatesDto): OwnRates =>
  Object.fromEntries(WHAT_IF_RATES.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));

/** A number of lines of this one replay, written as it was given out. One that was made up skips some, and shows nothing that the list does not. */
function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^[1-9]\d{0,8}$/.test(cursor)) throw new Problem(400, 'bad_cursor', 'Give `nextCursor` of the page before, or none.');
  return Number(cursor);
}

const toDay = ({
  day,
  step,
  channel,
  outcome,
  reason,
  messages,
  currency,
  milli,
  gstMilli,
  units,
  assumed,
  unpriced,
}: ReplayTally): ReplayDayDto => ({
  day,
  step,
  channel,
  outcome,
  reason: reason === '' ? null : reason,
  messages,
  cost:
    currency === '' ? null : { currency, amount: Math.round(milli / 1_000), gst: Math.round(gstMilli / 1_000), units, assumed },
  unpriced,
});

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
    result: result && { ...result, identical: identicalOf(replay) },
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
