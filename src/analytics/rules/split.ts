import { jStat } from 'jstat';

/** Rarer than this by chance alone: the split is not the planned one, and nothing that is read from it can be trusted. */
export const SPLIT_ALARM = 0.001;

export interface SplitCheck {
  readonly chiSquare: number;
  readonly p: number;
  /** True when the arms' sizes do not fit the planned shares: no verdict may be shown. */
  readonly isOff: boolean;
}

/**
 * Sample ratio mismatch: chi-square of the people assigned to each arm against the planned shares (any positive numbers).
 * Null when there is nobody, or only one arm.
 */
export function checkSplit(assigned: readonly number[], planned: readonly number[]): SplitCheck | null {
  if (assigned.length !== planned.length) throw new Error('Every arm needs its planned share.');
  const total = assigned.reduce((sum, count) => sum + count, 0);
  const shares = planned.reduce((sum, share) => sum + share, 0);
  if (total === 0 || assigned.length < 2 || planned.some((share) => !(share > 0))) return null;
  const chiSquare = assigned.reduce((sum, count, arm) => {
    const expected = (total * (planned[arm] as number)) / shares;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  const p = 1 - jStat.chisquare.cdf(chiSquare, assigned.length - 1);
  return { chiSquare, p, isOff: p < SPLIT_ALARM };
}
