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
