import { Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { type RunsMoved } from '../journeys/journeys.api';
import { people } from '../profiles/profiles.api';
import { moveMessagesStore } from './store/move-messages.store';

/** Messages follow their runs to the customer; with them go the addresses that were kept back for them. */
@Injectable()
export class MoveMessages implements BusHandler<RunsMoved> {
  async handle(tx: Transaction, items: readonly RunsMoved[]): Promise<void> {
    for (const { runIds, personId } of items) await moveMessagesStore.move(tx, runIds, personId);
    await people.giveAddresses(
      tx,
      items.map(({ guestId }) => guestId),
    );
  }
}
