import { type Queryable, statement } from '@wapas/database';
import { type MessageSettled, type ReceiptRecorded } from '../channels.api';

/** Stands on message_once. A message that was never called has settled when it was planned. */
const SETTLED = statement(
  'message_facts_of_runs',
  `select id as "messageId", run_id as "runId", step, channel, provider, state, reason, coalesce(called_at, created_at) as at
   from message where run_id = any($1::uuid[]) and state in ('sent', 'rejected', 'unknown', 'skipped', 'expired')`,
);
/** Stands on message_once and receipt_once. */
const RECEIPTS = statement(
  'receipt_facts_of_runs',
  `select m.id as "messageId", m.run_id as "runId", m.step, m.channel, r.kind, r.received_at as at, r.billing
   from message m join receipt r on r.message_id = m.id where m.run_id = any($1::uuid[])`,
);

/** What was said of messages on the bus, read again from what is stored. */
export const messageFacts = {
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
