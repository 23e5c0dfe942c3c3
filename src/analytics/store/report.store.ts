import { type Queryable, statement } from '@wapas/database';
import { type Question } from '../rules/question';

interface Place {
  readonly period: Date;
  /** The value of what is broken down by; '' when nothing is, or when it does not apply. */
  readonly part: string;
  readonly arm: string;
}

export interface EntryCount extends Place {
  readonly latencyBin: number | null;
  readonly entered: number;
  readonly eligible: number;
  readonly messaged: number;
  readonly recovered: number;
}

export interface RecoveryCount extends Place {
  readonly channel: string | null;
  readonly attributed: boolean;
  readonly withinBin: number;
  readonly currency: string | null;
  readonly recovered: number;
  /** Minor units. */
  readonly amount: number;
}

export interface MessageCount extends Place {
  readonly channel: string;
  readonly provider: string | null;
  readonly state: string;
  readonly category: string | null;
  readonly billable: boolean | null;
  readonly parts: number | null;
  /** The day on which it was sent, in India, as its vendors count: YYYY-MM-DD. */
  readonly calledOn: string;
  readonly messages: number;
  readonly delivered: number;
  readonly read: number;
  readonly clicked: number;
  readonly failed: number;
}

const PERIOD = `case when $5 = 'all' then $2::timestamptz else date_trunc($5, slot at time zone $4) at time zone $4 end`;
const PART = `case $6 when 'version' then version::text when 'variant' then variant when 'reason' then reason_class else '' end`;
const IN_RANGE = `journey_key = $1 and slot >= $2 and slot < $3`;

/** Each stands on the index of cells of its roll-up. */
const ENTRIES = statement(
  'report_entries',
  `select ${PERIOD} as period, ${PART} as part, arm, latency_bin as "latencyBin",
          sum(entered)::int as entered, sum(eligible)::int as eligible, sum(messaged)::int as messaged, sum(recovered)::int as recovered
   from entry_rollup where ${IN_RANGE} group by 1, 2, 3, 4`,
);
const RECOVERIES = statement(
  'report_recoveries',
  `select ${PERIOD} as period, case $6 when 'channel' then coalesce(channel, '') else ${PART} end as part, arm, channel, attributed, within_bin as "withinBin",
          currency, sum(recovered)::int as recovered, sum(amount)::float8 as amount
   from recovery_rollup where ${IN_RANGE} group by 1, 2, 3, 4, 5, 6, 7`,
);
const MESSAGES = statement(
  'report_messages',
  `select ${PERIOD} as period, case $6 when 'channel' then channel else ${PART} end as part, arm, channel, provider, state, category, billable, parts,
          called_on::text as "calledOn", sum(messages)::int as messages, sum(delivered)::int as delivered, sum(read)::int as read, sum(clicked)::int as clicked, sum(failed)::int as failed
   from message_rollup where ${IN_RANGE} group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10`,
);

/** One version's arm, as far as it counts in the comparison: every person once per window. */
export interface ArmCount {
  readonly version: number;
  readonly arm: string;
  readonly entered: number;
  readonly recovered: number;
  readonly attributed: number;
  readonly firstSlot: Date;
  readonly lastSlot: Date;
}

export interface ArmTakings {
  readonly version: number;
  readonly arm: string;
  readonly currency: string;
  readonly recovered: number;
  readonly amount: number;
  readonly squares: number;
}

const ARMS = statement(
  'report_arms',
  `select e.version, e.arm, sum(e.entered)::int as entered, sum(e.recovered)::int as recovered, min(e.slot) as "firstSlot", max(e.slot) as "lastSlot",
          coalesce((select sum(r.recovered) from recovery_rollup r where r.journey_key = $1 and r.slot >= $2 and r.slot < $3 and r.counts
                    and r.version = e.version and r.arm = e.arm and r.attributed), 0)::int as attributed
   from entry_rollup e where e.journey_key = $1 and e.slot >= $2 and e.slot < $3 and e.counts group by e.version, e.arm order by e.version, e.arm`,
);
const TAKINGS = statement(
  'report_takings',
  `select version, arm, currency, sum(recovered)::int as recovered, sum(amount)::float8 as amount, sum(squares)::float8 as squares
   from recovery_rollup where ${IN_RANGE} and counts and currency is not null group by version, arm, currency`,
);
const ARM_MESSAGES = statement(
  'report_arm_messages',
  `select version::text as part, arm, slot as period, channel, provider, state, category, billable, parts, called_on::text as "calledOn", messages, delivered, read, clicked, failed
   from (select version, arm, min(slot) as slot, channel, provider, state, category, billable, parts, called_on, sum(messages)::int as messages, sum(delivered)::int as delivered,
                sum(read)::int as read, sum(clicked)::int as clicked, sum(failed)::int as failed
         from message_rollup where ${IN_RANGE} and counts group by version, arm, channel, provider, state, category, billable, parts, called_on) m`,
);
/** Stands on message_rollup_day. */
const SENT_IN = statement(
  'report_messages_sent',
  `select date_trunc('month', called_on)::date::text as month, called_on::text as "calledOn", channel, provider, state, category, billable, parts,
          sum(messages)::int as messages, sum(delivered)::int as delivered, sum(read)::int as read, sum(clicked)::int as clicked, sum(failed)::int as failed
   from message_rollup where called_on >= $1::date and called_on < $2::date group by 1, 2, 3, 4, 5, 6, 7, 8`,
);

const valuesOf = ({ journey, from, to, zone, grain, breakdown }: Question): unknown[] => [
  journey,
  from,
  to,
  zone,
  grain,
  breakdown,
];

/** Reads the roll-ups, and nothing else. */
export const reportStore = {
  entries: (db: Queryable, question: Question) => db.query<EntryCount>(ENTRIES, valuesOf(question)),
  recoveries: (db: Queryable, question: Question) => db.query<RecoveryCount>(RECOVERIES, valuesOf(question)),
  messages: (db: Queryable, question: Question) => db.query<MessageCount>(MESSAGES, valuesOf(question)),
  arms: (db: Queryable, { journey, from, to }: Question) => db.query<ArmCount>(ARMS, [journey, from, to]),
  takings: (db: Queryable, { journey, from, to }: Question) => db.query<ArmTakings>(TAKINGS, [journey, from, to]),
  armMessages: (db: Queryable, { journey, from, to }: Question) => db.query<MessageCount>(ARM_MESSAGES, [journey, from, to]),
  /** Messages by the day on which they were sent, of all journeys; days as YYYY-MM-DD, the second one exclusive. */
  sentIn: (db: Queryable, from: string, to: string) => db.query<MessageCount & { month: string }>(SENT_IN, [from, to]),
};
