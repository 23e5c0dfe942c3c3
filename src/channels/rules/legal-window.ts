import { type Instant } from '@wapas/kernel';
import { type LocalHours, nextOpening } from '@wapas/local-hours';

/** Hours in which a message may be handed over, by law or by its author's word. */
export type LegalWindow = LocalHours;

/** The author's hours. They bind after that moment only: so soon after T the customer is awake anyway. */
export interface OwnWindow extends LegalWindow {
  readonly bindsAfter: Instant;
  /** Wait for the next opening, or give the message up. */
  readonly outside: 'hold' | 'expire';
}

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
