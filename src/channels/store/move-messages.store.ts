import { statement, type Transaction } from '@wapas/database';

/** Stands on message_once. */
const MOVE = statement('move_messages', `update message set person_id = $2 where run_id = any($1::uuid[])`);

/** What a merge of people does to `message`. */
export const moveMessagesStore = {
  move: (tx: Transaction, runIds: readonly string[], personId: string) => tx.query(MOVE, [runIds, personId]),
};
