import { statement, type Transaction } from '@wapas/database';
import { type InboundMessage } from '@wapas/provider-kit';

export interface NewAnswer {
  readonly id: string;
  readonly provider: string;
  readonly channel: string;
  readonly messageId: string | null;
  readonly inbound: InboundMessage;
}

/** Stands on answer_once. */
const ADD = statement(
  'add_answers',
  `insert into answer (id, provider, vendor_id, channel, kind, message_id, at, received_at)
   select id, provider, vendor_id, channel, kind, message_id, at, (select business_now())
   from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::timestamptz[])
        as u (id, provider, vendor_id, channel, kind, message_id, at)
   on conflict do nothing returning id`,
);

/** The only place that knows `answer`: which answers were heard, and nothing of what they say. */
export const answerStore = {
  /** Gives the ids that were new. */
  async add(tx: Transaction, answers: readonly NewAnswer[]): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }>(ADD, [
      answers.map(({ id }) => id),
      answers.map(({ provider }) => provider),
      answers.map(({ inbound }) => inbound.id),
      answers.map(({ channel }) => channel),
      answers.map(({ inbound }) => inbound.kind),
      answers.map(({ messageId }) => messageId),
      answers.map(({ inbound }) => new Date(inbound.at)),
    ]);
    return new Set(rows.map(({ id }) => id));
  },
};
