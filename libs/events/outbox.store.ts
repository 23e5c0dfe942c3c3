import { type Database, jsonArray, statement, textArray, type Transaction } from '@wapas/database';

export interface Packet {
  readonly seq: string;
  readonly event: string;
  readonly items: readonly unknown[];
  readonly attempts: number;
}

const PUBLISH = statement(
  'bus_publish',
  `insert into bus_outbox (handler, event, items) select * from unnest($1::text[], $2::text[], $3::json[])`,
);
/** Rows locked by another container are passed over; nobody ever waits for one. Stands on bus_outbox_waiting. */
const CLAIM = statement(
  'bus_claim',
  `select seq, event, items, attempts from bus_outbox
   where handler = $1 and parked_at is null and not_before <= clock_timestamp()
   order by seq limit $2 for update skip locked`,
);
/** Which of these handlers have something to do: one probe of bus_outbox_waiting for each. */
const WAITED = statement(
  'bus_waited',
  `select handler from unnest($1::text[]) as handler
   where exists (select from bus_outbox b where b.handler = handler.handler and parked_at is null and not_before <= clock_timestamp())`,
);
const CLAIM_ONE = statement(
  'bus_claim_one',
  `select seq, event, items, attempts from bus_outbox where seq = $1 for update skip locked`,
);
const REMOVE = statement('bus_remove', `delete from bus_outbox where seq = any($1::bigint[])`);
const RETRY_LATER = statement(
  'bus_retry_later',
  `update bus_outbox set attempts = attempts + 1, last_error = $2, not_before = clock_timestamp() + $3::interval,
          parked_at = case when $4 then clock_timestamp() end
   where seq = $1`,
);
const SPLIT = statement(
  'bus_split',
  `with whole as (delete from bus_outbox where seq = $1 returning handler, event, attempts)
   insert into bus_outbox (handler, event, items, attempts) select handler, event, items, attempts from whole, unnest($2::json[]) as items`,
);
/** Of those behind `$1` the first. Walks along the primary key; whoever replays at the same time takes others. */
const UNPARK = statement(
  'bus_unpark',
  `with freed as (
     update bus_outbox set parked_at = null, attempts = 0, not_before = '-infinity'
     where seq = any (array(select seq from bus_outbox where parked_at is not null and seq > $1 order by seq limit $2 for update skip locked))
     returning seq)
   select count(*)::int as count, max(seq)::text as last from freed`,
);
const STATE = statement(
  'bus_state',
  `select handler, count(*) filter (where parked_at is null)::int as waiting, count(*) filter (where parked_at is not null)::int as parked,
          coalesce(extract(epoch from clock_timestamp() - min(created_at) filter (where parked_at is null)), 0)::float as "oldestSeconds"
   from bus_outbox group by handler`,
);

/** The only place that knows `bus_outbox`. */
export const outbox = {
  publish(tx: Transaction, packets: readonly { handler: string; event: string; items: readonly unknown[] }[]): void {
    tx.write(PUBLISH, [
      textArray(packets.map((packet) => packet.handler)),
      textArray(packets.map((packet) => packet.event)),
      jsonArray(packets.map((packet) => JSON.stringify(packet.items))),
    ]);
  },
  claim: (tx: Transaction, handler: string, limit: number) => tx.query<Packet & { seq: string }>(CLAIM, [handler, limit]),
  waited: async (database: Database, handlers: readonly string[]) =>
    (await database.query<{ handler: string }>(WAITED, [handlers])).map((row) => row.handler),
  claimOne: (tx: Transaction, seq: string) => tx.query<Packet & { seq: string }>(CLAIM_ONE, [seq]),
  remove: (tx: Transaction, seqs: readonly string[]): void => tx.write(REMOVE, [seqs]),
  retryLater: (database: Database, seq: string, error: string, delayMs: number, park: boolean) =>
    database.query(RETRY_LATER, [seq, error, `${delayMs} milliseconds`, park]),
  split: (database: Database, seq: string, parts: readonly (readonly unknown[])[]) =>
    database.query(SPLIT, [seq, parts.map((part) => JSON.stringify(part))]),
  /** Puts the next `limit` parked packets behind `after` back in line. Gives how many there were, and the last of them. */
  unpark: async (database: Database, after: string, limit: number) =>
    (await database.query<{ count: number; last: string | null }>(UNPARK, [after, limit]))[0] ?? { count: 0, last: null },
  state: (database: Database) => database.query<BusState>(STATE),
};

/** What waits for a handler, in packets. */
export interface BusState {
  readonly handler: string;
  readonly waiting: number;
  readonly parked: number;
  readonly oldestSeconds: number;
}
