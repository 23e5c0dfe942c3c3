import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { LIST_RATES, type Rate, type RateKey } from '@wapas/rates';
import { rateStore } from '@wapas/rates/store';
import { operationAudit } from '../access/access.api';
import { CONFIG, type Config } from '../config/config';
import { reportStore } from './store/report.store';

/** The listed prices, and those of the deployment's own contracts. */
@Injectable()
export class KeepRates {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async all(): Promise<(Rate & { origin: 'list' | 'own' })[]> {
    const own = await rateStore.all(this.database);
    return [
      ...LIST_RATES.map((rate) => ({ ...rate, origin: 'list' as const })),
      ...own.map((rate) => ({ ...rate, origin: 'own' as const })),
    ];
  }

  /** It serves the channel, or did: what is billed late may be of one that is gone. */
  async mayBeBilled(channel: string, provider: string): Promise<boolean> {
    const definition = this.config.providerDefinitions.find(({ name }) => name === provider);
    const serves = definition !== undefined && (definition.channel === channel || definition.opensChannel !== undefined);
    return serves || reportStore.hasCounted(this.database, channel, provider);
  }

  /** Who set it stands in the audit, with what it is now and where that is written down: what it was before is kept nowhere else. */
  async set(rate: Rate, actor: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      await rateStore.put(tx, rate);
      await operationAudit.add(tx, { act: 'rate_set', subject: inWords(rate), actor, reason: rate.source });
    });
  }

  /** Takes an own rate back: what it replaced holds again. False: there was none. */
  async remove(key: RateKey, actor: string): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const removed = await rateStore.remove(tx, key);
      if (removed) await operationAudit.add(tx, { act: 'rate_removed', subject: placeOf(key), actor, reason: null });
      return removed;
    });
  }
}

/** `sms msg91 IN from 2026-12-01`. */
const placeOf = ({ channel, provider, category, country, from }: RateKey): string =>
  `${[channel, provider, category, country].filter((part) => part != null).join(' ')} from ${from}`;

/** `sms msg91 IN from 2026-12-01: 13.5 minor units of INR`. */
const inWords = (rate: Rate): string => `${placeOf(rate)}: ${rate.price / 1_000} minor units of ${rate.currency}`;
