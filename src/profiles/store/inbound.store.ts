import { statement, type Transaction } from '@wapas/database';

const KEEP = statement(
  'keep_inbound_message',
  `insert into inbound_message (channel, source_id, received_at) values ($1, $2, business_now()) on conflict do nothing returning source_id`,
);

/** The only place that knows `inbound_message`: which commands of customers have been heard. Never their text. */
export const inboundStore = {
  isNew: async (tx: Transaction, channel: string, sourceId: string): Promise<boolean> =>
    (await tx.query(KEEP, [channel, sourceId])).length > 0,
};
