import { type Instant, instantFromMillis } from '@wapas/kernel';
import { DateTime } from 'luxon';

/** Hours of every local day: minutes after midnight, the end not included. From 22:00 to 08:00 they go across midnight. */
export interface LocalHours {
  readonly from: number;
  readonly to: number;
  /** IANA zone. */
  readonly zone: string;
}

/** Hours that bind after a moment only; absent: always. */
export interface BindingHours extends LocalHours {
  readonly bindsAfter?: Instant;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** No zone changes its clock within a quarter of an hour of UTC. */
const QUARTER_MS = 15 * MINUTE_MS;
/** Two months of quarters in one zone. */
const MOST_KEPT = 6_000;

/** Windows that never meet are given up after so many looks. */
const MOST_LOOKS = 6;
/** Nothing waits longer for windows to open: each look goes to the next day at most, or a day further where a clock is changed. */
export const LONGEST_WAIT_MS = MOST_LOOKS * 2 * DAY_MS;

/** Null: all that bind are open now. Else the next moment at which all are that bind then. */
export function nextOpeningOfAll(windows: readonly BindingHours[], now: Instant): Instant | null {
  let at = now;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    let latest: Instant | null = null;
    for (const one of windows) {
      const opening = one.bindsAfter === undefined || at > one.bindsAfter ? nextOpening(one, at) : null;
      if (opening !== null && (latest === null || opening > latest)) latest = opening;
    }
    if (latest === null) return at === now ? null : at;
    at = latest;
  }
  return at;
}

/** Null: they are open now. Else the next moment at which they open. */
export function nextOpening({ from, to, zone }: LocalHours, now: Instant): Instant | null {
  const offset = offsetOf(zone, now);
  const midnight = Math.floor((now + offset) / DAY_MS) * DAY_MS;
  const minute = (now + offset - midnight) / MINUTE_MS;
  const isOpen = from <= to ? minute >= from && minute < to : minute >= from || minute < to;
  if (isOpen) return null;
  const opening = midnight - offset + from * MINUTE_MS + (minute < from ? 0 : DAY_MS);
  const isPlain = offsetOf(zone, opening) === offset && offsetOf(zone, now + 2 * DAY_MS) === offset;
  return instantFromMillis(isPlain ? opening : openingByTheWallClock(from, zone, now));
}

/** Days of every month, both included. From the 28th to the 3rd they go across its end. */
export interface MonthDays {
  readonly from: number;
  readonly to: number;
  /** IANA zone. */
  readonly zone: string;
}

/** The 30th and the 31st are there again after two months at the latest. */
const MOST_DAYS_AHEAD = 62;

/** Null: today is one of them. Else when the next of them begins. */
export function nextMonthDay({ from, to, zone }: MonthDays, now: Instant): Instant | null {
  const isOne = ({ day }: DateTime): boolean => (from <= to ? day >= from && day <= to : day >= from || day <= to);
  const today = DateTime.fromMillis(now, { zone }).startOf('day');
  if (isOne(today)) return null;
  for (let ahead = 1; ahead <= MOST_DAYS_AHEAD; ahead += 1) {
    const day = today.plus({ days: ahead });
    if (isOne(day)) return instantFromMillis(day.toMillis());
  }
  throw new Error(`No month has a day from ${from} to ${to}.`);
}

/** Sets the clock on the wall rather than adding minutes: a day on which it changes still opens at its local hour. */
function openingByTheWallClock(from: number, zone: string, now: Instant): number {
  const local = DateTime.fromMillis(now, { zone });
  const openingOn = (day: DateTime) => day.set({ hour: Math.floor(from / 60), minute: from % 60, second: 0, millisecond: 0 });
  const today = openingOn(local);
  return (today > local ? today : openingOn(local.plus({ days: 1 }))).toMillis();
}

/** How far zones are ahead of UTC by quarters of an hour, in milliseconds: asking the library costs a hundred times as much. */
const known = new Map<string, Map<number, number>>();

function offsetOf(zone: string, at: number): number {
  const quarter = Math.floor(at / QUARTER_MS);
  let offsets = known.get(zone);
  if (!offsets) known.set(zone, (offsets = new Map<number, number>()));
  let offset = offsets.get(quarter);
  if (offset === undefined) {
    if (offsets.size >= MOST_KEPT) offsets.clear();
    offset = DateTime.fromMillis(at, { zone }).offset * MINUTE_MS;
    offsets.set(quarter, offset);
  }
  return offset;
}
