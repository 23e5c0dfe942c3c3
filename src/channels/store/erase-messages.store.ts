import { statement, type Transaction } from '@wapas/database';

/** Stands on message_once. */
const BLANK = statement(
  'blank_messages',
  `update message set content = null, sealed = null, guard = (guard::jsonb - 'asks')::json where run_id = any($1::uuid[]) and state <> 'calling' returning id`,
);
/** A vendor's own words may repeat a number. */
const BLANK_ATTEMPTS = statement(
  'blank_attempts',
  `update attempt set detail = null, sealed = null where message_id = any($1::uuid[]) and (detail is not null or sealed is not null)`,
);

/** What an erasure does to `message` and `attempt`: the send log stays, texts go. */
export const eraseMessagesStore = {
  async blank(tx: Transaction, runIds: readonly string[]): Promise<string[]> {
    const ids = (await tx.query<{ id: string }>(BLANK, [runIds])).map(({ id }) => id);
    await this.blankWords(tx, ids);
    return ids;
  },

  /** What vendors said of these messages. */
  blankWords: (tx: Transaction, messageIds: readonly string[]) => tx.query(BLANK_ATTEMPTS, [messageIds]),
};
