import { type Queryable } from '@wapas/database';
import { type EntityKey, type EntityKeys, type KeyKind } from '@wapas/entity-keys';
import { groupBy, hours, type Instant } from '@wapas/kernel';
import { type PastMessage, pastMessages } from '../../../channels/channels.api';
import {
  eventReader,
  type KeyedEvent,
  keysOf,
  type PastMark,
  pastEvents,
  type StoredEvent,
} from '../../../ingestion/ingestion.api';
import { type PeopleOfThen } from '../../../profiles/profiles.api';
import { type JourneyVersion } from '../../rules/definition';
import { endingNamesOf, kindsOf, namesOf, unsaidAmong } from '../../rules/endings';
import { type PastRun, pastRuns } from '../store/past-run.store';
import { type PeopleOfPeriod, PersonOfPeriod } from './people-of-period';
import { RecentKeys } from './recent-keys';

/** What really became of a trigger: its run, and the messages of that. */
export interface RealRun extends PastRun {
  readonly messages: readonly PastMessage[];
}

/** Some stored events, in the order in which they came, with all that is asked about the triggers among them. */
export interface PeriodPage {
  readonly events: readonly KeyedEvent[];
  /** The person of each trigger; absent: it names nobody who is known. */
  readonly owners: ReadonlyMap<string, string>;
  readonly people: ReadonlyMap<string, PersonOfPeriod>;
  readonly real: ReadonlyMap<string, RealRun>;
  readonly marks: ReadonlyMap<string, readonly PastMark[]>;
  /** Events that end a journey only when they say so. */
  readonly said: ReadonlyMap<string, StoredEvent>;
  /** Everything that came before this moment has been read. */
  readonly readTo: Instant;
}

export interface PeriodToRead {
  readonly version: JourneyVersion;
  readonly from: Instant;
  /** Triggers count until here, exclusive. */
  readonly to: Instant;
  /** Nothing later is read. */
  readonly horizon: Instant;
  readonly pages: PageSize;
}

/** How many events are read at a time. */
export interface PageSize {
  /** What stretches of time are chosen for. */
  readonly wanted: number;
  /** More are read in several pages. */
  readonly most: number;
}

type Stretch = Pick<PeriodPage, 'events' | 'readTo'>;

interface Sources {
  readonly db: Queryable;
  readonly hasher: EntityKeys;
  readonly peopleOfThen: PeopleOfThen;
  readonly people: PeopleOfPeriod;
}

/** Twice as many at a time are hardly faster, and what is read lives on through more collections of garbage. */
export const PAGE: PageSize = { wanted: 1_000, most: 2_000 };
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
  private readonly guardNames: readonly string[];
  private readonly kinds: ReadonlySet<KeyKind>;
  private readonly hasher: RecentKeys;
  private stretchMs = FIRST_STRETCH_MS;
  private from: Instant;
  private afterId = FIRST;
  /** Where the reading of stretches has got to. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly period: PeriodToRead,
    private readonly sources: Sources,
  ) {
    const { version } = period;
    this.names = [...new Set([version.trigger.event, ...namesOf(version), ...version.silence])];
    this.guardNames = [...new Set([...endingNamesOf(version), ...version.silence])];
    this.kinds = kindsOf(version);
    this.hasher = new RecentKeys(sources.hasher);
    this.from = period.from;
  }

  /** Every event until `until` that the journey may care about. */
  count = (until: Instant): Promise<number> =>
    pastEvents.count(this.sources.db, { from: this.period.from, to: until, names: this.names });

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
    return { events: stored.map((event) => this.keyed(event)), readTo: this.from };
  }

  /** Whatever is no trigger matters by the keys alone under which runs are found. */
  private keyed(event: StoredEvent): KeyedEvent {
    const isTrigger = event.name === this.period.version.trigger.event;
    return { event, keys: keysOf(this.hasher, event, isTrigger ? undefined : this.kinds) };
  }

  private async withSurroundings({ events, readTo }: Stretch): Promise<PeriodPage> {
    const { version, to, from } = this.period;
    const { db, peopleOfThen, people } = this.sources;
    const triggers = events.filter(({ event }) => event.name === version.trigger.event && event.receivedAt < to);
    if (triggers.length === 0)
      return { events, owners: NOBODY, people: NOBODY, real: NOBODY, marks: NOBODY, said: NOBODY, readTo };
    const [owners, marks] = await Promise.all([peopleOfThen.owners(db, triggers), this.marksOf(triggers)]);
    const personIds = [...new Set(owners.values())];
    const fresh = personIds.filter((id) => people.find(id) === undefined);
    const triggerIds = triggers.map(({ event }) => event.id);
    const [histories, runs, said] = await Promise.all([
      peopleOfThen.histories(db, fresh),
      pastRuns.ofPeople(db, { journeyKey: version.key, personIds, before: from, triggerIds }),
      this.saidAmong(triggers, marks),
    ]);
    const earlierRuns = runs.filter(({ enteredAt }) => enteredAt < from);
    const [taken, real] = await Promise.all([
      pastMessages.taken(db, {
        personIds: fresh,
        from: (from - CAPS_LOOK_BACK_MS) as Instant,
        to: this.period.horizon,
        // What this journey really sent in the period is what is being asked anew.
        without: { journeyKey: version.key, since: from, butOfRuns: earlierRuns.map(({ id }) => id) },
      }),
      this.realOf(runs.filter(({ enteredAt }) => enteredAt >= from)),
    ]);
    const earlier = groupBy(earlierRuns, ({ personId }) => personId);
    const others = groupBy(taken, ({ personId }) => personId);
    const found = personIds.flatMap((id) => people.find(id) ?? []);
    const read = histories.map((known) => new PersonOfPeriod(known, earlier.get(known.id) ?? [], others.get(known.id) ?? []));
    return {
      events,
      owners,
      people: new Map([...found, ...read].map((person) => [person.known.id, person])),
      real,
      marks,
      said,
      readTo,
    };
  }

  /** Under the keys by which anything could end the run of a trigger. */
  private async marksOf(triggers: readonly KeyedEvent[]): Promise<ReadonlyMap<string, readonly PastMark[]>> {
    // Triggers come in the order of time: of several with a key the last one asks for the most.
    const before = new Map<EntityKey, Instant>();
    for (const { event, keys } of triggers)
      for (const { kind, key } of keys) if (this.kinds.has(kind)) before.set(key, (event.receivedAt + 1) as Instant);
    return groupBy(await pastEvents.marks(this.sources.db, before, this.guardNames), ({ key }) => key as string);
  }

  private async saidAmong(triggers: readonly KeyedEvent[], marks: PeriodPage['marks']): Promise<PeriodPage['said']> {
    const ids = triggers.flatMap(({ event, keys }) =>
      unsaidAmong(this.period.version, event.occurredAt, keys, (key) => marks.get(key) ?? []),
    );
    if (ids.length === 0) return NOBODY;
    return new Map((await eventReader.byIds(this.sources.db, [...new Set(ids)])).map((event) => [event.id, event]));
  }

  private async realOf(runs: readonly PastRun[]): Promise<ReadonlyMap<string, RealRun>> {
    if (runs.length === 0) return NOBODY;
    const sent = await pastMessages.ofRuns(
      this.sources.db,
      runs.map(({ id }) => id),
    );
    const messages = groupBy(sent, ({ runId }) => runId);
    return new Map(runs.map((run) => [run.triggerId, { ...run, messages: messages.get(run.id) ?? [] }]));
  }
}

const NOBODY: ReadonlyMap<string, never> = new Map<string, never>();
