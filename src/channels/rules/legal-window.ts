import { type Instant } from '@wapas/kernel';
import { type LocalHours, nextOpening } from '@wapas/local-hours';

/** Hours in which a law lets a message be handed over. */
export type LegalWindow = LocalHours;

const MOST_LOOKS = 6;

/** Null: all windows are open now. Else the next moment at which all of them are. */
export function nextLegalMoment(windows: readonly LegalWindow[], now: Instant): Instant | null {
  let at = now;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const latest = Math.max(0, ...windows.map((one) => nextOpening(one, at) ?? 0));
    if (latest === 0) return at === now ? null : at;
    at = latest as Instant;
  }
  return at;
}
