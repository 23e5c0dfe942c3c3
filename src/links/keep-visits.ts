import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { BusinessClock, Database, GroupCommit, isOutOfReach, isTooSlow, type Queryable, type Transaction } from '@wapas/database';
import { Bus } from '@wapas/events';
import { groupBy, inSlices, type Instant, toIso } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { eventReader, marksAbout } from '../ingestion/ingestion.api';
import { Log } from '../log';
import { type End, endingNames, endOf } from '../payments/payments.api';
import { linkStore, type StoredLink } from './store/link.store';

/** How the matter of a link has ended; `gone`: the link itself is, whoever remembers where it led. */
export type Found = End | 'gone';

interface Visit {
  readonly link: StoredLink;
  readonly requests: number;
  readonly clicks: number;
  readonly at: Instant;
}

/** A customer who has tapped waits no longer than this for the database. */
const ANSWER_WITHIN_MS = 1_000;
const TRY_AGAIN_MS = 1_000;
const MOST_LEFT = 100_000;
const COUNTED_TOGETHER = 512;

/**
 * Counts visits by group commit: when `keep` resolves the click is committed. When the database is away or slow the customer
 * goes on all the same, and the click is counted once it is back (unless this process ends before).
 */
@Injectable()
export class KeepVisits implements OnApplicationShutdown {
  private readonly group = new GroupCommit<Visit, Found>((visits) => this.flush(visits), {
    maxWeight: COUNTED_TOGETHER,
    concernsAll: isOutOfReach,
  });
  /** What could not be counted yet, by token: a busy link takes one place. */
  private readonly left = new Map<string, Visit>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Counts one request, and tells what has become of the link's matter. Null also when the database did not say in time. */
  async keep(link: StoredLink, isClick: boolean): Promise<Found> {
    const visit: Visit = { link, requests: 1, clicks: isClick ? 1 : 0, at: this.clock.now() };
    const committed = this.group.add(visit).catch((error: unknown) => this.countLater(visit, error));
    return within(ANSWER_WITHIN_MS, committed);
  }

  /** The same, and nothing is counted: whoever has the page open already is no new visit. */
  async look(link: StoredLink): Promise<Found> {
    const ends = foundOf(this.database, [link]).catch((error: unknown) => {
      if (!isOutOfReach(error) && !isTooSlow(error)) throw error;
      return [];
    });
    return (await within(ANSWER_WITHIN_MS, ends))?.[0] ?? null;
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    await this.group.drained();
    await this.catchUp().catch((error: unknown) => this.log.trouble('clicks lost', error, { links: this.left.size }));
  }

  private countLater(visit: Visit, error: unknown): null {
    if (!isOutOfReach(error) && !isTooSlow(error)) throw error;
    const earlier = this.left.get(visit.link.token);
    if (earlier === undefined && this.left.size >= MOST_LEFT) return null;
    this.left.set(visit.link.token, earlier ? added(earlier, visit) : visit);
    this.timer ??= setTimeout(() => void this.tryAgain(), TRY_AGAIN_MS).unref();
    return null;
  }

  private async tryAgain(): Promise<void> {
    this.timer = undefined;
    await this.catchUp().catch((error: unknown) => {
      this.log.trouble('clicks not counted yet', error, { links: this.left.size });
      this.timer ??= setTimeout(() => void this.tryAgain(), TRY_AGAIN_MS).unref();
    });
  }

  /** So many links at a time: all of them together might be more than one statement has time for, and would never be counted. */
  private async catchUp(): Promise<void> {
    for (const tokens of inSlices([...this.left.keys()], COUNTED_TOGETHER)) await this.countLeft(tokens);
  }

  private async countLeft(tokens: readonly string[]): Promise<void> {
    const visits = tokens.flatMap((token) => this.left.get(token) ?? []);
    for (const token of tokens) this.left.delete(token);
    try {
      await this.database.transaction((tx) => this.count(tx, visits));
    } catch (error) {
      for (const visit of visits) {
        const later = this.left.get(visit.link.token);
        this.left.set(visit.link.token, later ? added(visit, later) : visit);
      }
      throw error;
    }
  }

  private async flush(visits: readonly Visit[]): Promise<Found[]> {
    return this.database.transaction(async (tx) => {
      const ends = await foundOf(
        tx,
        visits.map(({ link }) => link),
      );
      await this.count(tx, visits);
      return ends;
    });
  }

  /** The first click of a message is a receipt; further ones are only counted. */
  private async count(tx: Transaction, visits: readonly Visit[]): Promise<void> {
    const byToken = new Map<string, Visit>();
    for (const visit of visits) {
      const earlier = byToken.get(visit.link.token);
      byToken.set(visit.link.token, earlier ? added(earlier, visit) : visit);
    }
    const first = await linkStore.count(
      tx,
      [...byToken].map(([token, { requests, clicks }]) => ({ token, requests, clicks })),
    );
    this.bus.publish(
      tx,
      'link.clicked',
      [...first].flatMap((token) => {
        const visit = byToken.get(token);
        return visit ? [{ messageId: visit.link.messageId, at: toIso(visit.at) }] : [];
      }),
    );
  }
}

async function foundOf(db: Queryable, links: readonly StoredLink[]): Promise<Found[]> {
  const [gone, ends] = await Promise.all([
    linkStore.gone(db, [...new Set(links.map(({ token }) => token))]),
    endsOf(
      db,
      links.map(({ guard }) => guard),
    ),
  ]);
  return links.map(({ token }, index) => (gone.has(token) ? 'gone' : (ends[index] ?? null)));
}

async function endsOf(db: Queryable, guards: readonly StoredLink['guard'][]): Promise<End[]> {
  const names = [...new Set(guards.flatMap(endingNames))];
  const marks = groupBy(await eventReader.marks(db, guards.flatMap(marksAbout), names), (mark) => mark.key);
  return guards.map((guard) =>
    endOf(
      guard,
      guard.keys.flatMap(({ key }) => marks.get(key) ?? []),
    ),
  );
}

const added = (one: Visit, other: Visit): Visit => ({
  ...one,
  requests: one.requests + other.requests,
  clicks: one.clicks + other.clicks,
});

async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), ms)));
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
