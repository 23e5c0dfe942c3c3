import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant, toDate, toInstant } from '@wapas/kernel';
import { type KnownChange } from '../rules/number-change';

export interface NewNumberChange {
  readonly channel: string;
  /** The vendor's id of the news. */
  readonly sourceId: string;
  readonly from: EntityKey;
  readonly to: EntityKey;
  readonly at: Instant;
}

/** Nobody moves later than now: a vendor whose clock runs ahead is taken at our time. */
const ADD = statement(
  'add_number_change',
  `with moment as materialized (select business_now() as now)
   insert into number_change (channel, source_id, from_key, to_key, at, heard_at)
   select $1, $2, $3, $4, least($5::timestamptz, now), now from moment on conflict do nothing returning at`,
);
const ABOUT = statement(
  'number_changes_about',
  `select from_key as "from", to_key as "to", at from number_change
   where channel = $1 and (from_key = any($2::uuid[]) or to_key = any($2::uuid[])) order by at, seq`,
);
/** The numbers somebody had before this one, with when they left each; a ring ends where it began. */
const FORMER = statement(
  'former_numbers',
  `with recursive former (key, at) as (
     select from_key, at from number_change where channel = $1 and to_key = $2
     union
     select n.from_key, n.at from number_change n join former f on n.to_key = f.key where n.channel = $1 and n.at < f.at)
   select key, max(at) as "leftAt" from former where key <> $2 group by key order by key`,
);

/** The only place that knows `number_change`. */
export const numberChangeStore = {
  /** Null when it has been heard before; else the moment it counts from. */
  async add(tx: Transaction, { channel, sourceId, from, to, at }: NewNumberChange): Promise<Instant | null> {
    const [row] = await tx.query<{ at: Date }>(ADD, [channel, sourceId, from, to, toDate(at)]);
    return row ? toInstant(row.at) : null;
  },

  /** Every change that concerns one of these numbers, in the order in which they happened. */
  about: (db: Queryable, channel: string, keys: readonly EntityKey[]) => db.query<KnownChange>(ABOUT, [channel, keys]),

  async former(db: Queryable, channel: string, key: EntityKey): Promise<{ key: EntityKey; leftAt: Instant }[]> {
    const rows = await db.query<{ key: EntityKey; leftAt: Date }>(FORMER, [channel, key]);
    return rows.map((row) => ({ key: row.key, leftAt: toInstant(row.leftAt) }));
  },
};
