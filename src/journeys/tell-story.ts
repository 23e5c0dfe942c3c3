import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database } from '@wapas/database';
import { type Instant, toInstant } from '@wapas/kernel';
import { messageReader, type MessageStory } from '../channels/channels.api';
import { amountAsPosted, eventReader, type ReadEvent } from '../ingestion/ingestion.api';
import { people } from '../profiles/profiles.api';
import { type Refusal, type RunStory, storyStore } from './store/story.store';

/** One thing that happened to a customer, or that was decided about them, and why. */
export interface TimelineEntry {
  readonly at: Instant;
  readonly what:
    | 'event'
    | 'entered'
    | 'not_entered'
    | 'decided'
    | 'planned'
    | 'called'
    | 'answered'
    | 'heard'
    | 'settled'
    | 'stopped'
    | 'resumed'
    | 'ended';
  readonly journey?: string;
  readonly runId?: string;
  readonly step?: string;
  readonly channel?: string;
  readonly messageId?: string;
  readonly eventId?: string;
  /** What exactly, as a machine code or an event name. */
  readonly outcome: string;
  readonly reason?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

type Stop = Awaited<ReturnType<typeof people.stopsOf>>[number];

const MOST_RUNS = 50;
const MOST_EVENTS = 200;
const MOST_STOPS = 50;

/** Answers "what happened to this customer, and why?" and "why nothing?". Holds no address and no message text. */
@Injectable()
export class TellStory {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
  ) {}

  /** Null when there is no such run. */
  async ofRun(id: string): Promise<{ run: RunStory; timeline: TimelineEntry[] } | null> {
    const run = await storyStore.run(this.database, id);
    if (!run) return null;
    const ids = [
      run.triggerId,
      ...(run.endEventId ? [run.endEventId] : []),
      ...run.decisions.flatMap(({ detail }) => (typeof detail?.eventId === 'string' ? [detail.eventId] : [])),
    ];
    const [events, messages] = await Promise.all([
      eventReader.readByIds(this.database, [...new Set(ids)]),
      messageReader.storiesOf(this.database, [id]),
    ]);
    return { run, timeline: this.arrange(events, [run], messages, []) };
  }

  /** Null when there is no such person. The latest 50 runs, 200 events and 50 stops. By the id of a guest who turned out to be a customer it is the customer's. */
  async ofPerson(asked: string): Promise<{ timeline: TimelineEntry[] } | null> {
    const id = await people.today(this.database, asked);
    if (!(await people.find(this.database, id))) return null;
    const keys = (await people.keysOf(this.database, id)).map(({ key }) => key);
    const others = await people.othersBeside(this.database, keys);
    const runs = await storyStore.runsOfPerson(this.database, id, MOST_RUNS);
    const [events, messages, refusals, stops] = await Promise.all([
      eventReader.readByKeys(this.database, { keys, others, limit: MOST_EVENTS }),
      messageReader.storiesOf(
        this.database,
        runs.map((run) => run.id),
      ),
      storyStore.refusalsOfPerson(this.database, id, MOST_EVENTS),
      people.stopsOf(this.database, id, MOST_STOPS),
    ]);
    return { timeline: this.arrange(events, runs, messages, refusals, stops) };
  }

  /** Why triggers of a journey started nothing lately, those about nobody included, whom no timeline has. */
  async ofRefusals(journeyKey: string, forMs: number) {
    const since = (this.clock.now() - forMs) as Instant;
    const [reasons, latest] = await Promise.all([
      storyStore.refusalCounts(this.database, journeyKey, since),
      storyStore.latestRefusals(this.database, journeyKey, since, MOST_RUNS),
    ]);
    return { since, reasons, latest };
  }

  private arrange(
    events: readonly ReadEvent[],
    runs: readonly RunStory[],
    messages: readonly MessageStory[],
    refusals: readonly Refusal[],
    stops: readonly Stop[] = [],
  ): TimelineEntry[] {
    const entries = [
      ...events.map(eventEntry),
      ...runs.flatMap(runEntries),
      ...messages.flatMap((message) => this.messageEntries(message)),
      ...refusals.map(refusalEntry),
      ...stops.flatMap(stopEntries),
    ];
    return entries.sort((a, b) => a.at - b.at || ORDER.indexOf(a.what) - ORDER.indexOf(b.what));
  }

  private messageEntries(message: MessageStory): TimelineEntry[] {
    const { id: messageId, runId, step, channel, state, reason } = message;
    const base = { messageId, runId, step, channel };
    const planned: TimelineEntry = {
      ...base,
      at: toInstant(message.createdAt),
      what: 'planned',
      outcome: 'planned',
      detail: {
        dueAt: message.dueAt,
        notAfter: message.notAfter,
        ...(message.template === null ? {} : { template: message.template }),
        ...(message.locale === null ? {} : { locale: message.locale }),
      },
    };
    const calls = message.attempts.map((attempt): TimelineEntry => ({
      ...base,
      at: this.answeredAt(message, attempt.endedAt),
      what: 'answered',
      outcome: attempt.outcome,
      reason: attempt.code ?? undefined,
      detail: {
        provider: attempt.provider,
        attempt: attempt.fence,
        milliseconds: Date.parse(attempt.endedAt) - Date.parse(attempt.startedAt),
        words: attempt.detail,
      },
    }));
    const called: TimelineEntry[] = message.calledAt
      ? [{ ...base, at: toInstant(message.calledAt), what: 'called', outcome: 'called', detail: { provider: message.provider } }]
      : [];
    const heard = message.receipts.map((receipt): TimelineEntry => ({
      ...base,
      at: toInstant(new Date(receipt.receivedAt)),
      what: 'heard',
      outcome: receipt.kind,
      reason: receipt.code ?? undefined,
      detail: { provider: receipt.provider },
    }));
    const last = Math.max(planned.at, message.settledAt?.getTime() ?? 0, ...[...called, ...calls].map(({ at }) => at)) as Instant;
    const settled: TimelineEntry[] =
      state === 'planned' || state === 'calling' || state === 'retryable'
        ? []
        : [{ ...base, at: last, what: 'settled', outcome: state, reason: reason ?? undefined }];
    return [planned, ...called, ...calls, ...heard, ...settled];
  }

  /** Calls are timed in real time; the last one began at a business time that is known, so the others are counted from there. */
  private answeredAt({ calledAt, createdAt, attempts }: MessageStory, endedAt: string): Instant {
    const lastBegan = Date.parse(attempts.at(-1)?.startedAt ?? endedAt);
    return Math.round((calledAt ?? createdAt).getTime() + (Date.parse(endedAt) - lastBegan) * this.clock.rate) as Instant;
  }
}

const ORDER: TimelineEntry['what'][] = [
  'event',
  'not_entered',
  'entered',
  'decided',
  'planned',
  'called',
  'answered',
  'settled',
  'heard',
  'stopped',
  'resumed',
  'ended',
];

function eventEntry({ id, name, occurredAt, receivedAt, source, content }: ReadEvent): TimelineEntry {
  return {
    at: occurredAt,
    what: 'event',
    eventId: id,
    outcome: name,
    reason: content?.reason?.class,
    detail: {
      source,
      receivedAt: new Date(receivedAt),
      ...(content ? { keys: content.keys, amount: amountAsPosted(content) } : { unreadable: true }),
    },
  };
}

function runEntries(run: RunStory): TimelineEntry[] {
  const base = { journey: run.journeyKey, runId: run.id };
  const entered: TimelineEntry = {
    ...base,
    at: toInstant(run.enteredAt),
    what: 'entered',
    eventId: run.triggerId,
    outcome: run.arm,
    detail: { version: run.version, startedAt: run.startedAt, until: run.expiresAt, ...(run.shadow ? { shadow: true } : {}) },
  };
  const keptBy = run.shadow ? 'shadow' : 'holdout';
  const decided = run.decisions
    .filter(({ kind }) => kind !== 'end')
    .map((decision): TimelineEntry => ({
      ...base,
      at: toInstant(new Date(decision.at)),
      what: 'decided',
      step: decision.step ?? undefined,
      outcome: decision.kind,
      reason: decision.reason ?? (decision.kind === 'ghost' ? keptBy : undefined),
      detail: decision.detail ?? undefined,
    }));
  const ended: TimelineEntry[] = run.endedAt
    ? [
        {
          ...base,
          at: toInstant(run.endedAt),
          what: 'ended',
          eventId: run.endEventId ?? undefined,
          outcome: run.endReason ?? 'ended',
        },
      ]
    : [];
  return [entered, ...decided, ...ended];
}

/** What forbade messages, whoever said it and however, and when that was taken back. */
function stopEntries({ channel, purpose, reason, source, createdAt, expiresAt, liftedAt }: Stop): TimelineEntry[] {
  const base = {
    channel: channel ?? undefined,
    outcome: reason,
    detail: { purpose: purpose ?? 'all', source, until: expiresAt },
  };
  const stopped: TimelineEntry = { ...base, at: toInstant(createdAt), what: 'stopped' };
  return liftedAt === null ? [stopped] : [stopped, { ...base, at: toInstant(liftedAt), what: 'resumed' }];
}

function refusalEntry({ eventId, journeyKey, reason, at, version }: Refusal): TimelineEntry {
  return {
    at: toInstant(at),
    what: 'not_entered',
    journey: journeyKey,
    eventId,
    outcome: 'not_entered',
    reason,
    detail: { version },
  };
}
