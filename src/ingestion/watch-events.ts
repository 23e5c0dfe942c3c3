import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { ArmWaits } from './derived/arm-waits';
import { type EventRecorded } from './ingestion.events';
import { eventNameStore } from './store/event-name.store';

/**
 * What ingestion itself does with its events after the answer: one packet for both, because every handler of an event costs a
 * row in the outbox. The counters come last, so that other containers wait for their rows no longer than they must.
 */
@Injectable()
export class WatchEvents implements BusHandler<EventRecorded> {
  constructor(@Inject(ArmWaits) private readonly armWaits: ArmWaits) {}

  async handle(tx: Transaction, items: readonly EventRecorded[]): Promise<void> {
    await this.armWaits.arm(tx, items);
    await eventNameStore.count(tx, items);
  }
}
