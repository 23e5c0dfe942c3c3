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

/** What only one own rate can be about. */
export type RateKey = Pick<Rate, 'channel' | 'provider' | 'category' | 'country' | 'from'>;

/** Everything a price is looked up in. */
export interface RateBook {
  /** The deployment's own: where one of them has begun, no listed one is asked. */
  readonly own: readonly Rate[];
  readonly listed: readonly Rate[];
  /** Whose rates hold where a message names no country: ISO 3166. */
  readonly country: string;
  /** By channel, what is assumed of a message whose category nobody knows. */
  readonly assumedCategory: Readonly<Record<string, string>>;
  /** By currency, in percent. */
  readonly gstPercent: Readonly<Record<string, number>>;
}

/** What of a message decides what it costs. */
export interface PricedMessage {
  readonly channel: string;
  readonly provider: string | null;
  /** The vendor's; null: what the channel is assumed to send. */
  readonly category: string | null;
  /** Where it goes, ISO 3166; null or absent: it goes to no number, or nobody wrote it down, and the book's own country is meant. */
  readonly country?: string | null;
  /** The day on which it is sent, YYYY-MM-DD. */
  readonly on: string;
}

/** The newest rate in force on the day: the deployment's own before any listed one, the provider's before the channel's. Null: there is none. */
export function rateFor({ channel, provider, category: told, country: named, on }: PricedMessage, book: RateBook): Rate | null {
  const category = told ?? book.assumedCategory[channel] ?? null;
  const message = { channel, provider, category, country: named ?? book.country, on };
  return newestOf(book.own, message) ?? newestOf(book.listed, message);
}

function newestOf(rates: readonly Rate[], { channel, provider, category, country, on }: Required<PricedMessage>): Rate | null {
  const isOfProvider = (rate: Rate): number => (rate.provider == null ? 0 : 1);
  let best: Rate | null = null;
  for (const rate of rates) {
    if (rate.channel !== channel || rate.country !== country || rate.category !== category || rate.from > on) continue;
    if (rate.provider != null && rate.provider !== provider) continue;
    const nearer = best === null ? 1 : isOfProvider(rate) - isOfProvider(best);
    if (best === null || nearer > 0 || (nearer === 0 && rate.from >= best.from)) best = rate;
  }
  return best;
}
