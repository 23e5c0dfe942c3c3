import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type Instant, toInstant } from '@wapas/kernel';

/** How often events of a name were recorded, and when (received, not occurred). */
export interface EventNameCount {
  readonly name: string;
  readonly count: number;
  readonly firstSeenAt: Instant;
  readonly lastSeenAt: Instant;
}

/** Sorted by name: two containers then wait for each other instead of deadlocking. */
const COUNT = statement(
  'event_names_count',
  `insert into event_name (name, count, first_seen_at, last_seen_at)
   select name, count, now, now from unnest($1::text[], $2::bigint[]) as n (name, count), (select business_now() as now) moment order by name
   on conflict (name) do update set count = event_name.count + excluded.count, last_seen_at = excluded.last_seen_at`,
);
const PAGE = statement(
  'event_names_page',
  `select name, count::float as count, first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt" from event_name
   where name > $1 order by name limit $2`,
);

/** The only place that knows `event_name`. */
export const eventNameStore = {
  /** In the transaction in which the events leave the outbox: each counts once. */
  async count(tx: Transaction, items: readonly { readonly name: string }[]): Promise<void> {
    const counts = new Map<string, number>();
    for (const { name } of items) counts.set(name, (counts.get(name) ?? 0) + 1);
    if (counts.size > 0) await tx.query(COUNT, [[...counts.keys()], [...counts.values()]]);
  },

  /** In the order of their names, after the one given. */
  async page(db: Queryable, afterName: string, limit: number): Promise<EventNameCount[]> {
    const rows = await db.query<{ name: string; count: number; firstSeenAt: Date; lastSeenAt: Date }>(PAGE, [afterName, limit]);
    return rows.map((row) => ({ ...row, firstSeenAt: toInstant(row.firstSeenAt), lastSeenAt: toInstant(row.lastSeenAt) }));
  },
};
