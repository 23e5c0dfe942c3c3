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

/** A rail that is down, or counted: at one gateway, or, with null, whichever it is reached over. A gateway itself is at none. */
export interface RailAt extends Rail {
  readonly gateway: string | null;
}

/** As guards name it: `bank:hdfc`. */
export const nameOf = ({ dimension, value }: Rail): string => `${dimension}:${value}`;

/** As logs of what was done name it: `bank:hdfc@razorpay`. */
export const fullNameOf = (rail: RailAt): string => nameOf(rail) + (rail.gateway === null ? '' : `@${rail.gateway}`);

const LONGEST_VALUE = 64;

/** The rails a trigger went over; none where it says nothing of them. */
export function railsOf({ properties }: Pick<RunFacts, 'properties'>): Rail[] {
  return DIMENSIONS.flatMap((dimension): Rail[] => {
    const value = Object.hasOwn(properties, dimension) ? properties[dimension] : undefined;
    return isValue(value) ? [{ dimension, value: value.toLowerCase() }] : [];
  });
}

/** As log lines name it. */
export const fieldsOf = ({ dimension, value, gateway }: RailAt) => ({ dimension, value, gateway: gateway ?? undefined });

/** The gateway among the rails of a trigger; null where it names none. */
export const gatewayOf = (rails: readonly Rail[]): string | null =>
  rails.find(({ dimension }) => dimension === 'gateway')?.value ?? null;

/**
 * Whether who went over these rails has to wait while that one is down. What is down at one gateway is no matter of who went over
 * another one; over which gateway somebody went who does not say so nobody knows: they wait.
 */
export function isDownFor(rails: readonly Rail[], down: RailAt): boolean {
  if (!rails.some(({ dimension, value }) => dimension === down.dimension && value === down.value)) return false;
  return down.gateway === null || down.gateway === (gatewayOf(rails) ?? down.gateway);
}

/** Of what was counted at gateways, the methods of this one that are held by themselves. A payment has one method: none counts twice. */
export const methodsOf = <Part extends RailAt>(gateway: Rail, atGateways: readonly Part[], held: readonly RailAt[]): Part[] => {
  const isHeld = namedIn(held);
  return atGateways.filter((part) => part.dimension === 'method' && part.gateway === gateway.value && isHeld(part));
};

/** Of what was counted at gateways, the parts of this rail that are held by themselves, or with all of their gateway. */
export const partsOf = <Part extends RailAt>(rail: Rail, atGateways: readonly Part[], held: readonly RailAt[]): Part[] => {
  const isHeld = namedIn(held);
  return atGateways.filter(
    (part) =>
      nameOf(part) === nameOf(rail) &&
      (isHeld(part) || isHeld({ dimension: 'gateway', value: part.gateway ?? '', gateway: null })),
  );
};

function namedIn(rails: readonly RailAt[]): (rail: RailAt) => boolean {
  const names = new Set(rails.map(fullNameOf));
  return (rail) => names.has(fullNameOf(rail));
}

/** A text that can be a rail's. */
export const isValue = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_VALUE;
