import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type MessageSettled } from '../../channels/channels.api';
import { type RunEnded, type RunStarted } from '../../journeys/journeys.api';

const ENTER = statement(
  'outcome_enter',
  `insert into outcome (run_id, journey_key, version, arm, test, reason_class, entered_at)
   select * from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::boolean[], $6::text[], $7::timestamptz[]) on conflict do nothing`,
);
/** The end may be heard of before the start; whichever comes second completes the row. */
const END = statement(
  'outcome_end',
  `insert into outcome (run_id, journey_key, version, arm, test, reason_class, entered_at, ended_at, end_reason, goal_at, amount, currency)
   select run_id, journey_key, version, arm, test, reason_class, entered_at, ended_at, reason, case when reason = 'goal_reached' then ended_at end, amount, currency
   from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::boolean[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::text[], $10::bigint[], $11::text[])
        as u (run_id, journey_key, version, arm, test, reason_class, entered_at, ended_at, reason, amount, currency)
   on conflict (run_id) do update set ended_at = excluded.ended_at, end_reason = excluded.end_reason, goal_at = excluded.goal_at,
          amount = excluded.amount, currency = excluded.currency`,
);
const TOUCH = statement(
  'outcome_touch',
  `insert into touch (message_id, run_id, channel, state, at) select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[])
   on conflict (message_id) do update set state = excluded.state`,
);

/**
 * One pass over the journey's outcomes. The last accepted message before the goal gets the recovery ("last touch");
 * a goal without one is the customer's own doing. Stands on outcome_of_journey and touch_of_run.
 */
const SUMMARY = statement(
  'journey_summary',
  `with entered as (
     select o.*, last.channel as last_channel, coalesce(messaged.count, 0) as messages
     from outcome o
     left join lateral (select channel from touch t where t.run_id = o.run_id and t.state = 'sent' and t.at <= o.goal_at order by t.at desc limit 1) last on o.goal_at is not null
     left join lateral (select count(*) from touch t where t.run_id = o.run_id and t.state = 'sent') messaged on true
     where o.journey_key = $1 and o.entered_at >= $2 and o.entered_at < $3 and not o.test)
   select arm, count(*)::int as entered, count(*) filter (where messages > 0)::int as messaged, count(goal_at)::int as recovered,
          count(*) filter (where goal_at is not null and last_channel is null)::int as untouched,
          percentile_cont(array[0.5, 0.9]) within group (order by extract(epoch from goal_at - entered_at)) filter (where goal_at is not null) as "timeToRecovery"
   from entered group by arm`,
);
const BY_CHANNEL = statement(
  'journey_recovered_by_channel',
  `select o.arm, last.channel, count(*)::int as recovered
   from outcome o
   join lateral (select channel from touch t where t.run_id = o.run_id and t.state = 'sent' and t.at <= o.goal_at order by t.at desc limit 1) last on true
   where o.journey_key = $1 and o.entered_at >= $2 and o.entered_at < $3 and o.goal_at is not null and not o.test
   group by o.arm, last.channel order by last.channel`,
);
const REVENUE = statement(
  'journey_revenue',
  `select arm, currency, sum(amount)::text as amount from outcome
   where journey_key = $1 and entered_at >= $2 and entered_at < $3 and goal_at is not null and currency is not null and not test
   group by arm, currency order by currency`,
);
const MESSAGES = statement(
  'journey_messages',
  `select t.channel, t.state, count(*)::int as count from touch t join outcome o on o.run_id = t.run_id
   where o.journey_key = $1 and o.entered_at >= $2 and o.entered_at < $3 and not o.test group by t.channel, t.state order by t.channel, t.state`,
);

export interface ArmSummary {
  readonly arm: string;
  readonly entered: number;
  readonly messaged: number;
  readonly recovered: number;
  readonly untouched: number;
  /** Seconds: median and 90th percentile; null without a recovery. */
  readonly timeToRecovery: readonly [number, number] | null;
}

/** The only place that knows `outcome` and `touch`. */
export const outcomeStore = {
  enter: (tx: Transaction, runs: readonly RunStarted[]) => tx.query(ENTER, startColumns(runs)),

  end: (tx: Transaction, runs: readonly (RunEnded & { amount: number | null; currency: string | null })[]) =>
    tx.query(END, [
      ...startColumns(runs),
      runs.map((one) => one.endedAt),
      runs.map((one) => one.reason),
      runs.map((one) => one.amount),
      runs.map((one) => one.currency),
    ]),

  touch: (tx: Transaction, messages: readonly MessageSettled[]) =>
    tx.query(TOUCH, [
      messages.map((one) => one.messageId),
      messages.map((one) => one.runId),
      messages.map((one) => one.channel),
      messages.map((one) => one.state),
      messages.map((one) => one.at),
    ]),

  summary: (db: Queryable, key: string, from: Date, to: Date) => db.query<ArmSummary>(SUMMARY, [key, from, to]),
  byChannel: (db: Queryable, key: string, from: Date, to: Date) =>
    db.query<{ arm: string; channel: string; recovered: number }>(BY_CHANNEL, [key, from, to]),
  revenue: (db: Queryable, key: string, from: Date, to: Date) =>
    db.query<{ arm: string; currency: string; amount: string }>(REVENUE, [key, from, to]),
  messages: (db: Queryable, key: string, from: Date, to: Date) =>
    db.query<{ channel: string; state: string; count: number }>(MESSAGES, [key, from, to]),
};

const startColumns = (runs: readonly RunStarted[]): unknown[][] => [
  runs.map((one) => one.runId),
  runs.map((one) => one.journeyKey),
  runs.map((one) => one.version),
  runs.map((one) => one.arm),
  runs.map((one) => one.test),
  runs.map((one) => one.reasonClass),
  runs.map((one) => one.at),
];
