import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { Bus } from '@wapas/events';
import { type BusEvents } from '../bus-events';
import { ProviderRegistry } from './provider-registry';
import { publishSettled } from './settled';
import { type Changed, messageStore } from './store/message.store';
import { waitingStore } from './store/waiting.store';

/** Ends what nobody is at work on any more: calls whose process died, and messages whose time is over. */
@Injectable()
export class ExpireMessages {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
  ) {}

  /** Open calls whose lease is over: unknown, or to be made again where that is safe. Gives how many, at most `limit`. */
  leases(limit: number): Promise<number> {
    return this.expire((tx) => messageStore.expireLeases(tx, limit, this.providers.resendable()));
  }

  /** What waits for a provider that is shut, or for a queue that is long, is told in time that it is too late. Gives how many, at most `limit`. */
  late(limit: number): Promise<number> {
    return this.expire((tx) => waitingStore.expireLate(tx, limit));
  }

  private expire(change: (tx: Transaction) => Promise<readonly Changed[]>): Promise<number> {
    return this.database.transaction(async (tx) => {
      const changed = await change(tx);
      if (changed.length > 0) await publishSettled(this.bus, tx, changed, await tx.businessNow());
      return changed.length;
    });
  }
}
