import { DateTime } from 'luxon';
import { type Instant, instantFromMillis } from '@wapas/kernel';

/** Hours in which a law lets a message be handed over: minutes of the local day, the end not included. */
export interface LegalWindow {
  readonly from: number;
  readonly to: number;
  /** IANA zone. */
  readonly zone: string;
}

const MOST_LOOKS = 6;

/** Null: all windows are open now. Else the next moment at which all of them are. */
export function nextLegalMoment(windows: readonly LegalWindow[], now: Instant): Instant | null {
  let at = now;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const latest = Math.max(0, ...windows.map((one) => openingAfter(one, at)));
    if (latest === 0) return at === now ? null : at;
    at = latest as Instant;
  }
  return at;
}

/** 0: open. Set by the wall clock, so that a day with a clock change opens at its local hour. */
function openingAfter({ from, to, zone }: LegalWindow, now: Instant): number {
  const local = DateTime.fromMillis(now, { zone });
  const minute = local.hour * 60 + local.minute;
  if (from <= to ? minute >= from && minute < to : minute >= from || minute < to) return 0;
  const opening = (day: DateTime): DateTime =>
    day.set({ hour: Math.floor(from / 60), minute: from % 60, second: 0, millisecond: 0 });
  const today = opening(local);
  return instantFromMillis((today > local ? today : opening(local.plus({ days: 1 }))).toMillis());
}
