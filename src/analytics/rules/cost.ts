import { type Rate, type RateBook, rateFor } from '@wapas/rates';

/** The state of an attempt that its provider took and that its message does not stand for: another one followed it, or an earlier one arrived. */
export const SUPERSEDED = 'superseded';

/** So many messages that are alike as far as their price goes. */
export interface BilledGroup {
  readonly channel: string;
  readonly provider: string | null;
  readonly state: string;
  readonly category: string | null;
  readonly billable: boolean | null;
  readonly parts: number | null;
  readonly country: string | null;
  readonly calledOn: string;
  readonly messages: number;
  readonly delivered: number;
  readonly failed: number;
}

/** What messages came to in one currency. */
export interface Cost {
  readonly currency: string;
  /** Minor units, before tax. */
  readonly amount: number;
  /** Minor units, on top. */
  readonly gst: number;
  /** Messages, or parts of SMS, that were billed. */
  readonly units: number;
  /** Of these, priced by assumption: the vendor had not said (or not yet) what it charges for. */
  readonly assumed: number;
}

export interface Costs {
  readonly costs: readonly Cost[];
  /** Units that were billed and for which there is no rate. */
  readonly unpriced: number;
}

/**
 * What groups of messages cost. WhatsApp charges what was delivered, unless its `pricing` said that it does not; an SMS
 * gateway charges each part that it took, those that failed later included, and not what it refused at once. A message that two providers took
 * is a group of each.
 */
export function costOf(groups: readonly BilledGroup[], book: RateBook): Costs {
  const sums = new Map<string, { milli: number; units: number; assumed: number }>();
  let unpriced = 0;
  for (const group of groups) {
    const { units, assumed, rate } = priceOf(group, book);
    if (units === 0) continue;
    if (rate === null) {
      unpriced += units;
      continue;
    }
    const sum = sums.get(rate.currency) ?? { milli: 0, units: 0, assumed: 0 };
    sums.set(rate.currency, { milli: sum.milli + units * rate.price, units: sum.units + units, assumed: sum.assumed + assumed });
  }
  const costs = [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, { milli, units, assumed }]) => ({
      currency,
      amount: Math.round(milli / 1_000),
      gst: Math.round((milli * (book.gstPercent[currency] ?? 0)) / 100_000),
      units,
      assumed,
    }));
  return { costs, unpriced };
}

/** How many units of a group are billed, how many of these by assumption, and at which rate. Null: nothing is billed, or there is no rate. */
export function priceOf(
  group: BilledGroup,
  book: RateBook,
): { readonly units: number; readonly assumed: number; readonly rate: Rate | null } {
  const { units, assumed } = unitsOf(group);
  if (units === 0) return { units, assumed, rate: null };
  const { channel, provider, category, country, calledOn: on } = group; // Copied whole, thousands of groups took longer than their prices.
  return { units, assumed, rate: rateFor({ channel, provider, category, country, on }, book) };
}

/** A group with what it is charged as. */
export type Priced<Group extends BilledGroup> = Group & {
  /** As invoices have it: the vendor's, else the assumed one. */
  readonly category: string | null;
  readonly country: string;
  /** Messages, or parts of an SMS, that are billed. */
  readonly units: number;
  readonly isAssumed: boolean;
  /** Null when nothing is billed, or nobody has said at which rate. `milli`: thousandths of the minor unit, of all its units, before tax. */
  readonly cost: { readonly currency: string; readonly milli: number } | null;
};

/** As its line of the invoice has it. */
export function priced<Group extends BilledGroup>(group: Group, book: RateBook): Priced<Group> {
  const { units, assumed, rate } = priceOf(group, book);
  return {
    ...group,
    category: group.category ?? book.assumedCategory[group.channel] ?? null,
    country: group.country ?? book.country,
    units,
    isAssumed: assumed > 0,
    cost: rate && { currency: rate.currency, milli: units * rate.price },
  };
}

/**
 * How many of these messages their provider took, so that its invoice can name them: accepted, perhaps accepted, or reported as failed later. What
 * was never called and what was refused at once it cannot.
 */
export function handedOver({ state, messages, failed }: Pick<BilledGroup, 'state' | 'messages' | 'failed'>): number {
  if (state === 'sent' || state === 'unknown' || state === SUPERSEDED) return messages;
  return failed;
}

function unitsOf({ channel, state, category, billable, parts, messages, delivered, failed }: BilledGroup): {
  units: number;
  assumed: number;
} {
  switch (channel) {
    case 'whatsapp': {
      const units = billable === false ? 0 : delivered;
      return { units, assumed: category === null || billable === null ? units : 0 };
    }
    case 'sms': {
      const units = (state === 'sent' || state === SUPERSEDED ? messages : failed) * (parts ?? 1);
      return { units, assumed: parts === null ? units : 0 };
    }
    default:
      return { units: state === 'sent' ? messages : 0, assumed: 0 };
  }
}
