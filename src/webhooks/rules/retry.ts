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
  const chosen = Math.max(delay, askedPauseOf(retryAfterMs), SECOND_MS);
  return delivery.ageMs + chosen > GIVEN_UP_AFTER_MS ? null : chosen;
}

/** How much of what an endpoint asked for with `Retry-After` is kept to. */
export function askedPauseOf(retryAfterMs: number | null): number {
  return Math.min(retryAfterMs ?? 0, LONGEST_ASKED_MS);
}

/** How an endpoint has been doing, in milliseconds of real time. */
export interface Health {
  readonly failures: number;
  readonly failingSince: number | null;
  /** Nobody takes anything before: it rests, or one post is under way. */
  readonly restsUntil: number | null;
  /** Rests in a row. */
  readonly rests: number;
  /** When the latest of them ends or ended. */
  readonly restEndsAt: number | null;
}

/** A post of which something was heard. */
export interface Heard {
  readonly result: TryResult;
  readonly triedAt: number;
}

export type HealthAfter = Health & {
  readonly switchedOff: 'failing' | 'gone' | null;
  /** It had to rest and takes again: since when it had been failing. */
  readonly recoveredFrom: number | null;
};

const WELL: Health = { failures: 0, failingSince: null, restsUntil: null, rests: 0, restEndsAt: null };

/**
 * How an endpoint is doing after some posts. One that was delivered clears the rest; failing for three days switches it off. What was
 * tried before the latest rest is over says nothing new: posts that fail together are one reason to rest, however many they are.
 */
export function healthAfter(id: string, before: Health, heard: readonly Heard[], now: number): HealthAfter {
  const outcomes = new Set(heard.map(({ result }) => result.outcome));
  if (outcomes.has('gone')) return { ...before, switchedOff: 'gone', recoveredFrom: null };
  if (outcomes.has('delivered'))
    return { ...WELL, switchedOff: null, recoveredFrom: before.rests > 0 ? before.failingSince : null };
  const failures = before.failures + heard.length;
  const failingSince = before.failingSince ?? now;
  const switchedOff = now - failingSince >= GIVEN_UP_AFTER_MS ? 'failing' : null;
  const after = { ...before, failures, failingSince, switchedOff, recoveredFrom: null } as const;
  const saysMore = heard.some(({ triedAt }) => before.restEndsAt === null || triedAt >= before.restEndsAt);
  if (failures < FAILURES_BEFORE_REST || !saysMore) return after;
  const rests = before.rests + 1;
  const restEndsAt = now + restAfter(id, rests);
  return { ...after, rests, restEndsAt, restsUntil: restEndsAt };
}

/** A second at first, twice as long each time. At least half of that: the rest is what spares the endpoint, the jitter only what parts containers. */
function restAfter(id: string, rests: number): number {
  const longest = Math.min(LONGEST_REST_MS, SECOND_MS * 2 ** Math.min(rests - 1, 20));
  return Math.round(longest * (0.5 + drawn(`${id}.${rests}`) / 2));
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
