import { type Queryable } from '@wapas/database';
import { type EntityKeys, type KeyKind } from '@wapas/entity-keys';
import { hours, inSlices, type Instant } from '@wapas/kernel';
import { type KeyedEvent, keysOf, pastEvents, type ReadEvent, type StoredEvent } from '../../../ingestion/past-events.api';
import { RecentKeys } from './recent-keys';
import { SeenKeys } from './seen-keys';

export interface StretchesToRead {
  readonly from: Instant;
  /** What comes later is read and not counted. */
  readonly to: Instant;
  /** Nothing later is read. */
  readonly horizon: Instant;
  readonly pages: PageSize;
  /** Every event that may matter. */
  readonly names: readonly string[];
  readonly trigger: string;
  /** The kinds of key by which runs are found. */
  readonly kinds: ReadonlyMap<KeyKind, unknown>;
}

/** How many events are read at a time. */
export interface PageSize {
  /** What stretches of time are chosen for. */
  readonly wanted: number;
  /** More are read in several stretches. */
  readonly most: number;
  /** Of so many that may concern somebody it is asked at once what surrounds them. */
  readonly together: number;
}

export type EventToLive = KeyedEvent & { readonly isUnreadable?: true };

/** Some events in the order in which they came. */
export interface Stretch {
  readonly events: readonly EventToLive[];
  /** Further events of the period that can find no run. */
  readonly concerningNobody: number;
  /** Everything that came before this moment has been read. */
  readonly readTo: Instant;
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

/**
 * Reads stored events in the order in which they came: stretch by stretch of time, since the table's index by time finds stretches and keeps
 * no order. A stretch grows and shrinks with what the one before held.
 */
export class ReadStretches {
  private readonly hasher: RecentKeys;
  /** Those under which a run may be found by now. */
  private readonly keysOfTriggers = new SeenKeys();
  private stretchMs = FIRST_STRETCH_MS;
  private from: Instant;
  private afterId = FIRST;
  /** Of the stretch that was read last. */
  private waiting: Stretch[] = [];

  constructor(
    private readonly asked: StretchesToRead,
    private readonly db: Queryable,
    hasher: EntityKeys,
  ) {
    this.hasher = new RecentKeys(hasher);
    this.from = asked.from;
  }

  /** The next events, none when nothing happened for a while; null at the end. Asked for one after the other. */
  async next(): Promise<Stretch | null> {
    if (this.waiting.length === 0) {
      if (this.from >= this.asked.horizon) return null;
      this.waiting = this.cut(await this.read());
    }
    return this.waiting.shift() as Stretch;
  }

  isTrigger = ({ name }: StoredEvent): boolean => name === this.asked.trigger;

  private async read(): Promise<ReadEvent[]> {
    const { horizon, pages, names } = this.asked;
    const to = Math.min(this.from + this.stretchMs, horizon) as Instant;
    const stored = await pastEvents.between(this.db, { from: this.from, to, names }, this.afterId, pages.most);
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
    return stored;
  }

  /** What concerns nobody is counted with the last of the parts. */
  private cut(stored: readonly ReadEvent[]): Stretch[] {
    const events: EventToLive[] = [];
    let concerningNobody = 0;
    for (const one of stored) {
      const event = this.keyed(one);
      if (this.mayConcernSomebody(event)) events.push(event);
      else if (one.receivedAt < this.asked.to) concerningNobody += 1;
    }
    const parts = inSlices(events, this.asked.pages.together).map((some) => ({
      events: some,
      concerningNobody: 0,
      readTo: (some.at(-1) as EventToLive).event.receivedAt,
    }));
    const last = parts.pop();
    return [...parts, { events: last?.events ?? [], concerningNobody, readTo: this.from }];
  }

  /**
   * Asked in the order of events. In most months most payments come in at once: whatever shares no key with a trigger before it finds no
   * run, and need not be lived.
   */
  private mayConcernSomebody({ event, keys, isUnreadable }: EventToLive): boolean {
    if (isUnreadable) return true;
    if (!this.isTrigger(event)) return keys.some(({ key }) => this.keysOfTriggers.mayHave(key));
    for (const { kind, key } of keys) if (this.asked.kinds.has(kind)) this.keysOfTriggers.add(key);
    return true;
  }

  /** Whatever is no trigger matters by the keys alone under which runs are found. */
  private keyed(read: ReadEvent): EventToLive {
    if (read.content === null) return { event: { ...read, content: {} }, keys: [], isUnreadable: true };
    const event = read as StoredEvent;
    return { event, keys: keysOf(this.hasher, event, this.isTrigger(event) ? undefined : this.asked.kinds) };
  }
}
