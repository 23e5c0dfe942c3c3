import { type EntryFilter } from '../rules/entry-filter';

/** A quarter of an hour in which people entered a journey. */
export interface Quarter {
  readonly journey: string;
  readonly slot: Date;
}

/** Of the cells of a roll-up, those of the entries that are asked for: `entryColumns` as $1 to $6. */
const IS_ASKED_CELL = `($2::text is null or arm = $2) and ($3::int[] is null or version = any($3)) and ($4::text is null or variant = $4)
  and ($5::text is null or reason_class = $5) and (not $6::boolean or counts)`;
/** What a list asks of a quarter: `quarterColumns` as $1 to $9. Of quarters whose rows have been let go of nothing can be listed. */
const SINCE = `greatest($7::timestamptz, (select through - interval '15 minutes' from outcome_horizon))`;
/** Latest first, as many as hold $9 of what is counted; the one that the list has come to, or that lies in no range whole, may hold none of them. */
const ENOUGH = (part: string, length: string): string =>
  `coalesce(sum(case when ${part} >= (select since from span) and ${part} + interval '${length}' <= $8 then n else 0 end) over (order by ${part} desc groups between unbounded preceding and 1 preceding), 0) < $9::int`;

/** Each journey that is asked for: the one that is named, else all of which there are rows. One look-up each, where `distinct` would read them all. */
export const askedJourneys = (table: string): string => `
  journeys as (
    (select journey_key from ${table} where $1::text is null order by journey_key limit 1)
    union all
    select (select o.journey_key from ${table} o where o.journey_key > j.journey_key order by o.journey_key limit 1) from journeys j where j.journey_key is not null),
  asked as (select $1::text as journey_key where $1::text is not null union all select journey_key from journeys where journey_key is not null)`;

/**
 * The latest quarters in which there is what a list holds, enough for a page: where hardly anything is, the roll-ups know where, and the rows
 * between need not be read. First the days that hold enough, then their quarters. `counted`: how many rows of the list a cell stands for, as
 * far as one can say; `asked`: its own filters, from $10 on. Stands on the cells of both roll-ups.
 */
export const quartersOfEntry = (
  table: 'entry' | 'recovery' | 'message',
  [counted, dayCounted]: [string, string],
  asked: string,
): string => `
  with recursive ${askedJourneys(`${table}_daily`)},
  span as (select ${SINCE} as since),
  days as (
    select day, sum(n) as n from asked cross join span cross join lateral (
      select slot as day, ${dayCounted} as n from ${table}_daily
      where journey_key = asked.journey_key and slot > span.since - interval '24 hours' and slot < $8::timestamptz and ${IS_ASKED_CELL} and ${asked} offset 0) d
    where n > 0 group by day),
  near as (select day from (select day, ${ENOUGH('day', '24 hours')} as is_near from days) d where is_near),
  quarters as (
    select journey_key, slot, sum(n) as n from asked cross join span cross join near cross join lateral (
      select slot, ${counted} as n from ${table}_rollup
      where journey_key = asked.journey_key and slot >= greatest(near.day, span.since) and slot < least(near.day + interval '24 hours', $8) and ${IS_ASKED_CELL} and ${asked} offset 0) r
    where n > 0 group by journey_key, slot)
  select journey_key as journey, slot from (select journey_key, slot, ${ENOUGH('slot', '15 minutes')} as is_near from quarters) q where is_near`;

/** The same of what was called on some days (`days`: a condition on `called_on`). Stands on message_rollup_day, as the invoice does. */
export const quartersOfCall = (counted: string, days: string, asked: string): string => `
  with span as (select ${SINCE} as since),
  quarters as (
    select journey_key, slot, sum(n) as n from span cross join lateral (
      select journey_key, slot, ${counted} as n from message_rollup
      where ${days} and ($1::text is null or journey_key = $1) and slot >= span.since and slot < $8::timestamptz and ${IS_ASKED_CELL} and ${asked} offset 0) r
    where n > 0 group by journey_key, slot)
  select journey_key as journey, slot from (select journey_key, slot, ${ENOUGH('slot', '15 minutes')} as is_near from quarters) q where is_near`;

/** The filters of entries, $1 to $6. */
export const entryColumns = ({ journey, arm, versions, variant, reason, comparedOnly }: EntryFilter): unknown[] => [
  journey,
  arm,
  versions,
  variant,
  reason,
  comparedOnly,
];
/** With the time in which they entered, and how many of what is counted are wanted: $1 to $9. */
export const quarterColumns = (filter: EntryFilter, until: Date, wanted: number): unknown[] => [
  ...entryColumns(filter),
  filter.from,
  until,
  wanted,
];

/**
 * Reads what a list holds, latest first, quarters with something in them one after the other, until there is as much as is wanted. The
 * roll-ups say at most where to look: what is read is what is there.
 */
export async function readQuarters<Row>(
  until: Date,
  wanted: number,
  quartersBefore: (until: Date, wanted: number) => Promise<Quarter[]>,
  rowsIn: (quarters: readonly Quarter[], wanted: number) => Promise<Row[]>,
): Promise<Row[]> {
  const found: Row[] = [];
  for (let end = until; found.length < wanted;) {
    const quarters = await quartersBefore(end, wanted - found.length);
    if (quarters.length === 0) break;
    found.push(...(await rowsIn(quarters, wanted - found.length)));
    end = new Date(Math.min(...quarters.map(({ slot }) => slot.getTime())));
  }
  return found;
}
