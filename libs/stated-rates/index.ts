/** A figure that invented behaviour is built on, and where it comes from. */
export interface StatedRate {
  /** A share from 0 to 1, or minutes where the name says so. */
  readonly value: number;
  /** Null: assumed; nobody was found who publishes one. */
  readonly source: string | null;
  /** When the source is from, as far as it says. */
  readonly dated: string | null;
  readonly note: string;
}

/**
 * How customers behave where nobody knows, unless somebody says otherwise: invented ones in simulations, real ones in a what-if
 * replay about messages that they never got. Vendor figures are gross and nobody's in particular: the first
 * thing to do with them is to put in one's own. What is computed with them is a simulation or an
 * estimate, never a result.
 */
export const STATED_RATES = {
  hasApp: { value: 0.6, source: null, dated: null, note: 'Assumed: customers of the shop who have its app.' },
  pushReached: {
    value: 0.37,
    source: 'Delivery of FCM push in India, e-commerce and finance, as quoted by a vendor of push delivery',
    dated: '2022-04',
    note: 'Of those with the app; phones that kill background apps take the rest.',
  },
  pushOpened: { value: 0.3, source: null, dated: null, note: 'Assumed, of pushes that are shown: a message about money that was just not paid.' }, // prettier-ignore
  whatsappRead: {
    value: 0.68,
    source: 'Mean of measured WhatsApp read rates as quoted by vendors (65 to 90 %, 38 % at three to four million a month)',
    dated: '2026-07',
    note: 'The 98 % that is often quoted has no method.',
  },
  whatsappClicked: {
    value: 0.15,
    source: 'WhatsApp click rate 5 to 15 %, as quoted by vendors',
    dated: '2026-07',
    note: 'The upper end: a service message about the customer’s own order. Of all that are delivered.',
  },
  smsSeen: { value: 0.8, source: null, dated: null, note: 'Assumed: nobody reports it, an SMS has no receipt of reading.' },
  smsClicked: { value: 0.08, source: null, dated: null, note: 'Assumed, of all that are delivered.' },
  emailOpened: {
    value: 0.18,
    source: 'E-mail open rate under 12 to 25 %, two playbooks',
    dated: '2026-03',
    note: 'The middle.',
  },
  emailClicked: { value: 0.03, source: null, dated: null, note: 'Assumed, of all that are delivered.' },
  paidAfterClick: { value: 0.6, source: null, dated: null, note: 'Assumed, of those who tapped a link or opened the push.' },
  paidAlone: {
    value: 0.05,
    source: 'Organic return of 4 to 6 % of carts, one audit',
    dated: '2026',
    note: 'Of failed payments far more return by themselves: measure it with a holdout.',
  },
  minutesUntilReturn: {
    value: 51.5,
    source: '78 % of those who return do so within 78 minutes; not verifiable',
    dated: null,
    note: 'The mean of the exponential distribution with that quantile.',
  },
} as const satisfies Readonly<Record<string, StatedRate>>;

export type RateName = keyof typeof STATED_RATES;
export type Rates = Readonly<Record<RateName, number>>;

/** The stated rates, with some of one's own. */
export const ratesWith = (own: Partial<Rates> = {}): Rates => ({
  ...(Object.fromEntries(Object.entries(STATED_RATES).map(([name, { value }]) => [name, value])) as Rates),
  ...own,
});
