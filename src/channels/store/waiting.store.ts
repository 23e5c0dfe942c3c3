import { type Database, type Queryable, statement, type Transaction } from '@wapas/database';
import { type RecordedClaim } from '../rules/claim';
import { type Changed, CHANGED, IS_WAITING, OFFER_AGAIN } from './message.store';

/** Stands on message_waiting. */
const TAKE_OFFERS = statement(
  'take_offers',
  `update message m set offer_at = clock_timestamp() + ${OFFER_AGAIN}
   where id in (select id from message where state in ('planned', 'retryable') and offer_at <= (select clock_timestamp()) and provider = any($2::text[])
                order by offer_at limit $1 for update skip locked)
   returning id, provider`,
);
/** The provider is shut just now: they are offered as soon as it is not. */
const LET_GO = statement(
  'let_messages_go',
  `update message m set offer_at = greatest(clock_timestamp(), m.not_before)
   where m.id in (select id from message where id = any($1::uuid[]) and provider = $2 and ${IS_WAITING} order by id for update)`,
);
/** Nobody offers it until it is let go; it expires in its time. */
const HOLD = statement(
  'hold_messages_for_rails',
  `update message m set reason = u.reason, held_by = array(select jsonb_array_elements_text(u.rails)), offer_at = null, not_before = null, claims = coalesce(m.claims, '[]') || u.record
   from unnest($1::uuid[], $2::text[], $3::jsonb[], $4::jsonb[]) as u (id, reason, rails, record) where m.id = u.id`,
);
const IS_HELD = `held_by is not null and state in ('planned', 'retryable')`;
/**
 * A steady few at a time: what is up again must not be run over. Goes from one set of names that hold something to the next, and looks at the
 * messages of those alone of which nothing is down: an incident holds a hundred thousand. Stands on message_held_by.
 */
const LET_GO_HELD = statement(
  'let_held_messages_go',
  `with recursive holders as (
     (select held_by from message where ${IS_HELD} order by held_by limit 1)
     union all
     select (select held_by from message m where ${IS_HELD} and m.held_by > h.held_by order by held_by limit 1) from holders h where h.held_by is not null)
   update message m set reason = null, held_by = null, offer_at = clock_timestamp()
   where m.id = any (array(select free.id from holders h cross join lateral (
                             select id, due_at from message where held_by = h.held_by and ${IS_HELD} order by due_at limit $2 for update skip locked) free
                           where not h.held_by && $1::text[] order by free.due_at limit $2)) returning m.id`,
);
/** To another provider of the channel, but what this one may have taken. Stands on message_waiting. */
const MOVE_WAITING = statement(
  'move_waiting_messages',
  `update message m set provider = $2, offer_at = greatest(clock_timestamp(), m.not_before)
   where id in (select id from message where state in ('planned', 'retryable') and provider = $1 and not maybe_sent and not ($2 = any(coalesce(tried, '{}')))
                order by offer_at limit $3 for update skip locked) returning id`,
);
const MOVE = statement(
  'move_messages_to_providers',
  `update message m set provider = u.provider, offer_at = clock_timestamp() from unnest($1::uuid[], $2::text[]) as u (id, provider) where m.id = u.id`,
);
/** For good: what they leave has no room for them, and would send them on for ever. */
const LEAVE = statement(
  'leave_providers',
  `update message m set provider = u.provider, tried = array_append(m.tried, m.provider), offer_at = clock_timestamp()
   from unnest($1::uuid[], $2::text[]) as u (id, provider) where m.id = u.id`,
);
/** Nobody may be at work on their lane to find them too late. Stands on message_waiting, which knows it without the rows. */
const EXPIRE_LATE = statement(
  'expire_late_messages',
  `with late as (select id from message where state in ('planned', 'retryable') and not_after < (select business_now()) order by id limit $1 for update skip locked)
   update message m set state = case when m.maybe_sent then 'unknown' else 'expired' end, reason = 'too_late', offer_at = null, not_before = null, settled_at = (select business_now())
   from late where m.id = late.id returning ${CHANGED}`,
);

/** Messages that wait for their call: who is told of them, where they wait, what holds them, and until when. */
export const waitingStore = {
  letGo: (db: Queryable, provider: string, ids: readonly string[]) => db.query(LET_GO, [ids, provider]),

  /** Of messages that are locked: `rails` are the names of what they wait for. */
  async hold(
    tx: Transaction,
    held: readonly { id: string; reason: string; rails: readonly string[]; record: RecordedClaim }[],
  ): Promise<void> {
    if (held.length === 0) return;
    await tx.query(HOLD, [
      held.map((one) => one.id),
      held.map((one) => one.reason),
      held.map((one) => JSON.stringify(one.rails)),
      held.map((one) => JSON.stringify(one.record)),
    ]);
  },

  /** `down`: the names of what goes on holding. Gives how many went. */
  letGoHeld: async (db: Queryable, down: readonly string[], limit: number): Promise<number> =>
    (await db.query(LET_GO_HELD, [down, limit])).length,

  /** Gives how many went. */
  moveWaiting: async (db: Queryable, from: string, to: string, limit: number): Promise<number> =>
    (await db.query(MOVE_WAITING, [from, to, limit])).length,

  async move(tx: Transaction, moved: readonly { id: string; to: string }[]): Promise<void> {
    if (moved.length > 0) await tx.query(MOVE, [moved.map((one) => one.id), moved.map((one) => one.to)]);
  },

  /** They do not come back to the provider that they leave. */
  async leave(tx: Transaction, moved: readonly { id: string; to: string }[]): Promise<void> {
    if (moved.length > 0) await tx.query(LEAVE, [moved.map((one) => one.id), moved.map((one) => one.to)]);
  },

  expireLate: (tx: Transaction, limit: number) => tx.query<Changed>(EXPIRE_LATE, [limit]),

  takeOffers: (database: Database, limit: number, providers: readonly string[]) =>
    database.query<{ id: string; provider: string }>(TAKE_OFFERS, [limit, providers]),
};
