import { DateTime } from 'luxon';
import { type Instant, instantFromMillis } from '@wapas/kernel';
import { type SendingHours } from './definition';

/** Null when sending is allowed now; else the next moment at which the hours open. */
export function nextOpening(hours: SendingHours, now: Instant): Instant | null {
  const local = DateTime.fromMillis(now, { zone: hours.zone });
  const minute = local.hour * 60 + local.minute;
  const open = hours.from <= hours.to ? minute >= hours.from && minute < hours.to : minute >= hours.from || minute < hours.to;
  if (open) return null;
  // Set the wall clock rather than adding minutes: a day with a clock change still opens at its local hour.
  const openingOn = (day: DateTime) =>
    day.set({ hour: Math.floor(hours.from / 60), minute: hours.from % 60, second: 0, millisecond: 0 });
  const today = openingOn(local);
  return instantFromMillis((today > local ? today : openingOn(local.plus({ days: 1 }))).toMillis());
}
