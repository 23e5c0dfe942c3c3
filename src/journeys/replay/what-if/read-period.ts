import { type Queryable } from '@wapas/database';
import { type EntityKey, type EntityKeys, type KeyKind } from '@wapas/entity-keys';
import { after, type Duration, groupBy, hours, type Instant } from '@wapas/kernel';
import { pastMessages } from '../../../channels/past-messages.api';
import {
  type AskedMarks,
  beganAt,
  eventReader,
  type KeyedEvent,
  keysOf,
  type PastMark,
  pastEvents,
  type Place,
  type ReadEvent,
  type StoredEvent,
} from '../../../ingestion/past-events.api';
import { type PeopleOfThen } from '../../../profiles/people-of-then.api';
import { arrived, factsOf } from '../../facts-of-event';
import { correlationOf } from '../../guard-of-trigger';
import { type JourneyVersion } from '../../rules/definition';
import {
  confirmationAmong,
  endingsAmong,
  kindsOf,
  marksThatMatter,
  namesHeardBy,
  namesOf,
  unsaidAmong,
} from '../../rules/endings';
import { isAbsorbing } from '../../rules/enrol';
import { type RunFacts } from '../../rules/run';
import { longestLife } from '../../rules/start-run';
import { type PastRun, pastRuns } from '../store/past-run.store';
import { EventsAhead, isBehind } from './events-ahead';
import { factsTakenIn, type PeriodPage, type PeriodTrigger, type ReadPerson, type RealRun } from './period-page';
import { type PageSize, placeOf, ReadStretches } from './read-stretches';
import { RecentKeys } from './recent-keys';

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

interface Sources {
  readonly db: Queryable;
  readonly hasher: EntityKeys;
  readonly peopleOfThen: PeopleOfThen;
}

const CAPS_LOOK_BACK_MS = hours(24 * 7);
/** Orders and payments are settled once and for all, however long ago. */
const EVER = 0 as Instant;

/** Which marks under a kind of key are asked for. */
interface MarksOfKind {
  readonly kind: KeyKind;
  readonly names: readonly string[];
  /** Of those that were left before a trigger. */
  readonly before: ReadonlySet<string>;
  /** Of those that are left behind it. */
  readonly behind: ReadonlySet<string>;
}

type EventToLive = KeyedEvent & { readonly isUnreadable?: true };

/** Some events to live, with the marks that had been left under the keys of the triggers among them. */
interface Read extends Pick<PeriodPage, 'came' | 'readTo'> {
  readonly events: readonly EventToLive[];
  readonly marks: Marks;
}

/**
 * Reads what a version may care about of the events of a period, in the order in which they came: its triggers, and whatever shares a key
 * with one while a run of it may be live. The marks that events leave tell of these, so in most months, in which most payments come in at
 * once, most events are never opened. Pages are read while another is lived.
 */
export class ReadPeriod {
  private readonly marksOfKinds: readonly MarksOfKind[];
  /** Those by which runs are found. */
  private readonly kinds: ReadonlySet<KeyKind>;
  private readonly stretches: ReadStretches;
  private readonly ahead = new EventsAhead();
  private readonly hasher: RecentKeys;
  private readonly longestLife: Duration;
  /** Where the reading of events has got to. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly period: PeriodToRead,
    private readonly sources: Sources,
  ) {
    const { version, ...times } = period;
    this.kinds = kindsOf(version);
    this.marksOfKinds = [...this.kinds].map((kind) => {
      const before = new Set(marksThatMatter(version, kind));
      // Every trigger is read.
      const behind = new Set(namesHeardBy(version, kind).filter((name) => name !== version.trigger.event));
      return { kind, names: [...new Set([...before, ...behind])], before, behind };
    });
    this.longestLife = longestLife(version);
    this.hasher = new RecentKeys(sources.hasher);
    this.stretches = new ReadStretches({ ...times, names: namesReadFor(version), trigger: version.trigger.event }, sources.db);
  }

  /**
   * The next events; null when there are no more. A page may be empty: nothing happened for a while. The next but one may be asked for
   * before the next has come: events are read one page after the other, what surrounds them beside each other.
   */
  next(): Promise<PeriodPage | null> {
    const read = this.turn.then(() => this.read());
    this.turn = read;
    return read.then((events) => events && this.withSurroundings(events));
  }

  private async read(): Promise<Read | null> {
    const stretch = await this.stretches.next();
    if (stretch === null) return null;
    const triggers = stretch.triggers.map((one) => this.keyed(one));
    const marks = await this.marksOf(triggers);
    const others = await pastEvents.byIds(this.sources.db, this.ahead.take(stretch.end));
    const events = others.length === 0 ? triggers : [...triggers, ...others.map((one) => this.keyed(one))].sort(inOrder);
    return { events, marks, came: stretch.events ?? 0, readTo: stretch.readTo };
  }

  /** Whatever is no trigger matters by the keys alone under which runs are found. */
  private keyed(read: ReadEvent): EventToLive {
    if (read.content === null) return { event: { ...read, content: {} }, keys: [], isUnreadable: true };
    const event = read as StoredEvent;
    return { event, keys: keysOf(this.hasher, event, this.isTrigger(event) ? undefined : this.kinds) };
  }

  private isTrigger = ({ name }: StoredEvent): boolean => name === this.period.version.trigger.event;

  private async withSurroundings({ events, marks, came, readTo }: Read): Promise<PeriodPage> {
    const triggers = events.filter(({ event }) => this.isTrigger(event));
    const inTime = triggers.filter(({ event }) => event.receivedAt < this.period.to);
    const owners = await this.sources.peopleOfThen.owners(this.sources.db, inTime);
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
      people: [...people.values()],
      came,
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
    }: Pick<PeriodTrigger, 'real'> & { person: ReadPerson | null; marks: Marks; said: ReadonlyMap<string, StoredEvent> },
  ): PeriodTrigger {
    const { version } = this.period;
    const taken = factsTakenIn(facts, person?.known);
    const before = marksBefore(marks, event);
    return {
      isContentGone: event.content.keys === undefined && event.content.person === undefined,
      matter: correlationOf({ version, event, keys }),
      marks: keys.flatMap(({ key }) => before(key).map(({ eventName, occurredAt }) => ({ key, eventName, occurredAt }))),
      endings: endingsAmong(version, taken, keys, before, (id) => {
        const one = said.get(id);
        return one && arrived(one);
      }),
      confirmedBy: confirmationAmong(version, event.occurredAt, keys, before),
      phone: event.content.person?.phone,
      personId: person?.known.id ?? null,
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

  /**
   * Those that were left before these triggers under the keys by which anything could end their runs. What is left behind them while a run
   * may be live goes to what is ahead.
   */
  private async marksOf(triggers: readonly EventToLive[]): Promise<Marks> {
    const read = await Promise.all(this.marksOfKinds.map((ofKind) => this.marksOfKind(triggers, ofKind)));
    return groupBy(read.flat(), ({ key }) => key as string);
  }

  private async marksOfKind(
    triggers: readonly EventToLive[],
    { kind, names, before, behind }: MarksOfKind,
  ): Promise<readonly PastMark[]> {
    const asked = new Map<EntityKey, AskedMarks & { readonly first: Place }>();
    for (const { event, keys } of triggers) {
      const since = isAbsorbing(kind) ? EVER : (beganAt(event) ?? event.occurredAt);
      const until = Math.min(after(event.receivedAt, this.longestLife), this.period.horizon) as Instant;
      for (const one of keys) {
        if (one.kind !== kind) continue;
        const known = asked.get(one.key);
        asked.set(one.key, {
          since: known && known.since < since ? known.since : since,
          before: until,
          but: event.id,
          first: known?.first ?? placeOf(event),
        });
      }
    }
    const marks = await pastEvents.marks(this.sources.db, asked, names);
    for (const { key, eventName, eventId, receivedAt } of marks) {
      const place = { at: receivedAt, id: eventId };
      if (behind.has(eventName) && isBehind(place, asked.get(key)?.first ?? place)) this.ahead.add(place);
    }
    return marks.filter(({ eventName }) => before.has(eventName));
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

const inOrder = ({ event: one }: EventToLive, { event: other }: EventToLive): number =>
  one.receivedAt - other.receivedAt || (one.id < other.id ? -1 : 1);

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
