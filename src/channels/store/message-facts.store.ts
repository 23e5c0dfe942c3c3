import { type Queryable, statement } from '@wapas/database';
import { type MessageSettled, type ReceiptRecorded } from '../channels.api';
import { STANDS } from './receipt.store';

/** A message that was never called is counted by when it was planned. */
const SETTLED = `
  select id as "messageId", run_id as "runId", lap, step, channel, provider, state, reason, coalesce(called_at, created_at) as at, parts
  from message where state in ('sent', 'rejected', 'unknown', 'skipped', 'expired')`;
/** Stands on message_once. */
const SETTLED_OF_RUNS = statement('message_facts_of_runs', `${SETTLED} and run_id = any($1::uuid[])`);
/** Stands on the key of message. */
const SETTLED_BY_IDS = statement('message_facts_by_ids', `${SETTLED} and id = any($1::uuid[])`);
/** Stands on message_once and receipt_once. */
const RECEIPTS = statement(
  'receipt_facts_of_runs',
  `select m.id as "messageId", m.run_id as "runId", m.lap, m.step, m.channel, r.kind, r.received_at as at, r.billing
   from message m join receipt r on r.message_id = m.id and ${STANDS} where m.run_id = any($1::uuid[])`,
);

const TESTS = statement('messages_of_tests', `select id from message where id = any($1::uuid[]) and test`);
const RUNS = statement('runs_of_messages', `select id, run_id as "runId" from message where id = any($1::uuid[])`);

type SettledRow = Omit<MessageSettled, 'at'> & { readonly at: Date };
const settledIn = (row: SettledRow): MessageSettled => ({ ...row, at: row.at.toISOString() });

/** What was said of messages on the bus, read again from what is stored. */
export const messageFacts = {
  /** Those of these messages that belong to test runs. */
  testsAmong: async (db: Queryable, messageIds: readonly string[]): Promise<Set<string>> =>
    new Set((await db.query<{ id: string }>(TESTS, [messageIds])).map(({ id }) => id)),

  /** Whose runs these messages are of, by message. */
  async runsOf(db: Queryable, messageIds: readonly string[]): Promise<Map<string, string>> {
    if (messageIds.length === 0) return new Map();
    return new Map((await db.query<{ id: string; runId: string }>(RUNS, [messageIds])).map(({ id, runId }) => [id, runId]));
  },

  /** How the messages of these runs stand that have settled. `at`: of the call; of one that was never called, when it was planned. */
  settledOf: async (db: Queryable, runIds: readonly string[]) =>
    (await db.query<SettledRow>(SETTLED_OF_RUNS, [runIds])).map(settledIn),

  /** As `settledOf`, of these messages. */
  settledByIds: async (db: Queryable, messageIds: readonly string[]) =>
    (await db.query<SettledRow>(SETTLED_BY_IDS, [messageIds])).map(settledIn),

  async receiptsOf(db: Queryable, runIds: readonly string[]): Promise<ReceiptRecorded[]> {
    const rows = await db.query<
      Omit<ReceiptRecorded, 'at' | 'billing'> & { at: Date; billing: ReceiptRecorded['billing'] | null }
    >(RECEIPTS, [runIds]);
    return rows.map(({ billing, ...row }) => ({ ...row, at: row.at.toISOString(), ...(billing ? { billing } : {}) }));
  },
};
