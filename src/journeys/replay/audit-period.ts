import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database, type Queryable } from '@wapas/database';
import { groupBy, hours, toIso } from '@wapas/kernel';
import { claimReader, type RecordedMessage, replayClaims } from '../../channels/channels.api';
import { CONFIG, type Config } from '../../config/config';
import { eventReader, type StoredEvent } from '../../ingestion/ingestion.api';
import { Catalogue } from '../catalogue';
import { factsOf } from '../facts-of-event';
import { type Intervention } from '../rules/recorded';
import { type RunFacts, type RunInput } from '../rules/run';
import { type RecordedLine, type RecordedRun, replayRun } from './rules/replay-run';
import { recordedRunStore, type RunPeriod, type StoredLine, type StoredRecord } from './store/recorded-run.store';
import { type Replay } from './store/replay.store';
import { type ReplayWork, type WorkedPiece } from './replay-work';

const WALK = 2_000;
const FIRST = '00000000-0000-0000-0000-000000000000';
/** What is listed; what is beyond is counted. */
const MOST_LINES = 10_000;

/** Why a run cannot be lived again. */
type Gone = 'entered_before_recording' | 'erased' | 'facts_retired' | 'unreadable';

/** What an audit has found so far. */
export interface AuditResult {
  readonly runs: number;
  readonly decisions: number;
  readonly claims: number;
  readonly differences: number;
  /** Runs that could not be lived again, by reason. */
  readonly notReplayed: Readonly<Partial<Record<Gone, number>>>;
  readonly [more: string]: unknown;
}

const NOTHING: AuditResult = { runs: 0, decisions: 0, claims: 0, differences: 0, notReplayed: {} };

/**
 * Lives every run of a version that entered in a period once more, with the inputs that were recorded, through decide() and
 * maySend() as they are today. A difference is a bug of then or of now, or a row that somebody changed.
 */
@Injectable()
export class AuditPeriod implements ReplayWork {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(Catalogue) private readonly catalogue: Catalogue,
  ) {}

  /** Goes on where the replay was left. */
  async *work(replay: Replay): AsyncGenerator<WorkedPiece> {
    const period: RunPeriod = { journeyKey: replay.journeyKey, version: replay.version ?? 0, from: replay.from, to: replay.to };
    const total = replay.total ?? (await recordedRunStore.count(this.database, period));
    let listed = replay.lines;
    let result = { ...NOTHING, ...replay.result };
    for (let afterId = (replay.place?.afterId as string | undefined) ?? FIRST; ;) {
      const page = await this.read(period, afterId);
      afterId = page.walkedTo ?? afterId;
      const found = this.audit(period, page);
      result = sum(result, found.result);
      const lines = found.lines.slice(0, Math.max(0, MOST_LINES - listed));
      listed += lines.length;
      yield { done: result.runs + countOf(result.notReplayed), total, place: { afterId }, result, lines };
      if (page.walkedTo === null) return;
    }
  }

  /** Everything at one moment: a run that goes on meanwhile would contradict itself. */
  private read(period: RunPeriod, afterId: string) {
    return this.database.transaction(async (tx) => {
      const { runs, walkedTo } = await recordedRunStore.after(tx, period, afterId, WALK);
      const messages = groupBy(
        runs.length === 0
          ? []
          : await claimReader.ofRuns(
              tx,
              runs.map(({ id }) => id),
            ),
        ({ runId }) => runId,
      );
      return { runs, walkedTo, messages, events: await eventsOf(tx, runs) };
    }, `set local transaction_isolation = 'repeatable read'`);
  }

  private audit(period: RunPeriod, { runs, messages, events }: Awaited<ReturnType<AuditPeriod['read']>>) {
    const version = this.catalogue.versionOf(period.journeyKey, period.version);
    const lines: object[] = [];
    let result = NOTHING;
    for (const stored of runs) {
      const read = this.recordOf(stored, events);
      if (typeof read === 'string') {
        result = sum(result, { ...NOTHING, notReplayed: { [read]: 1 } });
        continue;
      }
      const replayed = replayRun(version, read);
      const claimed = messages.get(stored.id) ?? [];
      const differences = [
        ...replayed.differences.map((one) => ({ runId: stored.id, what: 'decision', ...one, at: toIso(one.at) })),
        ...claimed.flatMap(replayClaims).map((one) => ({ runId: stored.id, what: 'claim', ...one, at: toIso(one.at) })),
      ];
      lines.push(...differences);
      result = sum(result, { ...NOTHING, runs: 1, decisions: replayed.decisions, claims: claimsIn(claimed), differences: differences.length }); // prettier-ignore
    }
    return { result, lines };
  }

  private recordOf(stored: StoredRecord, { events, unreadable }: EventsOfRuns): RecordedRun | Gone {
    const { enteredAt, facts: latest } = stored;
    if (enteredAt === null) return 'entered_before_recording';
    if (stored.endReason === 'erased') return 'erased';
    if (this.clock.now() - enteredAt > hours(24 * this.config.retention.payloadDays)) return 'facts_retired';
    // The key is missing: without what the run knew every decision would look like another one.
    if (!stored.isReadable) return 'unreadable';
    const asked = eventIdsOf(stored);
    // A run from before it was kept when attempts happened took them as they came.
    const isInOrder = latest.happenedAt !== undefined;
    const factsOfEvent = (id: string): RunFacts | null => factsIn(events.get(id), isInOrder);
    const first = asked.length > 0 ? factsOfEvent(stored.triggerId) : latest;
    // No attempt changes what was known of the person.
    const facts = first && { ...first, known: latest.known };
    const lines = stored.lines.map((line) => lineOf(line, factsOfEvent));
    if (facts === null || lines.includes(null)) return asked.some((id) => unreadable.has(id)) ? 'unreadable' : 'erased';
    const moved = stored.lines.find(({ input }) => input?.kind === 'moved')?.input?.detail.from as string | undefined;
    const { id, arm, memory } = stored;
    const unit = moved ?? stored.personId;
    return { id, enteredAt, unit, arm, shadow: memory.shadow === true, facts, lines: lines as RecordedLine[], row: stored };
  }
}

interface EventsOfRuns {
  readonly events: ReadonlyMap<string, StoredEvent>;
  /** Those that are there and cannot be opened: what was erased is not among them. */
  readonly unreadable: ReadonlySet<string>;
}

async function eventsOf(db: Queryable, runs: readonly StoredRecord[]): Promise<EventsOfRuns> {
  const ids = runs.flatMap(eventIdsOf);
  if (ids.length === 0) return { events: new Map(), unreadable: new Set() };
  const { events, unreadable } = await eventReader.openedByIds(db, ids);
  return { events: new Map(events.map((event) => [event.id, event])), unreadable };
}

/** The events that began a run of several attempts and went into it: facts are not recorded twice. Of one attempt the run knows all. */
function eventIdsOf({ triggerId, lines }: StoredRecord): string[] {
  const further = lines.flatMap(({ input }) => (input?.kind === 'another_attempt' ? [input.detail.eventId as string] : []));
  return further.length === 0 ? [] : [triggerId, ...further];
}

/** Null when the event or its content is gone. */
function factsIn(event: StoredEvent | undefined, isInOrder: boolean): RunFacts | null {
  if (event?.content.keys === undefined) return null;
  const { happenedAt, ...facts } = factsOf(event);
  return isInOrder ? { happenedAt, ...facts } : facts;
}

/** Null when what it said is gone. */
function lineOf({ at, input, decision }: StoredLine, factsOfEvent: (id: string) => RunFacts | null): RecordedLine | null {
  if (decision) return { what: 'decision', at, decision };
  const { kind, detail } = input as NonNullable<StoredLine['input']>;
  if (kind === 'unparked' || kind === 'moved')
    return { what: 'intervention', at, intervention: { kind, ...detail } as unknown as Intervention };
  if (kind !== 'another_attempt') return { what: 'input', at, input: { kind, ...detail } as unknown as RunInput };
  const eventId = detail.eventId as string;
  const facts = factsOfEvent(eventId);
  return facts && { what: 'input', at, input: { kind, eventId, facts } };
}

const claimsIn = (messages: readonly RecordedMessage[]): number => messages.reduce((sum, { claims }) => sum + claims.length, 0);

function sum(one: AuditResult, other: AuditResult): AuditResult {
  const notReplayed: Partial<Record<Gone, number>> = { ...one.notReplayed };
  for (const [reason, count] of Object.entries(other.notReplayed) as [Gone, number][])
    notReplayed[reason] = (notReplayed[reason] ?? 0) + count;
  return {
    runs: one.runs + other.runs,
    decisions: one.decisions + other.decisions,
    claims: one.claims + other.claims,
    differences: one.differences + other.differences,
    notReplayed,
  };
}

const countOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, one) => total + one, 0);
