import { type Queryable } from '@wapas/database';
import { hours, inSlices, type Instant } from '@wapas/kernel';
import { FIRST_ID, LAST_ID, pastEvents, type Place, type ReadEvent } from '../../../ingestion/past-events.api';

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
}

/** How many triggers are read at a time. */
export interface PageSize {
  /** What stretches of time are chosen for. */
  readonly wanted: number;
  /** More are read in several stretches. */
  readonly most: number;
  /** Of so many it is asked at once what surrounds them. */
  readonly together: number;
}

/** Some triggers in the order in which they came. */
export interface Stretch {
  readonly triggers: readonly ReadEvent[];
  /** All triggers up to and with this place have been read. */
  readonly end: Place;
  /** How many events of the period have come since the last stretch that said so, these triggers among them; null: a later one says so. */
  readonly events: number | null;
  /** Everything that came before this moment has been read. */
  readonly readTo: Instant;
}

/**
 * The index by time finds blocks of some 1,800 events, whatever is asked of it: short stretches read each event several times. Twice as
 * many together are hardly faster, and what is read lives on through more collections of garbage.
 */
export const PAGE: PageSize = { wanted: 2_000, most: 4_000, together: 500 };
const FIRST_STRETCH_MS = 60_000;
const SHORTEST_STRETCH_MS = 1_000;
const LONGEST_STRETCH_MS = hours(24);

/**
 * Reads the triggers of a period in the order in which they came: stretch by stretch of time, since the table's index by time finds
 * stretches and keeps no order. A stretch grows and shrinks with what the one before held. Other events are counted and not read: most
 * are about nobody who has a run.
 */
export class ReadStretches {
  private stretchMs = FIRST_STRETCH_MS;
  private from: Place;
  /** Of the stretch that was read last. */
  private waiting: Stretch[] = [];

  constructor(
    private readonly asked: StretchesToRead,
    private readonly db: Queryable,
  ) {
    this.from = { at: asked.from, id: FIRST_ID };
  }

  /** The next triggers, none when there were none for a while; null at the end. Asked for one after the other. */
  async next(): Promise<Stretch | null> {
    if (this.waiting.length === 0) {
      if (this.from.at >= this.asked.horizon) return null;
      this.waiting = await this.read();
    }
    return this.waiting.shift() as Stretch;
  }

  private async read(): Promise<Stretch[]> {
    const { horizon, to, pages, names, trigger } = this.asked;
    const { from } = this;
    const until = Math.min(from.at + this.stretchMs, horizon) as Instant;
    const triggers = await pastEvents.between(this.db, from, until, [trigger], pages.most);
    const last = triggers.at(-1);
    const isCut = last !== undefined && triggers.length === pages.most;
    const end = isCut ? placeOf(last) : { at: (until - 1) as Instant, id: LAST_ID };
    const events = from.at < to ? await pastEvents.count(this.db, from, end.at < to ? end : lastBefore(to), names) : 0;
    this.from = isCut ? end : { at: until, id: FIRST_ID };
    if (triggers.length > pages.wanted * 1.5) this.stretchMs = Math.max(SHORTEST_STRETCH_MS, this.stretchMs / 2);
    if (triggers.length < pages.wanted * 0.75) this.stretchMs = Math.min(LONGEST_STRETCH_MS, this.stretchMs * 2);
    const parts: Stretch[] = inSlices(triggers, pages.together).map((some) => ({
      triggers: some,
      end: placeOf(some.at(-1) as ReadEvent),
      events: null,
      readTo: (some.at(-1) as ReadEvent).receivedAt,
    }));
    const lastPart = parts.pop();
    return [...parts, { triggers: lastPart?.triggers ?? [], end, events, readTo: this.from.at }];
  }
}

export const placeOf = ({ receivedAt, id }: Pick<ReadEvent, 'receivedAt' | 'id'>): Place => ({ at: receivedAt, id });

/** The last place before a moment. */
export const lastBefore = (moment: Instant): Place => ({ at: (moment - 1) as Instant, id: LAST_ID });
