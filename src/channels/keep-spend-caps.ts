import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { type Money, toMajorText } from '@wapas/kernel';
import { operationAudit } from '../access/access.api';
import { CONFIG, type Config } from '../config/config';
import { type SpendScope } from './rules/spend';
import { type SpendCap, spendStore } from './store/spend.store';

const LOOK_EVERY_MS = 1_000;

/**
 * How much may be spent in a day. Every process holds the caps in memory and looks again each second, so that a claim asks for
 * them only while there are some; how high they are it reads from the database. What a container claimed in the second before it
 * knew of a new cap is counted by the looks that follow.
 */
@Injectable()
export class KeepSpendCaps {
  /** Null: nobody has looked yet, and there may be some. */
  private caps: readonly SpendCap[] | null = null;
  private lookedAt = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'businessZone'>,
    @Inject(Database) private readonly database: Database,
  ) {}

  /** The caps that count what is sent on a channel. */
  scopesOf(channel: string): SpendScope[] {
    const concerned: SpendScope[] = ['all', `channel:${channel}`];
    const { caps } = this;
    return caps === null ? concerned : concerned.filter((scope) => caps.some((cap) => cap.scope === scope));
  }

  all(): Promise<SpendCap[]> {
    return spendStore.caps(this.database);
  }

  /** What has been spent today counts at once. Who did it and why is kept with it. */
  async set(scope: SpendScope, money: Money, actor: string, reason: string | null): Promise<void> {
    await this.database.transaction(async (tx) => {
      await spendStore.set(tx, { scope, ...money, actor });
      await operationAudit.add(tx, { act: 'spend_cap_set', subject: `${scope} ${inWords(money)} a day`, actor, reason });
      await spendStore.recount(tx, this.config.businessZone, [scope], true);
    });
    await this.look();
  }

  /** False when there was none. */
  async remove(scope: SpendScope, actor: string, reason: string | null): Promise<boolean> {
    const wasThere = await this.database.transaction(async (tx) => {
      const removed = await spendStore.remove(tx, scope);
      if (removed) await operationAudit.add(tx, { act: 'spend_cap_removed', subject: scope, actor, reason });
      return removed;
    });
    await this.look();
    return wasThere;
  }

  /** Called often; looks at the database once a second. */
  async refresh(): Promise<void> {
    if (performance.now() - this.lookedAt < LOOK_EVERY_MS) return;
    await this.look();
    const fresh = (this.caps ?? []).filter(({ isNew }) => isNew).map(({ scope }) => scope);
    if (fresh.length === 0) return;
    await this.database.transaction((tx) => spendStore.recount(tx, this.config.businessZone, fresh, false));
  }

  /** Reads the caps now. */
  async look(): Promise<void> {
    this.caps = await spendStore.caps(this.database);
    this.lookedAt = performance.now();
  }
}

/** `INR 1000.00`. */
export const inWords = (money: Money): string => `${money.currency} ${toMajorText(money)}`;
