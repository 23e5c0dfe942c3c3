import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type Instant } from '@wapas/kernel';
import { CONFIG, type Config } from '../config/config';
import { Log } from '../log';
import { KeepPrices } from './keep-prices';
import { inWords, KeepSpendCaps } from './keep-spend-caps';
import { LintTemplates } from './lint-templates';
import { type ClaimSpend } from './rules/claim';
import { type MaySend } from './rules/may-send';
import { dayIn, type Purse, reasonOf, type SpendScope } from './rules/spend';
import { type Claimable, type Paid } from './store/message.store';
import { type SpentToday, spendStore } from './store/spend.store';

/** What a claim has decided about the money of one message. */
interface DecidedSpend extends ClaimSpend {
  readonly verdict: MaySend;
}

/** The money of a claim: what its messages cost, what is left for them today, and what they take of it. */
@Injectable()
export class ReserveSpend {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'businessZone'>,
    @Inject(KeepSpendCaps) private readonly caps: KeepSpendCaps,
    @Inject(KeepPrices) private readonly prices: KeepPrices,
    @Inject(LintTemplates) private readonly lintTemplates: LintTemplates,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** What has been spent today of the caps that count this channel, locked; asks nothing of the database when there are none. */
  async today(tx: Transaction, channel: string): Promise<SpentToday[]> {
    const scopes = this.caps.scopesOf(channel);
    return scopes.length === 0 ? [] : spendStore.lock(tx, this.config.businessZone, scopes);
  }

  /** What it costs, and as what. `country`: of the number it goes to. `price` null: there is no rate for it. */
  chargeOf(
    provider: string,
    { channel, content, guard, parts }: Claimable,
    country: string | null,
    now: Instant,
  ): Pick<ClaimSpend, 'price' | 'sentAs'> {
    const sentAs = this.lintTemplates.sentAs(provider, content, guard.purpose);
    const price = this.prices.of({ channel, provider, category: sentAs, country, on: dayIn(this.config.businessZone, now) });
    return { sentAs, price: price === null ? null : { milli: price.milli * (parts ?? 1), currency: price.currency } };
  }

  /** What those that start take of today's counts; null when nothing is counted. */
  paid(spent: readonly SpentToday[], decided: readonly DecidedSpend[]): Paid | null {
    const prices = decided.flatMap(({ verdict, price }) => (verdict.maySend && price !== null ? [price] : []));
    const sums = spent.map(({ scope, currency }): [SpendScope, number] => [
      scope,
      prices.reduce((sum, price) => (price.currency === currency ? sum + price.milli : sum), 0),
    ]);
    const [first] = spent;
    return first === undefined || sums.every(([, sum]) => sum === 0) ? null : { day: first.day, sums: new Map(sums) };
  }

  /** Counts what was held back; the first one of a day is an alarm, in one container. */
  noteHeldBack(tx: Transaction, spent: readonly SpentToday[], verdicts: readonly MaySend[]): void {
    for (const { scope, day, currency, amount, isReached } of spent) {
      const count = verdicts.filter((one) => !one.maySend && one.reason === reasonOf({ scope })).length;
      if (count === 0) continue;
      spendStore.heldBack(tx, day, new Map([[scope, count]]));
      if (!isReached)
        tx.onCommit(() => this.log.warn('daily spend cap reached', { scope, day, cap: inWords({ amount, currency }) }));
    }
  }
}

export const pursesOf = (spent: readonly SpentToday[]): Purse[] =>
  spent.map(({ scope, currency, amount, milli }) => ({ scope, currency, leftMilli: amount * 1_000 - milli }));
