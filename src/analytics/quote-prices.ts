import { Inject, Injectable } from '@nestjs/common';
import { type Price, Prices } from '../channels/channels.api';
import { CONFIG, type Config } from '../config/config';
import { KeepRates } from './keep-rates';
import { ASSUMED_CATEGORY, GST_PERCENT } from './rates/rates';
import { rateFor } from './rules/cost';

/** The price of one message before it is sent, from the same tables that the reports bill with. */
@Injectable()
export class QuotePrices implements Prices {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'defaultCountry'>,
    @Inject(KeepRates) private readonly keepRates: KeepRates,
  ) {}

  async of({ channel, provider, category, on }: Parameters<Prices['of']>[0]): Promise<Price | null> {
    const book = {
      rates: await this.keepRates.all(),
      country: this.config.defaultCountry,
      assumedCategory: ASSUMED_CATEGORY,
      gstPercent: GST_PERCENT,
    };
    const rate = rateFor({ channel, provider, category, calledOn: on }, book);
    if (rate === null) return null;
    const { currency, price, from, source } = rate;
    return { currency, milli: price, gstPercent: GST_PERCENT[currency] ?? 0, from, source };
  }
}
