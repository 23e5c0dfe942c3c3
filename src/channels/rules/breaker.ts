import { type SendOutcome } from '@wapas/provider-kit';

/** How one call ended, for the breaker of its provider. Real time, milliseconds. */
export interface CallResult {
  readonly at: number;
  readonly isBad: boolean;
}

/** What keeps a provider from being called: it is asked again, with one message, at `probeAt`. */
export interface OpenBreaker {
  readonly provider: string;
  readonly openedAt: Date;
  readonly probeAt: Date;
  /** Probes that failed since it opened. */
  readonly failedProbes: number;
  /** The vendor's code, or ours, of the failure that opened it. */
  readonly code: string;
}

export type BreakerState = 'closed' | 'open' | 'half_open';

/** So many calls in a row that came to nothing: at one failure in ten by chance once in a hundred million. */
const IN_A_ROW = 8;
const ROW_WITHIN_MS = 10 * 60_000;
/** Calls that run beside each other do not end by chance: whoever is busy hears of all resets of a moment behind all answers of it. */
const MOMENT_MS = 1_000;
/** Half of these many or more, within a minute. */
const FEW = 20;
const SHARE = 0.5;
const WITHIN_MS = 60_000;

const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 120_000;

/**
 * Does a result say that the provider is in trouble? Silence, broken answers, no connection. A limit is not trouble (it has
 * `Retry-After`), and a refusal is an answer.
 */
export function isBad(outcome: SendOutcome): boolean {
  return outcome.outcome === 'failed' && (outcome.failure.class === 'unknown_outcome' || outcome.failure.class === 'temporary');
}

/** Has a provider failed so often that calling it on would only make more unknowns? */
export function shouldOpen(results: readonly CallResult[], now: number): boolean {
  const last = results.slice(-IN_A_ROW);
  const isRow = last.length === IN_A_ROW && last.every(({ isBad: bad, at }) => bad && now - at < ROW_WITHIN_MS);
  if (isRow && areMostlyBad(results.filter(({ at }) => now - at < MOMENT_MS))) return true;
  const recent = results.filter(({ at }) => now - at < WITHIN_MS);
  return recent.length >= FEW && areMostlyBad(recent);
}

const areMostlyBad = (results: readonly CallResult[]): boolean =>
  results.filter((one) => one.isBad).length >= results.length * SHARE;

/** How long to leave it alone before the next probe, in milliseconds of real time. */
export function pauseBeforeProbe(failedProbes: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failedProbes, 10));
}

/** `half_open`: one message may go and see. */
export function stateOf(breaker: OpenBreaker | undefined, now: number): BreakerState {
  if (breaker === undefined) return 'closed';
  return now < breaker.probeAt.getTime() ? 'open' : 'half_open';
}
