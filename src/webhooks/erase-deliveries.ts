import { Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { erasureDone, type PersonErased } from '../profiles/profiles.api';
import { deliveryStore } from './store/delivery.store';

/** Blanks what an erased person wrote and has not yet been told to the team. */
@Injectable()
export class EraseDeliveries implements BusHandler<PersonErased> {
  async handle(tx: Transaction, items: readonly PersonErased[]): Promise<void> {
    await deliveryStore.forget(
      tx,
      items.flatMap(({ keys }) => keys),
    );
    await erasureDone(
      tx,
      items.map(({ erasureId }) => erasureId),
      'webhooks',
    );
  }
}
