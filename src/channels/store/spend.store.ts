import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type SpendScope } from '../rules/spend';

export interface SpendCap {
  readonly scope: SpendScope;
  /** Minor units, before tax. */
  readonly amount: number;
  readonly currency: string;
  /** The id of the API key that set it. */
  readonly actor: string;
  /** Business time. */
  readonly since: Date;
  /** Set within the last seconds: a container may have claimed without knowing it. */
  readonly isNew: boolean;
}

/** What has been spent of a cap today, while its row is locked. */
export interface SpentToday {
  /** YYYY-MM-DD, in the zone of the business. */
  readonly day: string;
  readonly scope: SpendScope;
  readonly currency: string;
  /** Minor units. */
  readonly amount: number;
  /** Thousandths of the minor unit. */
  readonly milli: number;
  readonly isReached: boolean;
}

/** What one channel has cost on a day. */
export interface ChannelSpend {
  readonly channel: string;
  readonly currency: string;
  readonly messages: number;
  /** Thousandths of the minor unit, before tax. */
  readonly milli: number;
}

/** A cap that holds messages back today. */
export interface ReachedCap extends SpendCap {
  readonly heldBack: number;
  /** Business time. */
  readonly reachedAt: Date;
}

const CAP = `c.scope, c.amount::float8 as amount, c.currency, c.actor, c.since, c.set_at > clock_timestamp() - interval '10 seconds' as "isNew"`;
const TODAY = `((select business_now()) at time zone $1)::date`;
const IN_SCOPE = `(s.scope = 'all' or s.scope = 'channel:' || m.channel)`;

const CAPS = statement('spend_caps', `select ${CAP} from spend_cap c order by c.scope`);
const SET_CAP = statement(
  'set_spend_cap',
  `insert into spend_cap as c (scope, amount, currency, actor, since, set_at) values ($1, $2, $3, $4, business_now(), clock_timestamp())
   on conflict (scope) do update set amount = excluded.amount, currency = excluded.currency, actor = excluded.actor, since = excluded.since, set_at = excluded.set_at`,
);
const REMOVE_CAP = statement('remove_spend_cap', `delete from spend_cap where scope = $1 returning scope`);
/**
 * Locks what has been spent today of the caps of these scopes, in the order of their names; nobody waits for anything while
 * holding them. The first of a day makes its row.
 */
const LOCK = statement(
  'lock_spend',
  `with locked as (
     insert into spend_day as s (day, scope, currency, milli) select ${TODAY}, c.scope, c.currency, 0 from spend_cap c where c.scope = any($2::text[]) order by c.scope
     on conflict (day, scope) do update set milli = s.milli returning s.day, s.scope, s.milli, s.reached_at)
   select l.day::text, l.scope, c.currency, c.amount::float8 as amount, l.milli::float8 as milli, l.reached_at is not null as "isReached"
   from locked l join spend_cap c on c.scope = l.scope order by l.scope`,
);
/** What was paid for: a message by its last call, and what calls before it cost. */
const paidBetween = (from: string, until: string): string => `(
  select channel, called_at, price_milli, price_currency from message where spent and price_milli > 0 and called_at >= ${from} and called_at < ${until}
  union all select channel, called_at, price_milli, price_currency from earlier_attempt where price_milli > 0 and called_at >= ${from} and called_at < ${until})`;
/** Adds up what the messages of today say. A statement of its own, behind the lock. $3: the cap is another one. Stands on message_spent and earlier_attempt_spent. */
const RECOUNT = statement(
  'recount_spend',
  `update spend_day s set currency = c.currency, held_back = case when $3 then 0 else s.held_back end, reached_at = case when $3 then null else s.reached_at end,
          milli = coalesce((select sum(m.price_milli) from ${paidBetween(`${TODAY}::timestamp at time zone $1`, `(${TODAY} + 1)::timestamp at time zone $1`)} m
                            where m.price_currency = c.currency and ${IN_SCOPE}), 0)
   from spend_cap c where s.scope = c.scope and s.scope = any($2::text[]) and s.day = ${TODAY}`,
);
/** A message held back by a cap; the first one of a day is when it was reached. */
const HELD_BACK = statement(
  'note_held_back_by_spend',
  `update spend_day s set held_back = s.held_back + u.count, reached_at = coalesce(s.reached_at, (select business_now()))
   from unnest($2::text[], $3::int[]) as u (scope, count) where s.day = $1::date and s.scope = u.scope`,
);
/**
 * Messages that turned out to be paid for after all, or not, and attempts before their last ones that arrived after all: their row says it,
 * and the count of their day follows. Only of an open call of this fence, where one is given. Counts are locked in the order in which claims
 * lock them.
 */
const SETTLE = statement(
  'settle_spend',
  `with messages as (
     update message m set spent = u.spent from unnest($2::uuid[], $3::boolean[], $4::int[]) as u (id, spent, fence)
     where m.id = u.id and m.price_milli > 0 and m.spent <> u.spent and (u.fence is null or (m.fence = u.fence and m.state = 'calling'))
     returning m.channel, m.price_currency, (m.called_at at time zone $1)::date as day, case when m.spent then m.price_milli else -m.price_milli end as milli),
   attempts as (
     update earlier_attempt e set price_milli = e.due_milli, due_milli = null from unnest($5::uuid[], $6::int[], $7::text[]) as u (id, attempt, provider)
     where e.message_id = u.id and e.attempt = u.attempt and e.provider = u.provider and e.due_milli > 0
     returning e.channel, e.price_currency, (e.called_at at time zone $1)::date as day, e.price_milli as milli),
   turned as (select * from messages union all select * from attempts),
   counts as (
     select s.day, s.scope, s.currency from spend_day s where exists (select from turned m where m.day = s.day and m.price_currency = s.currency and ${IN_SCOPE})
     order by s.day, s.scope for update)
   update spend_day d set milli = greatest(0, d.milli + (select sum(m.milli) from turned m where m.day = s.day and m.price_currency = s.currency and ${IN_SCOPE}))
   from counts s where d.day = s.day and d.scope = s.scope`,
);
/** Stands on message_spent and earlier_attempt_spent. */
const ON_DAY = statement(
  'spend_of_day',
  `select channel, price_currency as currency, count(*)::int as messages, sum(price_milli)::float8 as milli
   from ${paidBetween('$2::date::timestamp at time zone $1', '($2::date + 1)::timestamp at time zone $1')} m group by 1, 2 order by 1, 2`,
);
const REACHED = statement(
  'reached_spend_caps',
  `select ${CAP}, s.held_back as "heldBack", s.reached_at as "reachedAt" from spend_day s join spend_cap c on c.scope = s.scope
   where s.day = $1::date and s.reached_at is not null order by c.scope`,
);

/** The only place that knows `spend_cap` and `spend_day`, and the one that changes `message.spent` once a call has begun. */
export const spendStore = {
  caps: (db: Queryable) => db.query<SpendCap>(CAPS),

  set: (tx: Transaction, { scope, amount, currency, actor }: Pick<SpendCap, 'scope' | 'amount' | 'currency' | 'actor'>) =>
    tx.query(SET_CAP, [scope, amount, currency, actor]),

  /** Says whether there was one. */
  remove: async (tx: Transaction, scope: SpendScope): Promise<boolean> => (await tx.query(REMOVE_CAP, [scope])).length > 0,

  /** Of those of these scopes that have a cap. Locked until the transaction ends. */
  lock: (tx: Transaction, zone: string, scopes: readonly SpendScope[]) => tx.query<SpentToday>(LOCK, [zone, scopes]),

  /** Counts today anew. `isAnother`: the cap has changed, and what was reached may not be any more. */
  async recount(tx: Transaction, zone: string, scopes: readonly SpendScope[], isAnother: boolean): Promise<void> {
    await tx.query(LOCK, [zone, scopes]);
    await tx.query(RECOUNT, [zone, scopes, isAnother]);
  },

  /** Of rows that this transaction has locked. */
  heldBack(tx: Transaction, day: string, counts: ReadonlyMap<SpendScope, number>): void {
    tx.write(HELD_BACK, [day, [...counts.keys()], [...counts.values()]]);
  },

  /** The last statement of its transaction: whoever holds a count waits for nothing more. `arrived`: attempts that another one followed. */
  settle(
    tx: Transaction,
    zone: string,
    messages: readonly { id: string; isPaidFor: boolean; fence?: number }[],
    arrived: readonly { messageId: string; attempt: number; provider: string }[] = [],
  ): void {
    if (messages.length + arrived.length === 0) return;
    tx.write(SETTLE, [
      zone,
      messages.map(({ id }) => id),
      messages.map(({ isPaidFor }) => isPaidFor),
      messages.map(({ fence }) => fence ?? null),
      arrived.map(({ messageId }) => messageId),
      arrived.map(({ attempt }) => attempt),
      arrived.map(({ provider }) => provider),
    ]);
  },

  /** `day`: YYYY-MM-DD. */
  onDay: (db: Queryable, zone: string, day: string) => db.query<ChannelSpend>(ON_DAY, [zone, day]),

  reached: (db: Queryable, day: string) => db.query<ReachedCap>(REACHED, [day]),
};
