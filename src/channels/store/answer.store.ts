import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type InboundMessage } from '@wapas/provider-kit';

export interface NewAnswer {
  readonly id: string;
  readonly provider: string;
  readonly channel: string;
  readonly messageId: string | null;
  readonly inbound: InboundMessage;
}

/** An answer on its way to the team. */
export interface AnswerToHandOn {
  readonly id: string;
  readonly provider: string;
  readonly channel: string;
  readonly kind: string;
  readonly messageId: string | null;
  readonly runId: string | null;
  readonly at: Date;
  readonly text: string | null;
  readonly payload: string | null;
  readonly phone: string | null;
  readonly tries: number;
}

/** Stands on answer_once. With `keep` false the words and the number are not written down. */
const ADD = statement(
  'add_answers',
  `insert into answer (id, provider, vendor_id, channel, kind, message_id, at, received_at, text, payload, phone, offer_at)
   select id, provider, vendor_id, channel, kind, message_id, at, (select business_now()),
          case when $11 then text end, case when $11 then payload end, case when $11 then phone end,
          case when $11 then clock_timestamp() end
   from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::timestamptz[], $8::text[], $9::text[], $10::text[])
        as u (id, provider, vendor_id, channel, kind, message_id, at, text, payload, phone)
   on conflict do nothing returning id`,
);
/** Takes them for a minute: another container leaves them alone meanwhile. Stands on answer_to_hand_on. */
const TAKE = statement(
  'take_answers_to_hand_on',
  `with due as (select id from answer where offer_at <= clock_timestamp() order by offer_at limit $1 for update skip locked)
   update answer a set offer_at = clock_timestamp() + interval '1 minute', tries = a.tries + 1 from due where a.id = due.id
   returning a.id, a.provider, a.channel, a.kind, a.message_id as "messageId",
             (select m.run_id from message m where m.id = a.message_id) as "runId", a.at, a.text, a.payload, a.phone, a.tries`,
);
const HANDED = statement(
  'answer_handed_on',
  `update answer set offer_at = null, handed_at = case when $2 then clock_timestamp() end, text = null, payload = null, phone = null where id = $1`,
);
const LATER = statement(
  'answer_later',
  `update answer set offer_at = clock_timestamp() + make_interval(secs => $2::float8 / 1000) where id = $1`,
);

/** The only place that knows `answer`. */
export const answerStore = {
  /** Gives the ids that were new. */
  async add(tx: Transaction, answers: readonly NewAnswer[], keepWords: boolean): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }>(ADD, [
      answers.map(({ id }) => id),
      answers.map(({ provider }) => provider),
      answers.map(({ inbound }) => inbound.id),
      answers.map(({ channel }) => channel),
      answers.map(({ inbound }) => inbound.kind),
      answers.map(({ messageId }) => messageId),
      answers.map(({ inbound }) => new Date(inbound.at)),
      answers.map(({ inbound }) => inbound.text ?? null),
      answers.map(({ inbound }) => inbound.payload ?? null),
      answers.map(({ inbound }) => inbound.phone ?? null),
      keepWords,
    ]);
    return new Set(rows.map(({ id }) => id));
  },
  takeToHandOn: (db: Queryable, limit: number) => db.query<AnswerToHandOn>(TAKE, [limit]),
  /** The words go, whether they arrived or not. */
  settle: (db: Queryable, id: string, arrived: boolean) => db.query(HANDED, [id, arrived]),
  tryLater: (db: Queryable, id: string, inMs: number) => db.query(LATER, [id, inMs]),
};
