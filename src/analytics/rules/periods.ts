import { DateTime, IANAZone } from 'luxon';
import { type Grain } from './question';

const QUARTER_MS = 900_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
export const MOST_PERIODS = 1_000;
const MILLIS = { hour: HOUR_MS, day: 86_400_000, week: 604_800_000, month: 2_592_000_000 } as const;

/** Counts are kept by quarters of an hour of entry: a range begins and ends with one. */
export function toQuarters(from: number, to: number): { from: number; to: number } {
  return { from: Math.floor(from / QUARTER_MS) * QUARTER_MS, to: Math.ceil(to / QUARTER_MS) * QUARTER_MS };
}

/** About how many periods a range has. */
export function periodsIn(from: number, to: number, grain: Grain): number {
  return grain === 'all' ? 1 : Math.ceil((to - from) / MILLIS[grain]);
}

/**
 * Where the periods of a range begin, in the zone's own calendar, and where the last one ends: the first begins with the range, the last ends
 * with it. An hour whose clock is put forward or back within is as short as what is left of it; two hours of one name are two. A day there
 * may have 23 hours, and one that comes twice or begins with an hour that is left out begins with its first moment. Asked here alone, for the
 * database too: its own tables of zones may be of another year.
 */
export function boundsOf(from: number, to: number, grain: Grain, zone: string): Date[] {
  const between = grain === 'all' ? [] : grain === 'hour' ? hoursAfter(from, to, zone) : daysAfter(from, to, grain, zone);
  return [from, ...between, to].map((at) => new Date(at));
}

/** A local hour begins with its first quarter, or with what is left of it when the clock is put forward or back. */
function hoursAfter(from: number, to: number, zone: string): number[] {
  const zoneOf = IANAZone.create(zone);
  const hourOf = (at: number): number => {
    const local = at + zoneOf.offset(at) * MINUTE_MS;
    return at - (((local % HOUR_MS) + HOUR_MS) % HOUR_MS);
  };
  const next = (at: number): number => {
    if ([at, at + HOUR_MS].every((one) => hourOf(one) === one)) return at + HOUR_MS;
    const quarters = [1, 2, 3, 4].map((count) => at + count * QUARTER_MS);
    return quarters.find((quarter) => hourOf(quarter) !== hourOf(at)) ?? at + HOUR_MS;
  };
  const found: number[] = [];
  for (let at = next(from); at < to; at = next(at)) found.push(at);
  return found;
}

function daysAfter(from: number, to: number, unit: 'day' | 'week' | 'month', zone: string): number[] {
  const zoneOf = IANAZone.create(zone);
  const length = unit === 'month' ? 0 : MILLIS[unit];
  const next = (at: number): number => {
    // Asking the calendar takes twenty times as long, and the clock is put forward or back twice a year.
    const offset = zoneOf.offset(at);
    const isMidnight = (at + offset * MINUTE_MS) % MILLIS.day === 0;
    if (length > 0 && isMidnight && zoneOf.offset(at + length) === offset) return at + length;
    // Midnight that comes twice is found from before, and is the first one.
    return DateTime.fromMillis(at, { zone })
      .startOf(unit)
      .plus({ [unit]: 1 })
      .startOf('day')
      .toMillis();
  };
  const found: number[] = [];
  for (let at = next(DateTime.fromMillis(from, { zone }).startOf(unit).toMillis()); at < to; at = next(at)) found.push(at);
  return found;
}

/** How many months lie between two of them, both included (YYYY-MM); below 1 when the second is earlier. */
export function monthsBetween(from: string, to: string): number {
  const [a, b] = [from, to].map((month) => DateTime.fromISO(`${month}-01`, { zone: 'utc' })) as [DateTime, DateTime];
  return Math.round(b.diff(a, 'months').months) + 1;
}

/** The first day of a month, and that of the month after another (YYYY-MM): a range of days, the second one exclusive. */
export function daysOfMonths(from: string, to: string): { from: string; to: string } {
  const end = DateTime.fromISO(`${to}-01`, { zone: 'utc' }).plus({ months: 1 });
  return { from: `${from}-01`, to: end.toFormat('yyyy-MM-dd') };
}

/** The days of a month (YYYY-MM), or a day (YYYY-MM-DD) alone: a range, its end exclusive. */
export function daysOf(monthOrDay: string): { from: string; to: string } {
  if (monthOrDay.length === 7) return daysOfMonths(monthOrDay, monthOrDay);
  return { from: monthOrDay, to: DateTime.fromISO(monthOrDay, { zone: 'utc' }).plus({ days: 1 }).toFormat('yyyy-MM-dd') };
}

/** True for YYYY-MM-DD of a day that exists. */
export function isDay(text: string): boolean {
  return DateTime.fromFormat(text, 'yyyy-MM-dd', { zone: 'utc' }).isValid;
}

const INDIA = 'Asia/Kolkata';

/**
 * The whole days in India within a range, as far as they may be counted whole: for the range as one, or for days, weeks and
 * months that begin there. Nothing (from equals to) otherwise.
 */
export function wholeDays(from: Date, to: Date, grain: string, zone: string): { from: Date; to: Date } {
  const fits = grain === 'all' || (grain !== 'hour' && (zone === INDIA || zone === 'Asia/Calcutta'));
  const first = DateTime.fromJSDate(from, { zone: INDIA }).minus({ milliseconds: 1 }).startOf('day').plus({ days: 1 });
  const last = DateTime.fromJSDate(to, { zone: INDIA }).startOf('day');
  return fits && first < last ? { from: first.toJSDate(), to: last.toJSDate() } : { from, to: from };
}
