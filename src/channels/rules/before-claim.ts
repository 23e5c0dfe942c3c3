import { type Instant } from '@wapas/kernel';

/** What is known of a message's payment right before its claim. */
export type PaymentStanding =
  | { readonly kind: 'trusted' }
  | { readonly kind: 'said'; readonly state: string; readonly stop: { readonly event: string; readonly reason: string } | null }
  | { readonly kind: 'unknown'; readonly retryAfterMs?: number };

export type BeforeClaim =
  | { readonly then: 'claim' }
  | { readonly then: 'skip'; readonly reason: string }
  /** `forMs`: milliseconds of business time. `atLeastMs`: of real time, because a gateway asked for them. */
  | { readonly then: 'hold'; readonly forMs: number; readonly atLeastMs: number };

/** An attempt that is with the bank is decided within minutes. */
const PENDING_AGAIN_MS = 60_000;
/** A gateway that fails is given so long before the message is given up: a moment of trouble must not cost every message of that moment. */
const PATIENCE_MS = 120_000;
const UNKNOWN_AGAIN_MS = 15_000;

/**
 * May the claim go ahead? What the journey's own guard stops is left to the claim, which knows it from the event that was
 * recorded. Nobody is asked to pay while it is unknown whether they have (rules 20, 24 and 25).
 */
export function beforeClaim(
  standing: PaymentStanding,
  message: { readonly dueAt: Instant; readonly stops: Readonly<Record<string, string>> },
  now: Instant,
): BeforeClaim {
  switch (standing.kind) {
    case 'trusted':
      return { then: 'claim' };
    case 'said':
      if (standing.state === 'pending') return { then: 'hold', forMs: PENDING_AGAIN_MS, atLeastMs: 0 };
      if (standing.stop === null || Object.hasOwn(message.stops, standing.stop.event)) return { then: 'claim' };
      return { then: 'skip', reason: standing.stop.reason };
    case 'unknown':
      return now - message.dueAt < PATIENCE_MS
        ? { then: 'hold', forMs: UNKNOWN_AGAIN_MS, atLeastMs: standing.retryAfterMs ?? 0 }
        : { then: 'skip', reason: 'status_unknown' };
  }
}
