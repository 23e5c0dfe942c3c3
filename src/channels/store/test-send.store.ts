import { statement, type Transaction } from '@wapas/database';
import { eraseMessagesStore } from './erase-messages.store';

/** Erasures are rare, and test sends are few: no index of its own. */
const BLANK = statement(
  'blank_test_sends',
  `update message set content = null, sealed = null where journey_key = 'test_send' and person_id = any($1::uuid[]) and state <> 'calling' returning id`,
);

export const testSendStore = {
  async blank(tx: Transaction, personIds: readonly string[]): Promise<void> {
    const blanked = await tx.query<{ id: string }>(BLANK, [personIds]);
    await eraseMessagesStore.blankWords(
      tx,
      blanked.map(({ id }) => id),
    );
  },
};
