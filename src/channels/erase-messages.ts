import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { Bus, type BusHandler } from '@wapas/events';
import { type BusEvents } from '../bus-events';
import { type RunsErased } from '../journeys/journeys.api';
import { erasureDone } from '../profiles/profiles.api';
import { publishSettled } from './settled';
import { eraseMessagesStore } from './store/erase-messages.store';
import { callOffStore } from './store/call-off.store';

/** Cancels what was still planned for erased runs and blanks the texts of all their messages. One on the wire is blanked by the sweep. */
@Injectable()
export class EraseMessages implements BusHandler<RunsErased> {
  constructor(@Inject(Bus) private readonly bus: Bus<BusEvents>) {}

  async handle(tx: Transaction, items: readonly RunsErased[]): Promise<void> {
    for (const { erasureId, runIds } of items) {
      const erased = runIds.map((runId) => ({ runId, reason: 'erased' }));
      await publishSettled(this.bus, tx, await callOffStore.ended(tx, erased), await tx.businessNow());
      const messageIds = await eraseMessagesStore.blank(tx, runIds);
      this.bus.publish(tx, 'messages.erased', [{ erasureId, messageIds }]);
    }
    await erasureDone(
      tx,
      items.map(({ erasureId }) => erasureId),
      'messages',
    );
  }
}
