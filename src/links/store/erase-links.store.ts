import { statement, type Transaction } from '@wapas/database';

/** Stands on link_of_message. An address of a shop may carry what only its customer should know. */
const BLANK = statement(
  'blank_links',
  `update link set target = '', sealed = null, guard = (guard::jsonb - 'asks')::json, expires_at = least(expires_at, business_now()) where message_id = any($1::uuid[])`,
);

/** What an erasure does to `link`. */
export const eraseLinksStore = {
  blank: (tx: Transaction, messageIds: readonly string[]) => tx.query(BLANK, [messageIds]),
};
