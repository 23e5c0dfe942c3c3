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

/**
 * From when to when a period lasts, in the zone's own calendar. `start` is where its local hour, day, week or month begins, or once began:
 * an hour whose clock is put forward or back within is as short as what is left of it, a day there may have 23 hours, and one that
 * comes twice or begins with an hour that is left out begins with its first moment. For the range as one: from `start` to `to`.
 */
export function periodAt(start: Date, grain: string, zone: string, to: Date): { from: Date; to: Date } {
  if (MILLIS[grain] === undefined) return { from: start, to };
  if (grain === 'hour') return hourAt(start.getTime(), zone);
  const unit = grain as 'day' | 'week' | 'month';
  const local = DateTime.fromJSDate(start, { zone });
  return { from: firstMomentOf(local), to: firstMomentOf(local.startOf(unit).plus({ [unit]: 1 })) };
}

/** The quarters whose own local hour began then. Two hours of one name, an hour apart, begin at different moments. */
function hourAt(start: number, zone: string): { from: Date; to: Date } {
  const begins = (at: number): number => {
    const { minute } = DateTime.fromMillis(at, { zone });
    return at - minute * 60_000;
  };
  const own = [0, 1, 2, 3].map((quarter) => start + quarter * QUARTER_MS).filter((at) => begins(at) === start);
  return { from: new Date(own[0] ?? start), to: new Date((own.at(-1) ?? start) + QUARTER_MS) };
}

/** Of a local day. Where the clock is put back over midnight, midnight comes twice. */
function firstMomentOf(local: DateTime): Date {
  const midnight = local.startOf('day');
  const earlier = [30, 60, 120]
    .map((minutes) => midnight.minus({ minutes }))
    .filter((one) => one.toISODate() === midnight.toISODate());
  return (earlier.at(-1) ?? midnight).toJSDate();
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
