import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { Bus, type BusHandler } from '@wapas/events';
import { type BusEvents } from '../bus-events';
import { type PeopleMerged } from '../profiles/profiles.api';
import { moveRunsStore } from './store/move-runs.store';

/** A guest's runs become the customer's. Each keeps the arm it entered with. */
@Injectable()
export class MoveRuns implements BusHandler<PeopleMerged> {
  constructor(@Inject(Bus) private readonly bus: Bus<BusEvents>) {}

  async handle(tx: Transaction, items: readonly PeopleMerged[]): Promise<void> {
    for (const { guestId, personId } of items) {
      const runIds = await moveRunsStore.move(tx, guestId, personId);
      this.bus.publish(tx, 'runs.moved', [{ guestId, personId, runIds }]);
    }
  }
}
