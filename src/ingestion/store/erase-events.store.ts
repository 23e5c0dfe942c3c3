import { statement, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';

/** Stands on event_mark_by_key. */
const MARKED = statement('events_marked_by_keys', `select distinct event_id as id from event_mark where key = any($1::uuid[])`);
const BLANK = statement('blank_events', `update event set content = '{}', sealed = null where id = any($1::uuid[])`);

/** What an erasure does to `event`: ids, names, times and hashes stay, contents go. */
export const eraseEventsStore = {
  markedBy: async (tx: Transaction, keys: readonly EntityKey[]) =>
    (await tx.query<{ id: string }>(MARKED, [keys])).map(({ id }) => id),
  blank: (tx: Transaction, ids: readonly string[]) => tx.query(BLANK, [ids]),
};
