import { type Instant } from '@wapas/kernel';
import { type MessageCaps } from './caps';

/** What a cap is about: the whole deployment, or one channel. */
export type SpendScope = 'all' | `channel:${string}`;

/** What a message costs, its parts included. */
export interface MessagePrice {
  /** Thousandths of the currency's minor unit, before tax. */
  readonly milli: number;
  readonly currency: string;
}

/** What is left of a cap today. */
export interface Purse {
  readonly scope: SpendScope;
  readonly currency: string;
  /** Thousandths of the minor unit; below zero when the cap was lowered under what had been spent. */
  readonly leftMilli: number;
}

export const SPEND_REASONS = ['spend_cap_of_channel', 'spend_cap_of_day'] as const;
export type SpendReason = (typeof SPEND_REASONS)[number];

/**
 * Which cap the message would break; null: none. What is free, or has no rate, breaks none, and a cap counts only what is
 * priced in its own currency. A mandatory notice goes out all the same, and is counted.
 */
export function brokenPurse(
  message: { readonly caps: MessageCaps | null },
  price: MessagePrice | null,
  purses: readonly Purse[],
): Purse | null {
  if (message.caps === null || price === null || price.milli === 0) return null;
  const broken = purses.filter(({ currency, leftMilli }) => currency === price.currency && leftMilli < price.milli);
  // The narrower reason says more: the next channel of the run may have something left.
  return broken.find(({ scope }) => scope !== 'all') ?? broken[0] ?? null;
}

export const reasonOf = ({ scope }: Pick<Purse, 'scope'>): SpendReason =>
  scope === 'all' ? 'spend_cap_of_day' : 'spend_cap_of_channel';

/** The purses after a message has been paid for. */
export const paidFrom = (purses: readonly Purse[], price: MessagePrice | null): Purse[] =>
  purses.map((purse) => (price?.currency === purse.currency ? { ...purse, leftMilli: purse.leftMilli - price.milli } : purse));

/** Was money spent on a message that is in this state? What was taken and failed later is charged for on some channels (rule 53). */
export function isPaidFor(state: string, failuresAreCharged: boolean): boolean {
  return state === 'rejected' ? failuresAreCharged : state === 'calling' || state === 'sent' || state === 'unknown';
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** The day on which a moment falls in a zone, YYYY-MM-DD. */
export function dayIn(zone: string, at: Instant): string {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(zone, format);
  }
  return format.format(at);
}
