import { DateTime } from 'luxon';
import { type Instant, instantFromMillis } from '@wapas/kernel';
import { type SendingHours } from './definition';

/** Null when sending is allowed now; else the next moment at which the hours open. */
export function nextOpening(hours: SendingHours, now: Instant): Instant | null {
  const minute = minuteOfDay(hours.zone, now);
  const open = hours.from <= hours.to ? minute >= hours.from && minute < hours.to : minute >= hours.from || minute < hours.to;
  if (open) return null;
  const local = DateTime.fromMillis(now, { zone: hours.zone });
  // Set the wall clock rather than adding minutes: a day with a clock change still opens at its local hour.
  const openingOn = (day: DateTime) =>
    day.set({ hour: Math.floor(hours.from / 60), minute: hours.from % 60, second: 0, millisecond: 0 });
  const today = openingOn(local);
  return instantFromMillis((today > local ? today : openingOn(local.plus({ days: 1 }))).toMillis());
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
/** No zone changes its clock within a quarter of an hour of UTC. */
const QUARTER_MS = 15 * MINUTE_MS;
/** The offset of a zone in the quarter of an hour that was asked for last: asking the library cost a hundred times as much, and runs come in the order of time. */
const lastOffsets = new Map<string, { quarter: number; offset: number }>();

function minuteOfDay(zone: string, now: Instant): number {
  const quarter = Math.floor(now / QUARTER_MS);
  let last = lastOffsets.get(zone);
  if (last?.quarter !== quarter) {
    last = { quarter, offset: DateTime.fromMillis(now, { zone }).offset };
    lastOffsets.set(zone, last);
  }
  const minute = (Math.floor(now / MINUTE_MS) + last.offset) % DAY_MINUTES;
  return minute < 0 ? minute + DAY_MINUTES : minute;
}
