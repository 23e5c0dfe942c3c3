import { createHash } from 'node:crypto';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;

/** A delivery that has not arrived so long after its event is parked; an endpoint that took nothing for so long is switched off. */
export const GIVEN_UP_AFTER_MS = 72 * HOUR_MS;
/** An endpoint that failed so often in a row gets one post at a time, with a rest in between. */
export const FAILURES_BEFORE_REST = 5;

const FIRST_DELAY_MS = 5 * SECOND_MS;
const LONGEST_DELAY_MS = 12 * HOUR_MS;
const LONGEST_REST_MS = 10 * 60 * SECOND_MS;
const LONGEST_ASKED_MS = HOUR_MS;

/** What came of one post. */
export type TryResult =
  | { readonly outcome: 'delivered'; readonly status: number }
  | { readonly outcome: 'failed'; readonly status: number | null; readonly error: string; readonly retryAfterMs: number | null }
  /** 410: whoever is there wants nothing any more, as Standard Webhooks says it. */
  | { readonly outcome: 'gone'; readonly status: 410 };

/**
 * When a delivery that failed is tried again, in milliseconds from now; null when its time is over. Full jitter: anywhere
 * between now and the longest delay of this try, so that what failed together does not come back together. Ages are real time.
 */
export function delayOfNextTry(
  delivery: { id: string; tries: number; ageMs: number },
  retryAfterMs: number | null,
): number | null {
  const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 4 ** (delivery.tries - 1));
  const delay = Math.round(drawn(`${delivery.id}.${delivery.tries}`) * longest);
  const asked = Math.min(retryAfterMs ?? 0, LONGEST_ASKED_MS);
  const chosen = Math.max(delay, asked, SECOND_MS);
  return delivery.ageMs + chosen > GIVEN_UP_AFTER_MS ? null : chosen;
}

/** How an endpoint has been doing, in milliseconds of real time. */
export interface Health {
  readonly failures: number;
  readonly failingSince: number | null;
  readonly restsUntil: number | null;
}

export type HealthAfter = Health & { readonly switchedOff: 'failing' | 'gone' | null };

/** How an endpoint is doing after some posts. One that was delivered clears the rest; failing for three days switches it off. */
export function healthAfter(id: string, before: Health, results: readonly TryResult[], now: number): HealthAfter {
  if (results.some(({ outcome }) => outcome === 'gone')) return { ...before, switchedOff: 'gone' };
  if (results.some(({ outcome }) => outcome === 'delivered'))
    return { failures: 0, failingSince: null, restsUntil: null, switchedOff: null };
  const failures = before.failures + results.length;
  const failingSince = before.failingSince ?? now;
  const rest = failures < FAILURES_BEFORE_REST ? 0 : restAfter(id, failures);
  const switchedOff = now - failingSince >= GIVEN_UP_AFTER_MS ? 'failing' : null;
  return { failures, failingSince, restsUntil: rest === 0 ? null : now + rest, switchedOff };
}

/** At least half the time: the rest is what spares the endpoint, the jitter only what parts containers. */
function restAfter(id: string, failures: number): number {
  const longest = Math.min(LONGEST_REST_MS, SECOND_MS * 2 ** Math.min(failures - FAILURES_BEFORE_REST, 20));
  return Math.round(longest * (0.5 + drawn(`${id}.${failures}`) / 2));
}

/** Between 0 and 1, the same for the same text: a replay draws as the first time did. */
function drawn(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}

/** `Retry-After` in milliseconds from now; null when there is none, or it cannot be read. */
export function readRetryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * SECOND_MS;
  const until = Date.parse(header);
  return Number.isNaN(until) ? null : Math.max(0, until - now);
}
