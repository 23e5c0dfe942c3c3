import { type Queryable, statement } from '@wapas/database';
import { type MessageSettled, type ReceiptRecorded } from '../channels.api';

/** Stands on message_once. A message that was never called has settled when it was planned. */
const SETTLED = statement(
  'message_facts_of_runs',
  `select id as "messageId", run_id as "runId", lap, step, channel, provider, state, reason, coalesce(called_at, created_at) as at, parts
   from message where run_id = any($1::uuid[]) and state in ('sent', 'rejected', 'unknown', 'skipped', 'expired')`,
);
/** Stands on message_once and receipt_once. */
const RECEIPTS = statement(
  'receipt_facts_of_runs',
  `select m.id as "messageId", m.run_id as "runId", m.lap, m.step, m.channel, r.kind, r.received_at as at, r.billing
   from message m join receipt r on r.message_id = m.id where m.run_id = any($1::uuid[])`,
);

const TESTS = statement('messages_of_tests', `select id from message where id = any($1::uuid[]) and test`);
const RUNS = statement('runs_of_messages', `select id, run_id as "runId" from message where id = any($1::uuid[])`);

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

  async settledOf(db: Queryable, runIds: readonly string[]): Promise<MessageSettled[]> {
    const rows = await db.query<Omit<MessageSettled, 'at'> & { at: Date }>(SETTLED, [runIds]);
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  },

  async receiptsOf(db: Queryable, runIds: readonly string[]): Promise<ReceiptRecorded[]> {
    const rows = await db.query<
      Omit<ReceiptRecorded, 'at' | 'billing'> & { at: Date; billing: ReceiptRecorded['billing'] | null }
    >(RECEIPTS, [runIds]);
    return rows.map(({ billing, ...row }) => ({ ...row, at: row.at.toISOString(), ...(billing ? { billing } : {}) }));
  },
};
