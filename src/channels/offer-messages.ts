import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { QueueClosed, WORK_QUEUE, type WorkQueue } from '@wapas/work-queue';
import { groupBy } from '@wapas/kernel';
import { Log } from '../log';
import { type MessageRequested } from './channels.events';
import { waitingStore } from './store/waiting.store';

/** Wakes the workers of planned messages. What is lost on the way is offered again from the rows. */
@Injectable()
export class OfferMessages implements BusHandler<MessageRequested> {
  constructor(
    @Inject(WORK_QUEUE) private readonly queue: WorkQueue,
    @Inject(Database) private readonly database: Database,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** The queue may live across the network, so it is called after the commit. */
  async handle(tx: Transaction, items: readonly MessageRequested[]): Promise<void> {
    tx.onCommit(() => void this.offer(items.map(({ messageId, provider }) => ({ id: messageId, provider }))));
  }

  /** Offers what waits at these providers and was last offered too long ago, at most `limit` messages. Gives how many. */
  async offerAgain(providers: readonly string[], limit: number): Promise<number> {
    const offers = await waitingStore.takeOffers(this.database, limit, providers);
    await this.offer(offers);
    return offers.length;
  }

  /** Of messages that were offered and not claimed: they are offered again as soon as their provider is open. */
  async letGo(provider: string, ids: readonly string[]): Promise<void> {
    await waitingStore.letGo(this.database, provider, ids);
  }

  /** Never rejects: the rows are offered again within half a minute. */
  private async offer(messages: readonly { id: string; provider: string }[]): Promise<void> {
    for (const [provider, group] of groupBy(messages, (one) => one.provider)) {
      await this.queue
        .offer(
          provider,
          group.map(({ id }) => id),
        )
        .catch((error: unknown) => {
          // The process is ending, and the rows outlive it.
          if (!(error instanceof QueueClosed)) this.log.trouble('messages not offered', error, { provider, count: group.length });
        });
    }
  }
}
