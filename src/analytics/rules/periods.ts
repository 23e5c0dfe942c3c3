import { DateTime, IANAZone } from 'luxon';

const QUARTER_MS = 900_000;
export const MOST_PERIODS = 1_000;
const MILLIS: Readonly<Record<string, number>> = { hour: 3_600_000, day: 86_400_000, week: 604_800_000, month: 2_592_000_000 };

/** True for an IANA name that both this process and the database know. An offset such as +05:30 means its opposite to Postgres. */
export function isZone(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(name) && IANAZone.isValidZone(name);
}

/** Counts are kept by quarters of an hour of entry: a range begins and ends with one. */
export function toQuarters(from: number, to: number): { from: number; to: number } {
  return { from: Math.floor(from / QUARTER_MS) * QUARTER_MS, to: Math.ceil(to / QUARTER_MS) * QUARTER_MS };
}

/** About how many periods a range has. */
export function periodsIn(from: number, to: number, grain: string): number {
  const length = MILLIS[grain];
  return length === undefined ? 1 : Math.ceil((to - from) / length);
}

/** The end of the period that begins at `start`, in the zone's own calendar: a day there may have 23 hours. */
export function endOfPeriod(start: Date, grain: string, zone: string, to: Date): Date {
  if (MILLIS[grain] === undefined) return to;
  return DateTime.fromJSDate(start, { zone })
    .plus({ [grain]: 1 })
    .toJSDate();
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
