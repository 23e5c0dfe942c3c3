import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { WORK_QUEUE, type WorkQueue } from '@wapas/work-queue';
import { groupBy } from '@wapas/kernel';
import { Log } from '../log';
import { type MessageRequested } from './channels.api';

/** Wakes the workers of planned messages. What is lost on the way is offered again from the rows. */
@Injectable()
export class OfferMessages implements BusHandler<MessageRequested> {
  constructor(
    @Inject(WORK_QUEUE) private readonly queue: WorkQueue,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** The queue may live across the network, so it is called after the commit. */
  async handle(tx: Transaction, items: readonly MessageRequested[]): Promise<void> {
    tx.onCommit(() => void this.offer(items.map(({ messageId, provider }) => ({ id: messageId, provider }))));
  }

  /** Never rejects: the rows are offered again within half a minute. */
  async offer(messages: readonly { id: string; provider: string }[]): Promise<void> {
    for (const [provider, group] of groupBy(messages, (one) => one.provider)) {
      await this.queue
        .offer(
          provider,
          group.map(({ id }) => id),
        )
        .catch((error: unknown) => this.log.trouble('messages not offered', error, { provider, count: group.length }));
    }
  }
}
