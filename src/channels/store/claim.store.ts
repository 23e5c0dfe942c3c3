import { type Queryable, statement } from '@wapas/database';
import { toInstant } from '@wapas/kernel';
import { type RecordedMessage } from '../rules/claim';

/** Stands on message_once. */
const OF_RUNS = statement(
  'claims_of_runs',
  `select id as "messageId", run_id as "runId", person_id as "personId", step, lap, caps, guard, test, not_after as "notAfter", state, reason, coalesce(claims, '[]') as claims
   from message where run_id = any($1::uuid[]) order by run_id, lap, due_at, id`,
);

/** Messages with what their claims were judged by. */
export const claimReader = {
  async ofRuns(db: Queryable, runIds: readonly string[]): Promise<RecordedMessage[]> {
    const rows = await db.query<Omit<RecordedMessage, 'notAfter'> & { notAfter: Date }>(OF_RUNS, [runIds]);
    return rows.map((row) => ({ ...row, notAfter: toInstant(row.notAfter) }));
  },
};
