import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { LIST_RATES, type Rate, type RateKey } from '@wapas/rates';
import { rateStore } from '@wapas/rates/store';

/** The listed prices, and those of the deployment's own contracts. */
@Injectable()
export class KeepRates {
  constructor(@Inject(Database) private readonly database: Database) {}

  async all(): Promise<(Rate & { origin: 'list' | 'own' })[]> {
    const own = await rateStore.all(this.database);
    return [
      ...LIST_RATES.map((rate) => ({ ...rate, origin: 'list' as const })),
      ...own.map((rate) => ({ ...rate, origin: 'own' as const })),
    ];
  }

  async set(rate: Rate): Promise<void> {
    await rateStore.put(this.database, rate);
  }

  /** Takes an own rate back: what it replaced holds again. False: there was none. */
  remove(key: RateKey): Promise<boolean> {
    return rateStore.remove(this.database, key);
  }
}
