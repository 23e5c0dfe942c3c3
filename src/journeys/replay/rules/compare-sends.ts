import { type Instant } from '@wapas/kernel';

/** A message that went out, on one side or the other. */
export interface Sent {
  readonly step: string;
  readonly lap: number;
  readonly channel: string;
  readonly at: Instant;
}

/** What became of a step that did not go out on one side, where something is known. */
export type WhyNot = (step: string, lap: number) => string | null;

/**
 * One message that one side sent and the other did not, or not so. `reason`: why the side that did not send it did not; null when it
 * never came to it.
 */
export type SendDifference =
  | { readonly what: 'added'; readonly would: Sent; readonly was: null; readonly reason: string | null }
  | { readonly what: 'dropped'; readonly would: null; readonly was: Sent; readonly reason: string | null }
  | { readonly what: 'moved' | 'rechannelled'; readonly would: Sent; readonly was: Sent; readonly reason: null };

export interface Comparison {
  /** Messages that both sides sent over the same channel at the same time. */
  readonly same: number;
  readonly differences: readonly SendDifference[];
}

/** Real messages wait for their turn: so much later or earlier is the same time, in milliseconds. */
const SAME_TIME_MS = 60_000;

/** What a machine needs to send something that is due. */
const LAG_MS = 3_000;

/** In business time, which runs so many times as fast: what lag makes of a message there is no other time. */
export const sameTimeAt = (clockRate: number): number => Math.max(SAME_TIME_MS, LAG_MS * clockRate);

/**
 * Lays what a run would have sent beside what was really sent for the same trigger: step by step and lap by lap. `sameTimeMs`: so much
 * later or earlier is the same time.
 */
export function compareSends(
  would: readonly Sent[],
  was: readonly Sent[],
  whyWouldNot: WhyNot,
  whyWasNot: WhyNot,
  sameTimeMs: number,
): Comparison {
  if (would.length === 0 && was.length === 0) return NOTHING;
  const differences: SendDifference[] = [];
  let same = 0;
  for (const one of would) {
    const other = was.find((sent) => sent.step === one.step && sent.lap === one.lap);
    if (!other) differences.push({ what: 'added', would: one, was: null, reason: whyWasNot(one.step, one.lap) });
    else if (other.channel !== one.channel) differences.push({ what: 'rechannelled', would: one, was: other, reason: null });
    else if (Math.abs(other.at - one.at) > sameTimeMs) differences.push({ what: 'moved', would: one, was: other, reason: null });
    else same += 1;
  }
  for (const other of was)
    if (!would.some((sent) => sent.step === other.step && sent.lap === other.lap))
      differences.push({ what: 'dropped', would: null, was: other, reason: whyWouldNot(other.step, other.lap) });
  return { same, differences };
}

const NOTHING: Comparison = { same: 0, differences: [] };
