import { statement, type Transaction } from '@wapas/database';

/** Erasures are rare, and test sends are few: no index of its own. */
const BLANK = statement(
  'blank_test_sends',
  `update message set content = null, sealed = null where journey_key = 'test_send' and person_id = any($1::uuid[]) and state <> 'calling' returning id`,
);

export const testSendStore = {
  blank: (tx: Transaction, personIds: readonly string[]) => tx.query(BLANK, [personIds]),
};
