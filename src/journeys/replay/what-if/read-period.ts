import { type Queryable } from '@wapas/database';
import { type EntityKey, type EntityKeys, type KeyKind } from '@wapas/entity-keys';
import { groupBy, hours, type Instant } from '@wapas/kernel';
import { pastMessages } from '../../../channels/past-messages.api';
import {
  beganAt,
  eventReader,
  type KeyedEvent,
  type PastMark,
  pastEvents,
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
import { type PageSize, ReadStretches, type Stretch } from './read-stretches';

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

/** Reads the events of a period in the order in which they came, with all that is asked about them. Pages are read while another is lived. */
export class ReadPeriod {
  /** The kinds of key by which runs are found, and the marks that matter under each. */
  private readonly kinds: ReadonlyMap<KeyKind, readonly string[]>;
  private readonly stretches: ReadStretches;
  /** Where the reading of stretches has got to. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly period: PeriodToRead,
    private readonly sources: Sources,
  ) {
    const { version, ...times } = period;
    this.kinds = new Map([...kindsOf(version)].map((kind) => [kind, marksThatMatter(version, kind)]));
    const asked = { ...times, names: namesReadFor(version), trigger: version.trigger.event, kinds: this.kinds };
    this.stretches = new ReadStretches(asked, sources.db, sources.hasher);
  }

  /**
   * The next events; null when there are no more. A page may be empty: nothing happened for a while. The next but one may be asked for
   * before the next has come: stretches are read one after the other, what surrounds them beside each other.
   */
  next(): Promise<PeriodPage | null> {
    const stretch = this.turn.then(() => this.stretches.next());
    this.turn = stretch;
    return stretch.then((read) => read && this.withSurroundings(read));
  }

  private async withSurroundings({ events, concerningNobody, readTo }: Stretch): Promise<PeriodPage> {
    const triggers = events.filter(({ event }) => this.stretches.isTrigger(event));
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
        const trigger = this.stretches.isTrigger(one.event)
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
