import { type Queryable, statement } from '@wapas/database';
import { wholeDays } from '../rules/periods';
import { type Grain, type Question } from '../rules/question';
import { ALL_MESSAGED } from './roll-up.store';

interface Place {
  readonly period: Date;
  /** The value of what is broken down by; '' when nothing is, or when it does not apply. */
  readonly part: string;
  readonly arm: string;
}

export interface EntryCount extends Place {
  /** How long first messages took, as a text of bins (`readBins`). */
  readonly latency: string | null;
  readonly entered: number;
  readonly eligible: number;
  readonly messaged: number;
  readonly recovered: number;
}

export interface RecoveryCount extends Place {
  readonly channel: string | null;
  readonly attributed: boolean;
  /** How long recoveries took, as a text of bins. */
  readonly within: string;
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
  /** Of the number it went to, ISO 3166; null: to no number, or not known. */
  readonly country: string | null;
  /** The day on which it was sent, in India, as its vendors count: YYYY-MM-DD. */
  readonly calledOn: string;
  readonly messages: number;
  readonly delivered: number;
  readonly read: number;
  readonly clicked: number;
  readonly failed: number;
}

/** By channel, in how many runs it was sent as well: those of which the first message on it is among these. Null where that is not known. */
export type MessageCountOfChannel = MessageCount & { readonly messaged: number | null };

/** Where the period begins that a quarter, or a whole day, lies in. */
const PERIOD = `($6::timestamptz[])[width_bucket(slot, $6::timestamptz[])]`;
const PART = `case $7 when 'version' then version::text when 'variant' then variant when 'reason' then reason_class else '' end`;
/**
 * The rows of a roll-up in the range: whole days in India ($4 to $5) from the table of days, what is left at both ends from
 * the quarters of an hour. Where days begin elsewhere, or hours are asked for, $4 equals $5 and everything comes from the
 * quarters.
 */
const rowsIn = (table: 'entry' | 'recovery' | 'message', columns: string, dayColumns = columns): string => `(
  select slot, version, variant, arm, reason_class, counts, ${dayColumns} from ${table}_daily where journey_key = $1 and slot >= $4 and slot < $5
  union all select slot, version, variant, arm, reason_class, counts, ${columns} from ${table}_rollup where journey_key = $1 and slot >= $2 and slot < $4
  union all select slot, version, variant, arm, reason_class, counts, ${columns} from ${table}_rollup where journey_key = $1 and slot >= $5 and slot < $3)`;
const ENTRY_ROWS = rowsIn(
  'entry',
  'latency_bin, entered, eligible, messaged, recovered, slot as first_slot, slot as last_slot',
  'latency_bin, entered, eligible, messaged, recovered, first_slot, last_slot',
);
const RECOVERY_ROWS = rowsIn(
  'recovery',
  `channel, attributed, within_bin || ':' || recovered as within_bins, currency, recovered, amount, squares`,
  'channel, attributed, within_bins, currency, recovered, amount, squares',
);
const MESSAGE_ROWS = rowsIn(
  'message',
  'channel, provider, state, category, billable, parts, country, called_on, messages, messaged, delivered, read, clicked, failed',
);

/**
 * Each stands on the index of cells of its roll-up. Lengths of time come as texts of bins, one behind the other: as rows they were
 * a hundred times as many, and sending those took longer than everything else.
 */
const ENTRIES = statement(
  'report_entries',
  `select ${PERIOD} as period, ${PART} as part, arm, string_agg(latency_bin || ':' || messaged, ' ') as latency,
          sum(entered)::int as entered, sum(eligible)::int as eligible, sum(messaged)::int as messaged, sum(recovered)::int as recovered
   from ${ENTRY_ROWS} r group by 1, 2, 3`,
);
const RECOVERIES = statement(
  'report_recoveries',
  `select ${PERIOD} as period, case $7 when 'channel' then coalesce(channel, '') else ${PART} end as part, arm, channel, attributed,
          string_agg(within_bins, ' ') as within, currency, sum(recovered)::int as recovered, sum(amount)::float8 as amount
   from ${RECOVERY_ROWS} r group by 1, 2, 3, 4, 5, 7`,
);
const MESSAGES = statement(
  'report_messages',
  `select ${PERIOD} as period, case $7 when 'channel' then channel else ${PART} end as part, arm, channel, provider, state, category, billable, parts, country,
          called_on::text as "calledOn", sum(messages)::int as messages, (${ALL_MESSAGED})::int as messaged, sum(delivered)::int as delivered, sum(read)::int as read, sum(clicked)::int as clicked, sum(failed)::int as failed
   from ${MESSAGE_ROWS} r group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11`,
);

/** One version's arm, as far as it counts in the comparison: every person once per window. */
export interface ArmCount {
  readonly version: number;
  readonly arm: string;
  readonly entered: number;
  readonly recovered: number;
  readonly firstSlot: Date;
  readonly lastSlot: Date;
}

export interface ArmTakings {
  readonly version: number;
  readonly arm: string;
  /** Null for goals without an amount. */
  readonly currency: string | null;
  readonly recovered: number;
  /** Null for none. */
  readonly attributed: number | null;
  readonly amount: number;
  readonly squares: number;
}

const ARMS = statement(
  'report_arms',
  `select version, arm, sum(entered)::int as entered, sum(recovered)::int as recovered, min(first_slot) as "firstSlot", max(last_slot) as "lastSlot"
   from ${ENTRY_ROWS} r where counts group by version, arm order by version, arm`,
);
/**
 * The last entries after a range, the day in India included that its end lies in. Beside `arms`: whether people still enter, and whether
 * their windows are over, does not depend on what was asked. Stands on entry_daily_cell.
 */
const LATER_ENTRIES = statement(
  'report_later_entries',
  `select version, max(last_slot) as "lastSlot" from entry_daily where journey_key = $1 and slot > $2::timestamptz - interval '24 hours' and counts group by version`,
);
const TAKINGS = statement(
  'report_takings',
  `select version, arm, currency, sum(recovered)::int as recovered, sum(recovered) filter (where attributed)::int as attributed,
          sum(amount)::float8 as amount, sum(squares)::float8 as squares
   from ${RECOVERY_ROWS} r where counts group by version, arm, currency`,
);
const ARM_MESSAGES = statement(
  'report_arm_messages',
  `select version::text as part, arm, min(slot) as period, channel, provider, state, category, billable, parts, country, called_on::text as "calledOn",
          sum(messages)::int as messages, sum(delivered)::int as delivered, sum(read)::int as read, sum(clicked)::int as clicked, sum(failed)::int as failed
   from ${MESSAGE_ROWS} r where counts group by version, arm, channel, provider, state, category, billable, parts, country, called_on`,
);
/** Stands on message_rollup_day. */
const SENT_IN = statement(
  'report_messages_sent',
  `select date_trunc('month', called_on)::date::text as month, called_on::text as "calledOn", channel, provider, state, category, billable, parts, country,
          sum(messages)::int as messages, sum(delivered)::int as delivered, sum(read)::int as read, sum(clicked)::int as clicked, sum(failed)::int as failed
   from message_rollup where called_on >= $1::date and called_on < $2::date group by 1, 2, 3, 4, 5, 6, 7, 8, 9`,
);

const HAS_COUNTED = statement(
  'report_has_counted_provider',
  `select exists (select from message_daily where channel = $1 and provider = $2) as "hasCounted"`,
);

/** The range, as `rowsIn` asks for it. */
function rangeOf({ journey, from, to, zone }: Question, grain: Grain): unknown[] {
  const days = wholeDays(from, to, grain, zone);
  return [journey, from, to, days.from, days.to];
}

const valuesOf = (question: Question): unknown[] => [...rangeOf(question, question.grain), question.bounds, question.breakdown];

/** Reads the roll-ups, and nothing else. */
export const reportStore = {
  entries: (db: Queryable, question: Question) => db.query<EntryCount>(ENTRIES, valuesOf(question)),
  recoveries: (db: Queryable, question: Question) => db.query<RecoveryCount>(RECOVERIES, valuesOf(question)),
  messages: (db: Queryable, question: Question) => db.query<MessageCountOfChannel>(MESSAGES, valuesOf(question)),
  arms: (db: Queryable, question: Question) => db.query<ArmCount>(ARMS, rangeOf(question, 'all')),
  laterEntries: (db: Queryable, { journey, to }: Question) =>
    db.query<{ version: number; lastSlot: Date }>(LATER_ENTRIES, [journey, to]),
  takings: (db: Queryable, question: Question) => db.query<ArmTakings>(TAKINGS, rangeOf(question, 'all')),
  armMessages: (db: Queryable, question: Question) => db.query<MessageCount>(ARM_MESSAGES, rangeOf(question, 'all')),
  /** Messages by the day on which they were sent, of all journeys; days as YYYY-MM-DD, the second one exclusive. */
  sentIn: (db: Queryable, from: string, to: string) => db.query<MessageCount & { month: string }>(SENT_IN, [from, to]),
  /** Whether anything of this provider was ever counted on the channel. Reads the table of days when there is nothing: for people, not for machines. */
  hasCounted: async (db: Queryable, channel: string, provider: string): Promise<boolean> =>
    (await db.query<{ hasCounted: boolean }>(HAS_COUNTED, [channel, provider]))[0]?.hasCounted === true,
};
