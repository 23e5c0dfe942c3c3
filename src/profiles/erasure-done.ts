import { type Transaction } from '@wapas/database';
import { erasureStore } from './store/erasure.store';

/** Parts of Wapas that have to say that they are done before an erasure is complete. Each is a handler on the flow page. */
export const ERASING_PARTS = ['events', 'journeys', 'messages', 'links', 'webhooks'] as const;

/** A part has erased what it had. */
export const erasureDone = (
  tx: Transaction,
  erasureIds: readonly string[],
  part: (typeof ERASING_PARTS)[number],
): Promise<unknown> => erasureStore.partDone(tx, erasureIds, part);
