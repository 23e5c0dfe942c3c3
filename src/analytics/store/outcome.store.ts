import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type EarlierAttempt, type MessageSettled, type ReceiptRecorded } from '../../channels/channels.api';
import { type EndedWithWorth, type RecoveryReversed, type RunMoved, type RunStarted } from '../../journeys/journeys.api';

/** A refund that names no amount is one of all there was. */
const EVERYTHING = 9_000_000_000_000_000;
const START_COLUMNS = `run_id, journey_key, version, variant, arm, test, reason_class, entered_at, person_id, dropped_at`;
const START_VALUES = `$1::uuid[], $2::text[], $3::int[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::timestamptz[], $9::uuid[], $10::timestamptz[]`;

const ENTER = statement(
  'outcome_enter',
  `insert into outcome (${START_COLUMNS}) select * from unnest(${START_VALUES}) on conflict do nothing`,
);
/** The end may be heard of before the start; whichever comes second completes the row. */
const END = statement(
  'outcome_end',
  `insert into outcome (${START_COLUMNS}, ended_at, end_reason, goal_at, amount, currency, ended_early)
   select ${START_COLUMNS}, ended_at, reason, case when reason = 'goal_reached' then ended_at end, amount, currency, early
   from unnest(${START_VALUES}, $11::timestamptz[], $12::text[], $13::bigint[], $14::text[], $15::boolean[]) as u (${START_COLUMNS}, ended_at, reason, amount, currency, early)
   on conflict (run_id) do update set ended_at = excluded.ended_at, end_reason = excluded.end_reason, goal_at = excluded.goal_at,
          amount = excluded.amount, currency = excluded.currency, ended_early = excluded.ended_early`,
);
/** As the row of a run that is not there yet, or locks the one that is. */
const HOLD = statement(
  'outcome_hold',
  `insert into outcome (${START_COLUMNS}) select * from unnest(${START_VALUES}) on conflict (run_id) do update set run_id = excluded.run_id`,
);
/** Whoever the guest turned out to be counts once in a window: the earlier entry stays, the later one is flagged by where it came from. */
const MOVE = statement(
  'outcome_move',
  `update outcome o set person_id = u.person_id, moved_from = u.moved_from
   from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as u (run_id, person_id, moved_from) where o.run_id = u.run_id`,
);
/**
 * What was paid back, each refund once: its amount, or `{amount, currency}` where the currency is known. It may be heard of before the end
 * of the run: that completes the row.
 */
const REFUND = statement(
  'outcome_refund',
  `insert into outcome (${START_COLUMNS}, refunds)
   select distinct on (run_id) ${START_COLUMNS}, jsonb_object_agg(event_id, case when currency is null then to_jsonb(back) else jsonb_build_object('amount', back, 'currency', currency) end) over (partition by run_id)
   from unnest(${START_VALUES}, $11::text[], $12::bigint[], $13::text[]) as u (${START_COLUMNS}, event_id, back, currency)
   on conflict (run_id) do update set refunds = outcome.refunds || excluded.refunds`,
);
/** The outcomes of some runs, one look-up each whatever the statistics say (`offset 0`). */
const WANTED = `(select distinct unnest($1::uuid[]) as id) wanted cross join lateral (select * from outcome where run_id = wanted.id offset 0) o`;
/**
 * A recovery of which everything was paid back is none; of the others the rest counts. What the goal said is kept beside it. Money of another
 * currency than the goal's cannot be set off against it: as of a refund without an amount, nobody can say what is left.
 */
const RECKON = statement(
  'outcome_reckon_refunds',
  `with backs as (
     select run_id, coalesce(reached_at, goal_at) as reached_at, coalesce(paid, amount) as paid,
            (select sum(case when jsonb_typeof(value) = 'number' then value::bigint
                             when value ->> 'currency' = currency then (value ->> 'amount')::bigint else ${EVERYTHING} end) from jsonb_each(refunds)) as back
     from ${WANTED} where refunds <> '{}' and coalesce(reached_at, goal_at) is not null)
   update outcome o set reached_at = b.reached_at, paid = b.paid,
          goal_at = case when b.back >= coalesce(b.paid, 0) then null else b.reached_at end,
          amount = case when b.back >= coalesce(b.paid, 0) then null else b.paid - b.back end
   from backs b where o.run_id = b.run_id`,
);
/** What the vendor said of parts goes before our own count. Two containers may deliver "unknown" after what settled it: what is known stays. */
const TOUCH = statement(
  'outcome_touch',
  `insert into touch (message_id, run_id, step, channel, provider, state, at, parts, country, sent_as)
   select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::smallint[], $9::text[], $10::text[])
   on conflict (message_id) do update set step = excluded.step, provider = excluded.provider, at = excluded.at, parts = coalesce(touch.parts, excluded.parts), country = coalesce(excluded.country, touch.country), sent_as = coalesce(excluded.sent_as, touch.sent_as),
          state = case when excluded.state = 'unknown' and touch.state in ('sent', 'rejected') then touch.state else excluded.state end
   returning message_id as id, xmax <> 0 as "wasKnown"`,
);
/** One without a time was told before times were kept. */
const IS_LATER_WORD = `excluded.category is not null and (touch.category_at is null or (excluded.category_at, excluded.category) > (touch.category_at, touch.category))`;
/**
 * What was heard of messages, one row a message. A receipt may be heard of before the message has settled: its touch then
 * waits as `unknown` until the settlement, which always follows, says the rest. Of several categories the latest word counts, in
 * whichever order they come here.
 */
const HEAR = statement(
  'outcome_hear',
  `insert into touch (message_id, run_id, step, channel, state, at, delivered_at, read_at, clicked_at, failed_at, category, category_at, billable, parts)
   select message_id, min(run_id::text)::uuid, min(step), min(channel), 'unknown', min(at),
          min(at) filter (where kind = 'delivered'), min(at) filter (where kind in ('read', 'opened')),
          min(at) filter (where kind in ('clicked', 'replied')), min(at) filter (where kind = 'failed'),
          (array_agg(category order by at desc, category desc) filter (where category is not null))[1], max(at) filter (where category is not null), bool_and(billable), max(parts)
   from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::boolean[], $9::smallint[])
        as u (message_id, run_id, step, channel, kind, at, category, billable, parts)
   group by message_id order by message_id
   on conflict (message_id) do update set
     delivered_at = least(touch.delivered_at, excluded.delivered_at), read_at = least(touch.read_at, excluded.read_at),
     clicked_at = least(touch.clicked_at, excluded.clicked_at), failed_at = least(touch.failed_at, excluded.failed_at),
     category = case when ${IS_LATER_WORD} then excluded.category else touch.category end,
     category_at = case when ${IS_LATER_WORD} then excluded.category_at else touch.category_at end,
     billable = coalesce(touch.billable and excluded.billable, touch.billable, excluded.billable), parts = coalesce(excluded.parts, touch.parts)`,
);
/**
 * Waits for whoever is making what is known of these messages again. A touch that is not there yet, or that they have just made anew, is
 * held as well: a plain lock would find the row that it waited for gone, and hold nothing.
 */
const HOLD_TOUCHES = statement(
  'outcome_hold_touches',
  `insert into touch (message_id, run_id, step, channel, state, at)
   select id, run_id, step, channel, 'unknown', created_at from message where id = any($1::uuid[]) order by id
   on conflict (message_id) do update set state = touch.state`,
);
const FORGET_TOUCHES = statement(
  'outcome_forget_touches',
  `with earlier as (delete from earlier_touch where message_id = any($1::uuid[])) delete from touch where message_id = any($1::uuid[])`,
);
const ADD_EARLIER = statement(
  'outcome_add_earlier_touches',
  `insert into earlier_touch (message_id, fence, run_id, step, channel, provider, at, delivered_at, failed_at, category, billable, parts, country, sent_as)
   select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[], $10::text[], $11::boolean[], $12::smallint[], $13::text[], $14::text[])
   on conflict (message_id, fence) do update set provider = excluded.provider, at = excluded.at, delivered_at = excluded.delivered_at, failed_at = excluded.failed_at, category = excluded.category, billable = excluded.billable, parts = excluded.parts, country = excluded.country, sent_as = excluded.sent_as`,
);
/** The quarters of these runs are out of date, and those in which the same people entered later: they may count once less. Stands on outcome_of_person. */
const STALE_BY_PEOPLE = statement(
  'outcome_stale_by_people',
  `insert into outcome_stale (journey_key, slot)
   select distinct o.journey_key, date_bin('15 minutes', later.entered_at, timestamptz '2000-01-01Z')
   from ${WANTED} cross join lateral (
     select o.entered_at union all
     select entered_at from outcome p where p.person_id = o.person_id and p.journey_key = o.journey_key and p.entered_at > o.entered_at) later
   where not o.test`,
);
const STALE = statement(
  'outcome_stale_by_runs',
  `insert into outcome_stale (journey_key, slot)
   select distinct o.journey_key, date_bin('15 minutes', o.entered_at, timestamptz '2000-01-01Z') from ${WANTED} where not o.test`,
);
/** What is about to be made again: the outcomes of these runs, and the touches of these messages and of runs that nobody was told of. */
const FORGET = statement(
  'outcome_forget',
  `with touches as (delete from touch where run_id = any($1::uuid[]) and (message_id = any($2::uuid[]) or run_id = any($3::uuid[]))),
        earlier as (delete from earlier_touch where run_id = any($1::uuid[]) and (message_id = any($2::uuid[]) or run_id = any($3::uuid[]))),
        gone as (delete from outcome where run_id = any($1::uuid[]) returning journey_key, entered_at, test)
   insert into outcome_stale (journey_key, slot)
   select distinct journey_key, date_bin('15 minutes', entered_at, timestamptz '2000-01-01Z') from gone where not test`,
);
/** Every quarter of which something is counted: of those in which nobody entered nothing will be. */
const STALE_ALL = statement(
  'outcome_stale_all',
  `insert into outcome_stale (journey_key, slot)
   select journey_key, slot from entry_rollup union select journey_key, slot from recovery_rollup union select journey_key, slot from message_rollup`,
);

/** Lets readers through and makes whoever writes these tables wait until the transaction ends. */
const HOLD_WRITERS = statement('outcome_hold_writers', `lock table outcome, touch, earlier_touch in share row exclusive mode`);

/** The only place that writes `outcome`, `touch` and `earlier_touch`. Every method may be called again with the same facts. */
export const outcomeStore = {
  async enter(tx: Transaction, runs: readonly RunStarted[]): Promise<void> {
    await tx.query(ENTER, startColumns(runs));
    await tx.query(STALE_BY_PEOPLE, [runs.map((one) => one.runId)]);
  },

  async end(tx: Transaction, runs: readonly EndedWithWorth[]): Promise<void> {
    await tx.query(END, [
      ...startColumns(runs),
      runs.map((one) => one.endedAt),
      runs.map((one) => one.reason),
      runs.map(({ worth }) => worth?.value ?? null),
      runs.map(({ worth }) => worth?.currency ?? null),
      runs.map((one) => one.isEarly ?? null),
    ]);
    await this.reckon(
      tx,
      runs.map((one) => one.runId),
    );
  },

  /** Until the transaction ends nobody else writes the outcomes of these runs, which are there from now on. */
  hold: (tx: Transaction, runs: readonly RunStarted[]) => tx.query(HOLD, startColumns(runs)),

  async move(tx: Transaction, moves: readonly RunMoved[]): Promise<void> {
    if (moves.length === 0) return;
    const runIds = moves.map(({ runId }) => runId);
    // Who lost a run may count where they had come second.
    await tx.query(STALE_BY_PEOPLE, [runIds]);
    await tx.query(MOVE, [runIds, moves.map(({ personId }) => personId), moves.map(({ movedFrom }) => movedFrom)]);
    await tx.query(STALE_BY_PEOPLE, [runIds]);
  },

  async reverse(tx: Transaction, refunds: readonly RecoveryReversed[]): Promise<void> {
    await tx.query(REFUND, [
      ...startColumns(refunds),
      refunds.map((one) => one.eventId),
      refunds.map((one) => one.amount ?? EVERYTHING),
      refunds.map((one) => (one.amount === null ? null : (one.currency ?? null))),
    ]);
    await this.reckon(
      tx,
      refunds.map((one) => one.runId),
    );
  },

  async reckon(tx: Transaction, runIds: readonly string[]): Promise<void> {
    await tx.query(RECKON, [runIds]);
    await tx.query(STALE, [runIds]);
  },

  /** Gives the messages of which something was known before. */
  async touch(tx: Transaction, messages: readonly MessageSettled[]): Promise<Set<string>> {
    const touched = await tx.query<{ id: string; wasKnown: boolean }>(TOUCH, [
      messages.map((one) => one.messageId),
      messages.map((one) => one.runId),
      messages.map((one) => one.step),
      messages.map((one) => one.channel),
      messages.map((one) => one.provider),
      messages.map((one) => one.state),
      messages.map((one) => one.at),
      messages.map((one) => one.parts ?? null),
      messages.map((one) => one.country ?? null),
      messages.map((one) => one.sentAs ?? null),
    ]);
    await tx.query(STALE, [messages.map((one) => one.runId)]);
    return new Set(touched.flatMap(({ id, wasKnown }) => (wasKnown ? [id] : [])));
  },

  async hear(tx: Transaction, receipts: readonly ReceiptRecorded[]): Promise<void> {
    await tx.query(HEAR, [
      receipts.map((one) => one.messageId),
      receipts.map((one) => one.runId),
      receipts.map((one) => one.step),
      receipts.map((one) => one.channel),
      receipts.map((one) => one.kind),
      receipts.map((one) => one.at),
      receipts.map((one) => one.billing?.category ?? null),
      receipts.map((one) => one.billing?.billable ?? null),
      receipts.map((one) => one.billing?.parts ?? null),
    ]);
    await tx.query(STALE, [receipts.map((one) => one.runId)]);
  },

  /** Until the transaction ends nobody else writes what is there of these messages. Leaves a touch for each: forget it before the end. */
  holdTouches: (tx: Transaction, messageIds: readonly string[]) => tx.query(HOLD_TOUCHES, [messageIds]),

  /** Drops what is about to be made again of these messages. */
  forgetTouches: (tx: Transaction, messageIds: readonly string[]) => tx.query(FORGET_TOUCHES, [messageIds]),

  async touchEarlier(tx: Transaction, attempts: readonly EarlierAttempt[]): Promise<void> {
    await tx.query(ADD_EARLIER, [
      attempts.map((one) => one.messageId),
      attempts.map((one) => one.fence),
      attempts.map((one) => one.runId),
      attempts.map((one) => one.step),
      attempts.map((one) => one.channel),
      attempts.map((one) => one.provider),
      attempts.map((one) => one.at),
      attempts.map((one) => one.deliveredAt),
      attempts.map((one) => one.failedAt),
      attempts.map((one) => one.category),
      attempts.map((one) => one.billable),
      attempts.map((one) => one.parts),
      attempts.map((one) => one.country),
      attempts.map((one) => one.sentAs),
    ]);
    await tx.query(STALE, [attempts.map((one) => one.runId)]);
  },

  holdWriters: (tx: Transaction) => tx.query(HOLD_WRITERS),

  /**
   * Drops what is about to be made again: the outcomes of these runs, and their touches as far as their messages are stored. `untold`: those
   * of the runs that nobody was told of.
   */
  forget: (tx: Transaction, runIds: readonly string[], messageIds: readonly string[], untold: readonly string[]) =>
    tx.query(FORGET, [runIds, messageIds, untold]),

  /** Everything is to be counted again. */
  staleAll: (db: Queryable) => db.query(STALE_ALL),
};

const startColumns = (runs: readonly RunStarted[]): unknown[][] => [
  runs.map((one) => one.runId),
  runs.map((one) => one.journeyKey),
  runs.map((one) => one.version),
  runs.map((one) => one.variant ?? ''),
  runs.map((one) => one.arm),
  runs.map((one) => one.test),
  runs.map((one) => one.reasonClass),
  runs.map((one) => one.at),
  runs.map((one) => one.personId),
  runs.map((one) => one.droppedOffAt),
];
