import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { BusinessClock } from '@wapas/database';
import { assertNever, isRecord } from '@wapas/kernel';
import { type Fault, Problem, type ProblemBody, problemOfFailure, unprocessable } from '@wapas/problems';
import { CallerOf, type Caller, Needs } from '../../access/access.api';
import { CONFIG, type Config } from '../../config/config';
import { KnownChannels } from '../../known-channels';
import { Log } from '../../log';
import { RecordEvents, type Recorded } from '../record-events';
import { checkEvent, type Checked } from '../rules/check-event';
import { batchSchema, eventSchema, MAX_BATCH } from '../rules/event-schema';
import { EventSchemas } from '../schemas/event-schemas';
import { BatchResultDto, EventResultDto } from './events.dto';
import { type CallerRequest } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { JsonLines, type Line } from '../../http/json-lines';

/** What one event of a batch came to, in its place. */
type ItemResult = EventResultDto & { index: number; problem?: ProblemBody };

@ApiTags('Ingestion')
@ApiBearerAuth()
@Controller('v1/events')
export class EventsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KnownChannels) private readonly channels: KnownChannels,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(RecordEvents) private readonly recordEvents: RecordEvents,
    @Inject(EventSchemas) private readonly schemas: EventSchemas,
    @Inject(Log) private readonly log: Log,
  ) {}

  @Post()
  @Needs('ingest')
  @ApiOperation({
    summary: 'Record one event',
    description: 'A 2xx means that the event is committed. Repeat a request that got no answer: with an `eventId` it acts once.',
  })
  @ApiBody({ schema: eventSchema as object })
  @ApiResponse({ status: 202, description: 'Recorded.', type: EventResultDto })
  @ApiResponse({ status: 200, description: 'This `eventId` was recorded before with the same content.', type: EventResultDto })
  @ApiProblems(400, 401, 403, 409, 413, 415, 422, 429, 503)
  async recordOne(@Req() request: CallerRequest, @Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    const caller = CallerOf(request);
    caller.takeBudget(1);
    const result = await this.recordEvents.record(this.checked(body, caller));
    const { status, answer } = answerTo(result);
    void reply.status(status).header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(answer));
  }

  @Post('batch')
  @HttpCode(202)
  @Needs('ingest')
  @ApiOperation({
    summary: `Record up to ${MAX_BATCH} events`,
    description:
      'Each item is recorded or refused on its own; the answer keeps the order. 202 when all were taken, 207 when some were not: look at each result. With `Content-Type: application/x-ndjson` the body is one event a line instead, at most 64 KiB each; a line that cannot be read is refused in its place.',
  })
  @ApiBody({ schema: batchSchema as object })
  @ApiResponse({ status: 202, description: 'All items were recorded, now or before.', type: BatchResultDto })
  @ApiResponse({ status: 207, description: 'Some items were refused.', type: BatchResultDto })
  @ApiProblems(400, 401, 403, 413, 415, 422, 429, 503)
  async recordBatch(@Req() request: CallerRequest, @Body() body: unknown, @Res() reply: FastifyReply): Promise<void> {
    const items = itemsOf(body);
    const caller = CallerOf(request);
    caller.takeBudget(items.length);
    const settled = await Promise.allSettled(items.map((item, index) => this.recordItem(item, index, caller)));
    const results = this.resultsOf(settled);
    const refused = results.some((result) => result.problem !== undefined);
    void reply
      .status(refused ? 207 : 202)
      .header('content-type', 'application/json; charset=utf-8')
      .send(JSON.stringify({ results }));
  }

  private async recordItem(item: Line, index: number, caller: Caller): Promise<ItemResult> {
    if (!item.ok) return { index, outcome: 'refused', problem: item.problem.toBody() };
    const checked = this.check(item.value, caller);
    if (!checked.ok) return { index, outcome: 'refused', problem: unprocessable(checked.faults).toBody() };
    const result = await this.recordEvents.record(checked.event);
    if (result.outcome === 'conflict') return { index, outcome: 'refused', problem: conflict(result.eventId).toBody() };
    return { index, outcome: result.outcome, eventId: result.eventId };
  }

  /** An item that failed on our side stands beside its neighbours that are stored; only when none is, the request has failed. */
  private resultsOf(settled: readonly PromiseSettledResult<ItemResult>[]): ItemResult[] {
    const [first] = settled;
    if (first?.status === 'rejected' && settled.every(({ status }) => status === 'rejected')) throw first.reason;
    return settled.map((one, index) => {
      if (one.status === 'fulfilled') return one.value;
      const problem = problemOfFailure(one.reason);
      if (problem.status === 500) this.log.trouble('event of a batch failed', one.reason, { index });
      return { index, outcome: 'refused', problem: problem.toBody() };
    });
  }

  private checked(body: unknown, caller: Caller) {
    if (!isRecord(body)) throw new Problem(400, 'not_an_object', 'The body must be one JSON object, an event.');
    const checked = this.check(body, caller);
    if (checked.ok) return checked.event;
    const tooDeep = checked.faults.find((fault: Fault) => fault.code === 'too_deep');
    throw tooDeep ? new Problem(400, tooDeep.code, tooDeep.detail) : unprocessable(checked.faults);
  }

  private check(body: unknown, caller: Caller): Checked {
    const checked = checkEvent(body, { now: this.clock.now(), test: caller.test, phones: this.config, channels: this.channels });
    const faults = checked.ok ? this.schemas.faultsOf(checked.event) : [];
    return faults.length > 0 ? { ok: false, faults } : checked;
  }
}

function answerTo(result: Recorded): { status: number; answer: EventResultDto } {
  switch (result.outcome) {
    case 'recorded':
      return { status: 202, answer: { outcome: 'recorded', eventId: result.eventId } };
    case 'duplicate':
      return { status: 200, answer: { outcome: 'duplicate', eventId: result.eventId, duplicate: true } };
    case 'conflict':
      throw conflict(result.eventId);
    default:
      return assertNever(result);
  }
}

const conflict = (eventId: string): Problem =>
  new Problem(
    409,
    'event_id_conflict',
    `This eventId was used before with other content (event ${eventId}). Use a new id for a new event.`,
  );

function itemsOf(body: unknown): readonly Line[] {
  const items = body instanceof JsonLines ? body.lines : eventsIn(body).map((value): Line => ({ ok: true, value }));
  if (items.length === 0) throw new Problem(400, 'empty_batch', 'The batch holds no event.');
  if (items.length > MAX_BATCH) throw new Problem(413, 'batch_too_large', `A batch takes at most ${MAX_BATCH} events.`);
  return items;
}

function eventsIn(body: unknown): readonly unknown[] {
  const fields = isRecord(body) ? body : undefined;
  if (!fields || !Array.isArray(fields.events) || Object.keys(fields).length !== 1)
    throw new Problem(400, 'not_a_batch', 'The body must be `{"events":[…]}` and nothing else.');
  return fields.events as unknown[];
}
