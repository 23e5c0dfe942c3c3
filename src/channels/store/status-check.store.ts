import { type Queryable, statement } from '@wapas/database';
import { type Instant, toInstant } from '@wapas/kernel';
import { type Guard } from '../rules/guard';
import { guardIn } from './sealed-message';
import { IS_WAITING } from './message.store';

/** A message that waits for its call and may need a word of its gateway first. */
export interface WaitingMessage {
  readonly id: string;
  readonly guard: Guard;
  readonly dueAt: Instant;
  readonly notAfter: Instant;
}

interface WaitingRow {
  readonly id: string;
  readonly guard: Guard;
  readonly sealed: Buffer | null;
  readonly dueAt: Date;
  readonly notAfter: Date;
}

/** Read without locks: the claim that follows reads again under them. */
const WAITING = statement(
  'messages_before_status_check',
  `select id, guard, sealed, due_at as "dueAt", not_after as "notAfter" from message
   where id = any($1::uuid[]) and ${IS_WAITING} and not test and (not_before is null or not_before <= clock_timestamp())`,
);
/** Nothing is claimed before its time; it is offered again then. */
const HOLD_BACK = statement(
  'hold_messages_back',
  `update message m set not_before = clock_timestamp() + u.wait, offer_at = clock_timestamp() + u.wait
   from unnest($1::uuid[], $2::interval[]) as u (id, wait) where m.id = u.id and ${IS_WAITING}`,
);

export const statusCheckStore = {
  async waiting(db: Queryable, ids: readonly string[]): Promise<WaitingMessage[]> {
    const rows = await db.query<WaitingRow>(WAITING, [ids]);
    return rows.map(({ id, guard, sealed, dueAt, notAfter }) => ({
      id,
      guard: guardIn(db.seals, guard, sealed),
      dueAt: toInstant(dueAt),
      notAfter: toInstant(notAfter),
    }));
  },

  async holdBack(db: Queryable, held: readonly { id: string; waitMs: number }[]): Promise<void> {
    if (held.length === 0) return;
    const sorted = [...held].sort((a, b) => (a.id < b.id ? -1 : 1));
    await db.query(HOLD_BACK, [sorted.map(({ id }) => id), sorted.map(({ waitMs }) => `${waitMs} milliseconds`)]);
  },
};
