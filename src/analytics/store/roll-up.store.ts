import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type VersionFacts } from '../../journeys/journeys.api';
import { ATTRIBUTION_HOURS } from '../rules/attribution';
import { SUPERSEDED } from '../rules/cost';
import { isCountable, longestWindow } from '../rules/countable';
import { inExperiments } from '../rules/experiments';
import { TIME_EDGES } from '../rules/time-bins';

export type VersionName = Pick<VersionFacts, 'key' | 'version'>;
export type VersionsFor = (tx: Transaction, entered: readonly VersionName[]) => Promise<readonly VersionFacts[]>;

export interface Cell {
  readonly journeyKey: string;
  readonly slot: Date;
}

/** One pass at a time in the whole deployment: two would write the same cells twice. Readers wait for the pass at work. */
const LOCK = statement('rollup_lock', `select pg_advisory_xact_lock(hashtextextended('wapas:roll-up', 0))`);
/**
 * How far the rows behind the counts have been let go of, in milliseconds since 1970. Until the transaction ends it goes no further: what is
 * counted is either there or known to be gone.
 */
const HOLD_HORIZON = statement(
  'rollup_hold_horizon',
  `select extract(epoch from through)::float8 * 1000 as through from outcome_horizon for share`,
);
/**
 * Takes stale quarters out of the list. Rows of transactions that are still open are not seen and stay for the next pass.
 * Stands on outcome_stale_of_journey.
 */
const TAKE = statement(
  'rollup_take',
  `with stale as (select journey_key, slot from outcome_stale where $1::text is null or journey_key = $1 group by journey_key, slot order by slot desc limit $2)
   delete from outcome_stale s using stale where s.journey_key = stale.journey_key and s.slot = stale.slot
   returning s.journey_key as "journeyKey", s.slot`,
);
/** What entered in some quarters. Stands on outcome_of_journey. */
const VERSIONS_IN = statement(
  'rollup_versions_in',
  `select distinct o.journey_key as key, o.version from unnest($1::text[], $2::timestamptz[]) as c (journey_key, slot)
   cross join lateral (
     select journey_key, version from outcome o
     where o.journey_key = c.journey_key and o.entered_at >= c.slot and o.entered_at < c.slot + interval '15 minutes' and not o.test offset 0) o`,
);
const CLEAR_ENTRIES = statement(
  'rollup_clear_entries',
  `delete from entry_rollup r using unnest($1::text[], $2::timestamptz[]) as c (journey_key, slot) where r.journey_key = c.journey_key and r.slot = c.slot`,
);
const CLEAR_RECOVERIES = statement(
  'rollup_clear_recoveries',
  `delete from recovery_rollup r using unnest($1::text[], $2::timestamptz[]) as c (journey_key, slot) where r.journey_key = c.journey_key and r.slot = c.slot`,
);
const CLEAR_MESSAGES = statement(
  'rollup_clear_messages',
  `delete from message_rollup r using unnest($1::text[], $2::timestamptz[]) as c (journey_key, slot) where r.journey_key = c.journey_key and r.slot = c.slot`,
);

/** Of an entry `o` of a version `v`: an entry `version` is of the same experiment. */
const isSameExperiment = (version: string): string =>
  `${version} between coalesce(v.experiment_first, o.version) and coalesce(v.experiment_last, o.version)`;
/**
 * Of an entry `o` of a version `v`: it counts in the comparison, since the same person had not entered the same experiment before, nor the
 * journey within its window. People are what an experiment is cut by: who comes ten times, in the same arm each time, is one, and an
 * interval that took them for ten would be too narrow. What had been let go of stands in `entered_before`.
 */
export const COUNTS_ONCE = `(
  (select true from outcome p where p.person_id = o.person_id and p.journey_key is not distinct from o.journey_key and not p.test and (p.entered_at, p.run_id) < (o.entered_at, o.run_id)
     and (p.entered_at > o.entered_at - coalesce(v.lasts, '1 day') or ${isSameExperiment('p.version')}) limit 1) is null
  and (select true from entered_before b where b.run_id = o.run_id and ${isSameExperiment('b.version')} limit 1) is null)`;
/**
 * The outcomes of some quarters, one row a run. A run counts in the comparison as `COUNTS_ONCE` says; it is eligible when it was still open at
 * the time of the first step. Stands on
 * outcome_of_journey and outcome_of_person, one look-up each whatever the statistics say (`offset 0`, `limit 1`): planned
 * as hash joins, every pass read a million rows. `is not distinct from` keeps the second look-up away from the index of the
 * journey, where it would read everybody who entered on the same day.
 */
const ENTRIES_OF_CELLS = `
  cells as (select * from unnest($1::text[], $2::timestamptz[]) as c (journey_key, slot)),
  versions as (select * from unnest($3::text[], $4::int[], $5::interval[], $6::interval[], $7::int[], $8::int[]) as v (journey_key, version, first_after, lasts, experiment_first, experiment_last)),
  entries as materialized (
    select o.run_id, o.journey_key, c.slot, o.version, o.variant, o.arm, coalesce(o.reason_class, '') as reason_class, o.entered_at, o.dropped_at,
           o.goal_at, o.ended_at, o.ended_early, o.amount, o.currency, coalesce(v.first_after, '0') as first_after,
           ${COUNTS_ONCE} as counts
    from cells c
    cross join lateral (
      select * from outcome o
      where o.journey_key = c.journey_key and o.entered_at >= c.slot and o.entered_at < c.slot + interval '15 minutes' and not o.test offset 0) o
    left join versions v on v.journey_key = o.journey_key and v.version = o.version)`;
const CELL = `journey_key, slot, version, variant, arm, reason_class, counts`;

const ROLL_ENTRIES = statement(
  'rollup_entries',
  `with ${ENTRIES_OF_CELLS}
   insert into entry_rollup (${CELL}, latency_bin, entered, eligible, messaged, recovered)
   select ${CELL}, width_bucket(extract(epoch from first.at - coalesce(e.dropped_at, e.entered_at)), $9::numeric[]), count(*),
          count(*) filter (where e.ended_at is null or not coalesce(e.ended_early, e.ended_at <= e.entered_at + e.first_after)), count(first.at), count(e.goal_at)
   from entries e
   cross join lateral (select min(at) as at from touch t where t.run_id = e.run_id and t.state = 'sent' offset 0) first
   group by ${CELL}, 8`,
);
/**
 * Of the accepted messages before the goal the last one inside whose window it lies gets the recovery ("last touch"); where it lies in none, it is
 * told beside the last one and attributed to none; a goal without one is the customer's own doing. `hours`: `h (channel, hours)`.
 */
export const lastTouchOf = (run: string, hours: string): string => `
  select t.channel, ${run}.goal_at - t.at <= make_interval(hours => coalesce(h.hours, 24)) as attributed from touch t left join ${hours} on h.channel = t.channel
  where t.run_id = ${run}.run_id and t.state = 'sent' and t.at <= ${run}.goal_at order by attributed desc, t.at desc, t.message_id desc limit 1`;
const ROLL_RECOVERIES = statement(
  'rollup_recoveries',
  `with ${ENTRIES_OF_CELLS},
   hours as (select * from unnest($10::text[], $11::int[]) as h (channel, hours))
   insert into recovery_rollup (${CELL}, channel, attributed, within_bin, currency, recovered, amount, squares)
   select ${CELL}, last.channel, coalesce(last.attributed, false),
          width_bucket(extract(epoch from e.goal_at - e.entered_at), $9::numeric[]), e.currency, count(*),
          coalesce(sum(e.amount), 0), coalesce(sum(e.amount::numeric * e.amount), 0)
   from entries e
   left join lateral (${lastTouchOf('e', 'hours h')}) last on true
   where e.goal_at is not null
   group by ${CELL}, 8, 9, 10, 11`,
);
/** The last attempt of a message comes after all that another one followed. */
const LAST_FENCE = 2_147_483_647;
/**
 * Of what a provider has said to bill without a category, half is assumed: it counts as if nothing was said, unless it is said to be free.
 */
const PRICED_AS = `coalesce(category, sent_as) as category, case when category is null then nullif(billable, true) else billable end as billable`;
/**
 * What went out in a run, as it is counted: its messages, and each attempt that another one followed, which its provider bills and which is no
 * message more. Stands on touch_of_run and earlier_touch_of_run.
 */
export const touchesOf = (run: string): string => `
  select message_id, ${LAST_FENCE} as fence, step, channel, provider, state, ${PRICED_AS}, category as told_category, billable as told_billable, parts, country, at, (at at time zone 'Asia/Kolkata')::date as called_on,
         1 as messages, (coalesce(delivered_at, read_at, clicked_at) is not null)::int as delivered, (coalesce(read_at, clicked_at) is not null)::int as read,
         (clicked_at is not null)::int as clicked, (failed_at is not null)::int as failed, delivered_at, read_at, clicked_at, failed_at
  from touch where run_id = ${run}
  union all
  select message_id, fence, step, channel, provider, '${SUPERSEDED}', ${PRICED_AS}, category, billable, parts, country, at, (at at time zone 'Asia/Kolkata')::date, 1, (delivered_at is not null)::int, 0, 0, (failed_at is not null)::int, delivered_at, null, null, failed_at
  from earlier_touch where run_id = ${run}`;
/** Of what was sent on a channel the first counts as the run's: however many follow, it is one run that was messaged there. */
const ROLL_MESSAGES = statement(
  'rollup_messages',
  `with ${ENTRIES_OF_CELLS}
   insert into message_rollup (${CELL}, channel, provider, state, category, billable, parts, country, called_on, messages, messaged, delivered, read, clicked, failed)
   select ${CELL}, t.channel, t.provider, t.state, t.category, t.billable, t.parts, t.country, t.called_on,
          sum(t.messages), count(*) filter (where t.state = 'sent' and t.place = 1), sum(t.delivered), sum(t.read), sum(t.clicked), sum(t.failed)
   from entries e cross join lateral (
     select *, row_number() over (partition by channel, state order by at, message_id) as place from (${touchesOf('e.run_id')}) t offset 0) t
   group by ${CELL}, 8, 9, 10, 11, 12, 13, 14, 15`,
);
/** Null of what was counted before this was, and could not be counted again: not less than all. */
export const ALL_MESSAGED = `case when count(messaged) = count(*) then sum(messaged) end`;
/** The days in India that the cells lie in, summed up anew from their quarters. */
const DAYS = `
  days as (select distinct journey_key, date_trunc('day', slot, 'Asia/Kolkata') as day from unnest($1::text[], $2::timestamptz[]) as c (journey_key, slot))`;
const CLEAR_ENTRY_DAYS = statement(
  'rollup_clear_entry_days',
  `with ${DAYS} delete from entry_daily r using days where r.journey_key = days.journey_key and r.slot = days.day`,
);
const CLEAR_RECOVERY_DAYS = statement(
  'rollup_clear_recovery_days',
  `with ${DAYS} delete from recovery_daily r using days where r.journey_key = days.journey_key and r.slot = days.day`,
);
const CLEAR_MESSAGE_DAYS = statement(
  'rollup_clear_message_days',
  `with ${DAYS} delete from message_daily r using days where r.journey_key = days.journey_key and r.slot = days.day`,
);
const DAY_CELL = `journey_key, day, version, variant, arm, reason_class, counts`;
const ROLL_ENTRY_DAYS = statement(
  'rollup_entry_days',
  `with ${DAYS}
   insert into entry_daily (${CELL}, latency_bin, entered, eligible, messaged, recovered, first_slot, last_slot)
   select ${DAY_CELL}, latency_bin, sum(entered), sum(eligible), sum(messaged), sum(recovered), min(slot), max(slot)
   from days cross join lateral (
     select version, variant, arm, reason_class, counts, slot, latency_bin, entered, eligible, messaged, recovered from entry_rollup r
     where r.journey_key = days.journey_key and r.slot >= days.day and r.slot < days.day + interval '24 hours' offset 0) r
   group by ${DAY_CELL}, latency_bin`,
);
const ROLL_RECOVERY_DAYS = statement(
  'rollup_recovery_days',
  `with ${DAYS}
   insert into recovery_daily (${CELL}, channel, attributed, within_bins, currency, recovered, amount, squares)
   select ${DAY_CELL}, channel, attributed, string_agg(within_bin || ':' || recovered, ' ' order by within_bin, recovered), currency, sum(recovered), sum(amount), sum(squares)
   from days cross join lateral (
     select version, variant, arm, reason_class, counts, channel, attributed, within_bin, currency, recovered, amount, squares from recovery_rollup r
     where r.journey_key = days.journey_key and r.slot >= days.day and r.slot < days.day + interval '24 hours' offset 0) r
   group by ${DAY_CELL}, channel, attributed, currency`,
);
const ROLL_MESSAGE_DAYS = statement(
  'rollup_message_days',
  `with ${DAYS}
   insert into message_daily (${CELL}, channel, provider, state, category, billable, parts, country, called_on, messages, messaged, delivered, read, clicked, failed)
   select ${DAY_CELL}, channel, provider, state, category, billable, parts, country, called_on, sum(messages), ${ALL_MESSAGED}, sum(delivered), sum(read), sum(clicked), sum(failed)
   from days cross join lateral (
     select version, variant, arm, reason_class, counts, channel, provider, state, category, billable, parts, country, called_on, messages, messaged, delivered, read, clicked, failed
     from message_rollup r where r.journey_key = days.journey_key and r.slot >= days.day and r.slot < days.day + interval '24 hours' offset 0) r
   group by ${DAY_CELL}, channel, provider, state, category, billable, parts, country, called_on`,
);
const DAY_PASSES = [
  CLEAR_ENTRY_DAYS,
  CLEAR_RECOVERY_DAYS,
  CLEAR_MESSAGE_DAYS,
  ROLL_ENTRY_DAYS,
  ROLL_RECOVERY_DAYS,
  ROLL_MESSAGE_DAYS,
];
const IS_STALE = statement(
  'rollup_is_stale',
  `select exists (select from outcome_stale where $1::text is null or journey_key = $1) as "isStale"`,
);
const STALE_QUARTERS = statement(
  'rollup_stale_quarters',
  `select count(*)::int as count from (select distinct journey_key, slot from outcome_stale where $1::text is null or journey_key = $1) s`,
);

/** What the look at entries must know of versions, one column each: `v (journey_key, version, first_after, lasts, experiment_first, experiment_last)`. */
export function versionColumns(versions: readonly VersionFacts[]): unknown[][] {
  const all = inExperiments(versions);
  return [
    all.map(({ version }) => version.key),
    all.map(({ version }) => version.version),
    all.map(({ version }) => `${version.firstStepAfter} milliseconds`),
    all.map(({ version }) => `${version.window} milliseconds`),
    all.map(({ first }) => first),
    all.map(({ last }) => last),
  ];
}

/** The only place that writes the roll-up tables. */
export const rollUpStore = {
  async isStale(db: Queryable, journeyKey: string | null): Promise<boolean> {
    return (await db.query<{ isStale: boolean }>(IS_STALE, [journeyKey]))[0]?.isStale === true;
  },

  /** How many have to be counted again. */
  async staleQuarters(db: Queryable, journeyKey: string | null): Promise<number> {
    return (await db.query<{ count: number }>(STALE_QUARTERS, [journeyKey]))[0]?.count ?? 0;
  },

  /**
   * Takes up to `limit` stale quarters and counts them again, but for those whose rows have been let go of: their counts stay as they are.
   * Gives how many there were. `versionsFor` gives what is known of these versions,
   * and may give others.
   */
  async rollUp(tx: Transaction, journeyKey: string | null, limit: number, versionsFor: VersionsFor): Promise<number> {
    await tx.query(LOCK);
    const taken = await tx.query<Cell>(TAKE, [journeyKey, limit]);
    const stale = [...new Map(taken.map((cell) => [`${cell.journeyKey} ${cell.slot.getTime()}`, cell])).values()];
    if (stale.length === 0) return 0;
    const [held] = await tx.query<{ through: number }>(HOLD_HORIZON);
    const horizon = held?.through ?? -Infinity;
    const versions = await versionsFor(tx, await tx.query<VersionName>(VERSIONS_IN, columnsOf(stale)));
    const windows = new Map(
      [...new Set(stale.map(({ journeyKey }) => journeyKey))].map((key) => [key, longestWindow(key, versions)]),
    );
    const cells = stale.filter(({ journeyKey, slot }) => isCountable(slot.getTime(), windows.get(journeyKey) ?? 0, horizon));
    if (cells.length > 0) await this.count(tx, cells, versions);
    return stale.length;
  },

  async count(tx: Transaction, cells: readonly Cell[], versions: readonly VersionFacts[]): Promise<void> {
    const where = columnsOf(cells);
    for (const clear of [CLEAR_ENTRIES, CLEAR_RECOVERIES, CLEAR_MESSAGES]) await tx.query(clear, where);
    const journeys = versionColumns(versions);
    await tx.query(ROLL_ENTRIES, [...where, ...journeys, TIME_EDGES]);
    const channels = Object.entries(ATTRIBUTION_HOURS);
    await tx.query(ROLL_RECOVERIES, [
      ...where,
      ...journeys,
      TIME_EDGES,
      channels.map(([channel]) => channel),
      channels.map(([, hours]) => hours),
    ]);
    await tx.query(ROLL_MESSAGES, [...where, ...journeys]);
    for (const pass of DAY_PASSES) await tx.query(pass, where);
  },
};

const columnsOf = (cells: readonly Cell[]): unknown[][] => [cells.map((cell) => cell.journeyKey), cells.map((cell) => cell.slot)];
