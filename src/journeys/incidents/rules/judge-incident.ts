import { type RunFacts } from '../../rules/run';

/**
 * What failures may have in common. Read from the properties of a trigger, as sources and shops send them: `bank` is where netbanking
 * is done, `issuer` and `network` are the card's, `upi_bank` is where the account behind a UPI address is kept.
 */
export const DIMENSIONS = [
  'method',
  'bank',
  'issuer',
  'network',
  'wallet',
  'upi_handle',
  'upi_bank',
  'upi_app',
  'gateway',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** One method, bank or gateway: `upi`, `hdfc`, `razorpay`. */
export interface Rail {
  readonly dimension: Dimension;
  readonly value: string;
}

/** As messages and logs name it: `bank:hdfc`. */
export const nameOf = ({ dimension, value }: Rail): string => `${dimension}:${value}`;

export interface IncidentLimits {
  /** Failures in five minutes that are worth a look at all. */
  readonly least: number;
  /** So many times the usual number is an incident. */
  readonly factor: number;
}

/** How a rail has been doing. */
export interface Failures {
  readonly lastFiveMinutes: number;
  readonly lastTenMinutes: number;
  /** The usual number in five minutes at this hour; null: too young to know. */
  readonly usual: number | null;
}

const LONGEST_VALUE = 64;

/** The rails a trigger went over; none where it says nothing of them. */
export function railsOf({ properties }: Pick<RunFacts, 'properties'>): Rail[] {
  return DIMENSIONS.flatMap((dimension): Rail[] => {
    const value = Object.hasOwn(properties, dimension) ? properties[dimension] : undefined;
    return isValue(value) ? [{ dimension, value: value.toLowerCase() }] : [];
  });
}

/** A text that can be a rail's. */
export const isValue = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_VALUE;

/**
 * A rail is down when it fails more than `factor` times as often as usual (the field goes by five times the same hour of the last
 * seven days, in five minutes). What is too young to have a usual number, or fails too seldom to count, is not judged.
 */
export function isIncident({ lastFiveMinutes, usual }: Failures, { least, factor }: IncidentLimits): boolean {
  return usual !== null && lastFiveMinutes >= least && lastFiveMinutes > factor * usual;
}

/** It is over when ten minutes have seen no more than twice the usual number, or hardly anything. */
export function isOver({ lastTenMinutes, usual }: Failures, { least }: IncidentLimits): boolean {
  return lastTenMinutes <= Math.max(least / 2, 4 * (usual ?? 0));
}

/** The usual number in five minutes, of the counts of the same hour on days before: their median, so that one bad day is forgotten. */
export function usualOf(hoursBefore: readonly number[]): number | null {
  if (hoursBefore.length === 0) return null;
  const sorted = [...hoursBefore].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
  return median / 12;
}
