import { hash } from 'node:crypto';
import { type Duration, durationOf, minutes } from '@wapas/kernel';
import { type RateName, type Rates, ratesWith, STATED_RATES, type StatedRate } from '@wapas/stated-rates';
import { type Signal } from '../../rules/definition';

/** The rates that a what-if uses: what becomes of messages that were never really sent. */
export const WHAT_IF_RATES = [
  'pushReached',
  'pushOpened',
  'whatsappRead',
  'whatsappClicked',
  'smsClicked',
  'emailOpened',
  'emailClicked',
  'paidAfterClick',
  'minutesUntilReturn',
] as const satisfies readonly RateName[];
export type WhatIfRate = (typeof WHAT_IF_RATES)[number];
export type OwnRates = Readonly<Partial<Record<WhatIfRate, number>>>;

/** What is heard of a message, so long after it was sent. */
export interface StatedAnswer {
  readonly signals: readonly { readonly signal: Signal; readonly after: Duration }[];
  /** So long after it was sent its customer pays; absent: they do not. */
  readonly paysAfter?: Duration;
}

const NOTHING: StatedAnswer = { signals: [] };
const DELIVERED_AFTER = durationOf(5_000);
/** From the tap to the payment. Assumed. */
const PAID_AFTER = minutes(5);
const SHORTEST = 1;
const LONGEST = 24 * 60;

/** The stated rates, with those of one's own. */
export const whatIfRates = (own: OwnRates): Rates => ratesWith(own);

/** Every rate that was used, with its source: what an estimate rests on. */
export function ratesToPrint(own: OwnRates): Readonly<Record<string, StatedRate & { readonly isOwn: boolean }>> {
  return Object.fromEntries(
    WHAT_IF_RATES.map((name): [string, StatedRate & { readonly isOwn: boolean }] => {
      const value = own[name];
      if (value === undefined) return [name, { ...STATED_RATES[name], isOwn: false }];
      return [name, { value, source: null, dated: null, note: 'Given with the request.', isOwn: true }];
    }),
  );
}

/**
 * What a message on a channel leads to, by the stated rates. A function of its name alone: the same what-if gives the same answer,
 * and a message that two what-ifs have in common has the same in both. A channel that no rate is stated for is silent.
 */
export function statedAnswer(rates: Rates, channel: string, message: string): StatedAnswer {
  const digest = hash('sha256', message, 'buffer');
  const luck = (place: number): number => digest.readUInt32BE(place * 4) / 2 ** 32;
  const returns = minutes(Math.min(LONGEST, Math.max(SHORTEST, -Math.log(1 - luck(2)) * rates.minutesUntilReturn)));
  const pays = (): Pick<StatedAnswer, 'paysAfter'> =>
    luck(3) < rates.paidAfterClick ? { paysAfter: (returns + PAID_AFTER) as Duration } : {};
  switch (channel) {
    case 'push': {
      if (luck(0) >= rates.pushReached) return NOTHING;
      const delivered = { signal: 'delivered' as const, after: DELIVERED_AFTER };
      if (luck(1) >= rates.pushOpened) return { signals: [delivered] };
      return { signals: [delivered, { signal: 'opened', after: returns }], ...pays() };
    }
    case 'whatsapp':
      return reading(luck(1), rates.whatsappRead, rates.whatsappClicked, 'read');
    case 'sms':
      return reading(luck(1), 0, rates.smsClicked, 'delivered');
    case 'email':
      return reading(luck(1), rates.emailOpened, rates.emailClicked, 'opened');
    default:
      return NOTHING;
  }

  function reading(drawn: number, seen: number, clicked: number, saw: Signal): StatedAnswer {
    if (drawn < clicked) return { signals: [{ signal: 'clicked', after: returns }], ...pays() };
    return drawn < seen ? { signals: [{ signal: saw, after: returns }] } : NOTHING;
  }
}
