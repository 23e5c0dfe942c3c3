import { statement, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';

/** Stands on event_mark_by_key. */
const MARKED = statement('events_marked_by_keys', `select distinct event_id as id from event_mark where key = any($1::uuid[])`);
/** Their hashes go too: whoever guesses a content could try it against them. */
const BLANK = statement(
  'blank_events',
  `update event set content = '{}', sealed = null, content_hash = '', raw_hash = null where id = any($1::uuid[])`,
);
const MARK = statement(
  'mark_events_of_people',
  `insert into event_mark (key, event_name, occurred_at, event_id) select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::uuid[])`,
);

/** What an erasure does to `event`: ids, names and times stay; contents and their hashes go. */
export const eraseEventsStore = {
  markedBy: async (tx: Transaction, keys: readonly EntityKey[]) =>
    (await tx.query<{ id: string }>(MARKED, [keys])).map(({ id }) => id),
  /** For events that leave no mark of their own under what identifies their person. */
  mark(tx: Transaction, marks: readonly { key: EntityKey; eventName: string; occurredAt: Date; eventId: string }[]): void {
    if (marks.length === 0) return;
    tx.write(MARK, [
      marks.map(({ key }) => key),
      marks.map(({ eventName }) => eventName),
      marks.map(({ occurredAt }) => occurredAt),
      marks.map(({ eventId }) => eventId),
    ]);
  },
  blank: (tx: Transaction, ids: readonly string[]) => tx.query(BLANK, [ids]),
};
