import { statement, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type InboundMessage } from '@wapas/provider-kit';

export interface NewAnswer {
  readonly id: string;
  readonly provider: string;
  readonly channel: string;
  readonly messageId: string | null;
  readonly inbound: InboundMessage;
}

/** Somebody who wrote, and when; with the number, where they are known by it. */
export interface Writer {
  readonly personId: string;
  readonly addressKey: EntityKey | null;
  readonly at: Date;
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

/**
 * What each of them was sent last on the channel before they wrote, within three days. A minute is for clocks that differ. That somebody writes
 * does not say that an unknown message arrived. Locks nothing; stands on message_taken.
 */
const SENT_LAST = statement(
  'messages_sent_last',
  `select distinct on (w.position) m.id as "messageId", extract(epoch from w.at)::float * 1000 as at
   from unnest($2::uuid[], $3::uuid[], $4::timestamptz[]) with ordinality as w (person_id, address_key, at, position)
   join message m on m.person_id = w.person_id and m.state = 'sent' and m.channel = $1
    and m.called_at between w.at - interval '3 days' and w.at + interval '1 minute' and coalesce(m.address_key = w.address_key, w.address_key is null)
   order by w.position, m.called_at desc, m.id`,
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
  /** The messages that were sent to them last, and when they wrote; nothing for those who were sent none. */
  sentLast: async (tx: Transaction, channel: string, writers: readonly Writer[]) =>
    writers.length === 0
      ? []
      : tx.query<{ messageId: string; at: number }>(SENT_LAST, [
          channel,
          writers.map(({ personId }) => personId),
          writers.map(({ addressKey }) => addressKey),
          writers.map(({ at }) => at),
        ]),
};
