import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type Duration } from '@wapas/kernel';
import { type Guard } from '../../channels/channels.api';

export interface StoredLink {
  readonly token: string;
  readonly messageId: string;
  readonly runId: string;
  readonly target: string;
  readonly guard: Guard;
  readonly expired: boolean;
}

const ADD = statement(
  'add_links',
  `insert into link (token, message_id, run_id, target, guard, created_at, expires_at)
   select token, message_id, run_id, target, guard, now, now + $6::interval
   from unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::json[]) as u (token, message_id, run_id, target, guard), (select business_now() as now) moment`,
);
const FIND = statement(
  'find_link',
  `select token, message_id as "messageId", run_id as "runId", target, guard, expires_at <= business_now() as expired from link where token = $1`,
);

export const linkStore = {
  async add(tx: Transaction, links: readonly Omit<StoredLink, 'expired'>[], lifetime: Duration): Promise<void> {
    await tx.query(ADD, [
      links.map((one) => one.token),
      links.map((one) => one.messageId),
      links.map((one) => one.runId),
      links.map((one) => one.target),
      links.map((one) => JSON.stringify(one.guard)),
      `${lifetime} milliseconds`,
    ]);
  },

  find: async (db: Queryable, token: string): Promise<StoredLink | null> =>
    (await db.query<StoredLink>(FIND, [token]))[0] ?? null,
};
