import { jStat } from 'jstat';
import { CONFIDENCE, quantile } from './proportion';

const POWER = 0.8;

export interface SamplePlan {
  /** The rate without messages, over 0 and under 1. */
  readonly base: number;
  /** The difference that must not be overlooked, as a share: 0.05 is five points. `base + difference` lies under 1. */
  readonly difference: number;
  /** The control's share of all, over 0 and under 1. */
  readonly controlShare: number;
}

export interface Sample {
  readonly control: number;
  readonly total: number;
}

/**
 * How many people must enter for the difference to be found four times out of five (two-sided, 5 %). Null for a plan that
 * has no answer: no control, a rate outside of 0 to 1, no difference.
 */
export function minimumSample({ base, difference, controlShare }: SamplePlan): Sample | null {
  const other = base + difference;
  const usable = [base, other, controlShare].every((share) => share > 0 && share < 1) && difference !== 0;
  if (!usable) return null;
  const ratio = (1 - controlShare) / controlShare;
  const mean = (base + ratio * other) / (1 + ratio);
  const underNull = quantile(CONFIDENCE) * Math.sqrt(mean * (1 - mean) * (1 + 1 / ratio));
  const underDifference = jStat.normal.inv(POWER, 0, 1) * Math.sqrt(base * (1 - base) + (other * (1 - other)) / ratio);
  const control = (underNull + underDifference) ** 2 / difference ** 2;
  return { control: Math.ceil(control), total: Math.ceil(control) + Math.ceil(control * ratio) };
}

/** Whole days until so many more people have entered at this pace. Null when nobody enters: it never ends. */
export function daysUntil(missing: number, perDay: number): number | null {
  if (missing <= 0) return 0;
  return perDay > 0 ? Math.ceil(missing / perDay) : null;
}
