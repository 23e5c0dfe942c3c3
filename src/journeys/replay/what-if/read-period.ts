import { type Queryable } from '@wapas/database';
import { type EntityKey, type EntityKeys, type KeyKind } from '@wapas/entity-keys';
import { groupBy, hours, inSlices, type Instant } from '@wapas/kernel';
import { pastMessages } from '../../../channels/past-messages.api';
import {
  beganAt,
  eventReader,
  type KeyedEvent,
  keysOf,
  type PastMark,
  pastEvents,
  type ReadEvent,
  type StoredEvent,
} from '../../../ingestion/past-events.api';
import { type PeopleOfThen } from '../../../profiles/people-of-then.api';
import { arrived, factsAbout, factsOf } from '../../facts-of-event';
import { correlationOf } from '../../guard-of-trigger';
import { type JourneyVersion } from '../../rules/definition';
import { confirmationAmong, endingsAmong, kindsOf, marksThatMatter, namesOf, unsaidAmong } from '../../rules/endings';
import { type RunFacts } from '../../rules/run';
import { type PastRun, pastRuns } from '../store/past-run.store';
import { type PeriodPage, type PeriodTrigger, type ReadPerson, type RealRun } from './period-page';
import { RecentKeys } from './recent-keys';
import { SeenKeys } from './seen-keys';

export interface PeriodToRead {
  readonly version: JourneyVersion;
  readonly from: Instant;
  /** Triggers count until here, exclusive. */
  readonly to: Instant;
  /** Nothing later is read. */
  readonly horizon: Instant;
  readonly pages: PageSize;
}

/** Every event that a version may care about. */
export const namesReadFor = (version: JourneyVersion): string[] => [
  ...new Set([version.trigger.event, ...namesOf(version), ...version.silence]),
];

/** How many events are read at a time. */
export interface PageSize {
  /** What stretches of time are chosen for. */
  readonly wanted: number;
  /** More are read in several stretches. */
  readonly most: number;
  /** Of so many that may concern somebody it is asked at once what surrounds them. */
  readonly together: number;
}

type EventToLive = KeyedEvent & { readonly isUnreadable?: true };

interface Stretch {
  readonly events: readonly EventToLive[];
  readonly concerningNobody: number;
  readonly readTo: Instant;
}

interface Sources {
  readonly db: Queryable;
  readonly hasher: EntityKeys;
  readonly peopleOfThen: PeopleOfThen;
}

/**
 * The index by time finds blocks of some 1,800 events, whatever is asked of it: stretches of a thousand read each event five times. Twice as
 * many together are hardly faster, and what is read lives on through more collections of garbage.
 */
export const PAGE: PageSize = { wanted: 4_000, most: 8_000, together: 1_000 };
const FIRST_STRETCH_MS = 60_000;
const SHORTEST_STRETCH_MS = 1_000;
const LONGEST_STRETCH_MS = hours(24);
const FIRST = '00000000-0000-0000-0000-000000000000';
const CAPS_LOOK_BACK_MS = hours(24 * 7);

/**
 * Reads the events of a period in the order in which they came: stretch by stretch of time, since the table's index by time finds
 * stretches and keeps no order. A stretch grows and shrinks with what the one before held. Pages are read while another is lived.
 */
export class ReadPeriod {
  private readonly names: readonly string[];
  /** The kinds of key by which runs are found, and the marks that matter under each. */
  private readonly kinds: ReadonlyMap<KeyKind, readonly string[]>;
  private readonly hasher: RecentKeys;
  /** Those under which a run may be found by now. */
  private readonly keysOfTriggers = new SeenKeys();
  private stretchMs = FIRST_STRETCH_MS;
  private from: Instant;
  private afterId = FIRST;
  /** Of the stretch that was read last. */
  private waiting: Stretch[] = [];
  /** Where the reading of stretches has got to. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly period: PeriodToRead,
    private readonly sources: Sources,
  ) {
    const { version } = period;
    this.names = namesReadFor(version);
    this.kinds = new Map([...kindsOf(version)].map((kind) => [kind, marksThatMatter(version, kind)]));
    this.hasher = new RecentKeys(sources.hasher);
    this.from = period.from;
  }

  /**
   * The next events; null when there are no more. A page may be empty: nothing happened for a while. The next but one may be asked for
   * before the next has come: stretches are read one after the other, what surrounds them beside each other.
   */
  next(): Promise<PeriodPage | null> {
    const stretch = this.turn.then(() => this.stretch());
    this.turn = stretch;
    return stretch.then((read) => read && this.withSurroundings(read));
  }

  private async stretch(): Promise<Stretch | null> {
    const { horizon, pages } = this.period;
    const waiting = this.waiting.shift();
    if (waiting) return waiting;
    if (this.from >= horizon) return null;
    const to = Math.min(this.from + this.stretchMs, horizon) as Instant;
    const stored = await pastEvents.between(
      this.sources.db,
      { from: this.from, to, names: this.names },
      this.afterId,
      pages.most,
    );
    const last = stored.at(-1);
    if (last && stored.length === pages.most) {
      this.from = last.receivedAt;
      this.afterId = last.id;
    } else {
      this.from = to;
      this.afterId = FIRST;
    }
    if (stored.length > pages.wanted * 1.5) this.stretchMs = Math.max(SHORTEST_STRETCH_MS, this.stretchMs / 2);
    if (stored.length < pages.wanted * 0.75) this.stretchMs = Math.min(LONGEST_STRETCH_MS, this.stretchMs * 2);
    const events: EventToLive[] = [];
    let concerningNobody = 0;
    for (const one of stored) {
      const event = this.keyed(one);
      if (this.mayConcernSomebody(event)) events.push(event);
      else if (one.receivedAt < this.period.to) concerningNobody += 1;
    }
    const parts = inSlices(events, pages.together).map((some) => ({
      events: some,
      concerningNobody: 0,
      readTo: (some.at(-1) as EventToLive).event.receivedAt,
    }));
    const rest = { events: parts.pop()?.events ?? [], concerningNobody, readTo: this.from };
    this.waiting = [...parts, rest];
    return this.waiting.shift() as Stretch;
  }

  /**
   * Asked in the order of events. In most months most payments come in at once: whatever shares no key with a trigger before it finds no
   * run, and need not be lived.
   */
  private mayConcernSomebody({ event, keys, isUnreadable }: EventToLive): boolean {
    if (isUnreadable) return true;
    if (!this.isTrigger(event)) return keys.some(({ key }) => this.keysOfTriggers.mayHave(key));
    for (const { kind, key } of keys) if (this.kinds.has(kind)) this.keysOfTriggers.add(key);
    return true;
  }

  /** Whatever is no trigger matters by the keys alone under which runs are found. */
  private keyed(read: ReadEvent): EventToLive {
    if (read.content === null) return { event: { ...read, content: {} }, keys: [], isUnreadable: true };
    const event = read as StoredEvent;
    return { event, keys: keysOf(this.hasher, event, this.isTrigger(event) ? undefined : this.kinds) };
  }

  private isTrigger = ({ name }: StoredEvent): boolean => name === this.period.version.trigger.event;

  private async withSurroundings({ events, concerningNobody, readTo }: Stretch): Promise<PeriodPage> {
    const triggers = events.filter(({ event }) => this.isTrigger(event));
    const inTime = triggers.filter(({ event }) => event.receivedAt < this.period.to);
    const [owners, marks] = await Promise.all([
      this.sources.peopleOfThen.owners(this.sources.db, inTime),
      this.marksOf(triggers),
    ]);
    const [{ people, real }, said] = await Promise.all([this.livesOf(inTime, [...new Set(owners.values())]), this.saidAmong(triggers, marks)]); // prettier-ignore
    return {
      events: events.map((one) => {
        const { id, name, occurredAt, receivedAt } = one.event;
        const facts = factsOf(one.event);
        const trigger = this.isTrigger(one.event)
          ? this.triggerOf(one, facts, {
              person: people.get(owners.get(id) ?? '') ?? null,
              real: real.get(id) ?? null,
              marks,
              said,
            })
          : null;
        const { keys, isUnreadable } = one;
        const begun = beganAt(one.event);
        return { id, name, occurredAt, beganAt: begun, receivedAt, keys, facts, trigger, ...(isUnreadable && { isUnreadable }) };
      }),
      concerningNobody,
      readTo,
    };
  }

  private triggerOf(
    { event, keys }: KeyedEvent,
    facts: RunFacts,
    {
      person,
      real,
      marks,
      said,
    }: Pick<PeriodTrigger, 'person' | 'real'> & { marks: Marks; said: ReadonlyMap<string, StoredEvent> },
  ): PeriodTrigger {
    const { version } = this.period;
    const taken = person
      ? factsAbout(facts, { ...person.known, addresses: person.known.addresses.map(({ kind }) => kind) })
      : facts;
    const before = marksBefore(marks, event);
    return {
      facts: taken,
      isContentGone: event.content.keys === undefined && event.content.person === undefined,
      matter: correlationOf({ version, event, keys }),
      marks: keys.flatMap(({ key }) => before(key).map(({ eventName, occurredAt }) => ({ key, eventName, occurredAt }))),
      endings: endingsAmong(version, taken, keys, before, (id) => {
        const one = said.get(id);
        return one && arrived(one);
      }),
      confirmedBy: confirmationAmong(version, event.occurredAt, keys, before),
      phone: event.content.person?.phone,
      person,
      real,
    };
  }

  /** What was known of people, what they had been through, and what really became of these triggers of theirs. */
  private async livesOf(
    triggers: readonly KeyedEvent[],
    personIds: readonly string[],
  ): Promise<{ people: ReadonlyMap<string, ReadPerson>; real: ReadonlyMap<string, RealRun> }> {
    const { version, from, horizon } = this.period;
    const { db, peopleOfThen } = this.sources;
    const triggerIds = triggers.map(({ event }) => event.id);
    const [histories, runs] = await Promise.all([
      peopleOfThen.histories(db, personIds),
      pastRuns.ofPeople(db, { journeyKey: version.key, personIds, before: from, triggerIds }),
    ]);
    const earlierRuns = runs.filter(({ enteredAt }) => enteredAt < from);
    const [taken, real] = await Promise.all([
      pastMessages.taken(db, {
        personIds,
        from: (from - CAPS_LOOK_BACK_MS) as Instant,
        to: horizon,
        // What this journey really sent in the period is what is being asked anew.
        without: { journeyKey: version.key, since: from, butOfRuns: earlierRuns.map(({ id }) => id) },
      }),
      this.realOf(runs.filter(({ enteredAt }) => enteredAt >= from)),
    ]);
    const earlier = groupBy(earlierRuns, ({ personId }) => personId);
    const others = groupBy(taken, ({ personId }) => personId);
    const read = histories.map((known) => ({ known, earlier: earlier.get(known.id) ?? [], others: others.get(known.id) ?? [] }));
    return { people: new Map(read.map((person) => [person.known.id, person])), real };
  }

  /** Under the keys by which anything could end the run of a trigger. */
  private async marksOf(triggers: readonly KeyedEvent[]): Promise<Marks> {
    // Triggers come in the order of time: of several with a key the last one asks for the most.
    const read = [...this.kinds].map(([kind, names]) => {
      const last = new Map<EntityKey, StoredEvent>();
      for (const { event, keys } of triggers) for (const one of keys) if (one.kind === kind) last.set(one.key, event);
      return pastEvents.marks(this.sources.db, last, names);
    });
    return groupBy((await Promise.all(read)).flat(), ({ key }) => key as string);
  }

  private async saidAmong(triggers: readonly KeyedEvent[], marks: Marks): Promise<ReadonlyMap<string, StoredEvent>> {
    const ids = triggers.flatMap(({ event, keys }) =>
      unsaidAmong(this.period.version, beganAt(event) ?? event.occurredAt, keys, marksBefore(marks, event)),
    );
    if (ids.length === 0) return NOBODY;
    const { events } = await eventReader.openedByIds(this.sources.db, [...new Set(ids)]);
    return new Map(events.map((event) => [event.id, event]));
  }

  private async realOf(runs: readonly PastRun[]): Promise<ReadonlyMap<string, RealRun>> {
    if (runs.length === 0) return NOBODY;
    const sent = await pastMessages.ofRuns(
      this.sources.db,
      runs.map(({ id }) => id),
    );
    return new Map(
      runs.map(({ id, triggerId, personId, unit, arm, version }) => [
        triggerId,
        { id, personId, unit, arm, version, messages: sent.get(id) ?? [] },
      ]),
    );
  }
}

const NOBODY: ReadonlyMap<string, never> = new Map<string, never>();

type Marks = ReadonlyMap<string, readonly PastMark[]>;

/** Marks that had been left before an event came, by key. */
const marksBefore =
  (marks: Marks, event: StoredEvent) =>
  (key: string): readonly PastMark[] =>
    marks
      .get(key)
      ?.filter(
        ({ receivedAt, eventId }) => receivedAt < event.receivedAt || (receivedAt === event.receivedAt && eventId < event.id),
      ) ?? NONE;

const NONE: readonly never[] = [];
