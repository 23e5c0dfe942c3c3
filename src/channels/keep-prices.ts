import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { bookOf, GST_PERCENT, type PricedMessage, rateFor } from '@wapas/rates';
import { rateStore } from '@wapas/rates/store';
import { CONFIG, type Config } from '../config/config';

const LOOK_EVERY_MS = 1_000;

/** What one message, or one part of an SMS, costs. */
export interface Price {
  readonly currency: string;
  /** Thousandths of the currency's minor unit, before tax. */
  readonly milli: number;
  /** On top, in percent. */
  readonly gstPercent: number;
  /** The first day it holds, YYYY-MM-DD, and who says so. */
  readonly from: string;
  readonly source: string;
}

/**
 * The dated rates that the reports bill with, asked before a message is sent. Every process holds them in memory and looks again
 * each second, so that a claim asks nothing of the database for them.
 */
@Injectable()
export class KeepPrices {
  private book;
  private stored = '[]';
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'defaultCountry'>,
    @Inject(Database) private readonly database: Database,
  ) {
    this.book = bookOf([], config.defaultCountry);
  }

  /** Null: there is no rate for it. */
  of(message: PricedMessage): Price | null {
    const rate = rateFor(message, this.book);
    if (rate === null) return null;
    const { currency, price, from, source } = rate;
    return { currency, milli: price, gstPercent: GST_PERCENT[currency] ?? 0, from, source };
  }

  async refresh(): Promise<void> {
    if (performance.now() - this.lookedAt >= LOOK_EVERY_MS) await this.look();
  }

  /** Reads the rates now. */
  async look(): Promise<void> {
    const own = await rateStore.all(this.database);
    this.lookedAt = performance.now();
    const stored = JSON.stringify(own);
    if (stored === this.stored) return;
    this.book = bookOf(own, this.config.defaultCountry);
    this.stored = stored;
  }
}
