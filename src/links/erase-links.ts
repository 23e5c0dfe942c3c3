import { Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { type MessagesErased } from '../channels/channels.api';
import { erasureDone } from '../profiles/profiles.api';
import { eraseLinksStore } from './store/erase-links.store';

/** Ends the links of erased messages and forgets where they led. */
@Injectable()
export class EraseLinks implements BusHandler<MessagesErased> {
  async handle(tx: Transaction, items: readonly MessagesErased[]): Promise<void> {
    await eraseLinksStore.blank(
      tx,
      items.flatMap(({ messageIds }) => messageIds),
    );
    await erasureDone(
      tx,
      items.map(({ erasureId }) => erasureId),
      'links',
    );
  }
}
