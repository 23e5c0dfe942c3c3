import { alwaysValidHalf, EXPECTED_DIFFERENCE, type Interval, quantile } from './proportion';

/** What the entrants of an arm paid, in minor units, those who paid nothing included as zeros. */
export interface Takings {
  readonly entrants: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

/**
 * What the treated paid more than they would have paid anyway: the difference of the mean per entrant, times the treated,
 * in minor units, with a delta (Welch) interval. `kind` as for the rates: `always_valid` while people still enter. Null
 * when an arm has fewer than two people, or nobody paid anything.
 */
export function incrementalRevenue(
  treated: Takings,
  control: Takings,
  goals: number,
  kind: 'always_valid' | 'final',
): Interval | null {
  if (treated.entrants < 2 || control.entrants < 2) return null;
  const value = meanOf(treated) - meanOf(control);
  const variance = varianceOf(treated) / treated.entrants + varianceOf(control) / control.entrants;
  const scale = goals > 0 ? (EXPECTED_DIFFERENCE * (treated.sum + control.sum)) / goals : 0;
  const half = kind === 'final' ? quantile(0.95) * Math.sqrt(variance) : alwaysValidHalf(variance, scale);
  if (half === null || !(variance > 0)) return null;
  const times = (amount: number): number => amount * treated.entrants;
  return { value: times(value), low: times(value - half), high: times(value + half) };
}

export type CostPerRecovery =
  | { readonly kind: 'proven'; readonly value: number; readonly low: number; readonly high: number }
  /** The interval of the recoveries reaches zero: any price could be true. */
  | { readonly kind: 'not_proven' }
  /** So many units of what was sent have no rate: the sum of the others is too small a price. */
  | { readonly kind: 'unpriced'; readonly units: number };

/** What one recovery that would not have happened anyway has cost, in minor units. */
export function costPerIncrementalRecovery(cost: number, recoveries: Interval): CostPerRecovery {
  if (!(recoveries.low > 0)) return { kind: 'not_proven' };
  return { kind: 'proven', value: cost / recoveries.value, low: cost / recoveries.high, high: cost / recoveries.low };
}

const meanOf = ({ sum, entrants }: Takings): number => sum / entrants;

function varianceOf({ entrants, sum, sumOfSquares }: Takings): number {
  return Math.max(0, (sumOfSquares - (sum * sum) / entrants) / (entrants - 1));
}
