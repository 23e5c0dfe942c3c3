/** What one message, or one part of an SMS, costs before tax from a day on. */
export interface Rate {
  readonly channel: string;
  /** Absent: the same for every provider of the channel. */
  readonly provider?: string | null;
  /** Null: the channel has no categories. */
  readonly category: string | null;
  readonly country: string;
  readonly currency: string;
  /** The first day, YYYY-MM-DD. */
  readonly from: string;
  /** Thousandths of the currency's minor unit: 11,500 is 11.5 paise. */
  readonly price: number;
  readonly source: string;
}

/** So many messages that are alike as far as their price goes. */
export interface BilledGroup {
  readonly channel: string;
  readonly provider: string | null;
  readonly state: string;
  readonly category: string | null;
  readonly billable: boolean | null;
  readonly parts: number | null;
  readonly calledOn: string;
  readonly messages: number;
  readonly delivered: number;
  readonly failed: number;
}

export interface RateBook {
  readonly rates: readonly Rate[];
  readonly country: string;
  readonly assumedCategory: Readonly<Record<string, string>>;
  readonly gstPercent: Readonly<Record<string, number>>;
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
 * gateway charges each part that it took, those that failed later included, and not what it refused at once.
 */
export function costOf(groups: readonly BilledGroup[], book: RateBook): Costs {
  const sums = new Map<string, { milli: number; units: number; assumed: number }>();
  let unpriced = 0;
  for (const group of groups) {
    const { units, assumed } = unitsOf(group);
    if (units === 0) continue;
    const rate = rateFor(group, book);
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

/** The newest rate that was in force on the day, the provider's own before the channel's. */
export function rateFor(group: Pick<BilledGroup, 'channel' | 'provider' | 'category' | 'calledOn'>, book: RateBook): Rate | null {
  const category = group.category ?? book.assumedCategory[group.channel] ?? null;
  const fitting = book.rates.filter(
    (rate) =>
      rate.channel === group.channel &&
      rate.country === book.country &&
      rate.category === category &&
      (rate.provider == null || rate.provider === group.provider) &&
      rate.from <= group.calledOn,
  );
  const isOwn = (rate: Rate): number => (rate.provider == null ? 0 : 1);
  return fitting.reduce<Rate | null>(
    (best, rate) =>
      best === null || isOwn(rate) > isOwn(best) || (isOwn(rate) === isOwn(best) && rate.from >= best.from) ? rate : best,
    null,
  );
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
      const units = (state === 'sent' ? messages : failed) * (parts ?? 1);
      return { units, assumed: parts === null ? units : 0 };
    }
    default:
      return { units: state === 'sent' ? messages : 0, assumed: 0 };
  }
}
