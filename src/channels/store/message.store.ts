import {
  boolArray,
  byteaArray,
  int2Array,
  int4Array,
  jsonArray,
  jsonbArray,
  type Queryable,
  type Seals,
  statement,
  textArray,
  timestamptzArray,
  type Transaction,
  uuidArray,
} from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant, toDate, toInstant } from '@wapas/kernel';
import { type Content, type SendOutcome } from '@wapas/provider-kit';
import { type MessageCaps, type TakenMessage } from '../rules/caps';
import { type RecordedClaim } from '../rules/claim';
import { type Guard } from '../rules/guard';
import { templateOf } from '../rules/pauses';
import { type AfterCall, type MessageState } from '../rules/message-state';
import { type MessagePrice, type SpendScope } from '../rules/spend';
import { type Wording } from '../rules/wordings';
import { sealMessage, type StoredContent, wordingsIn } from './sealed-message';
import { sealWords } from './sealed-attempt';
import { wordingStore } from './wording.store';

export interface NewMessage {
  readonly id: string;
  readonly runId: string;
  readonly lap: number;
  readonly step: string;
  readonly journeyKey: string;
  readonly personId: string;
  readonly channel: string;
  readonly provider: string | null;
  readonly content: Content | null;
  /** Other wordings, for when its template is out of use. */
  readonly others: readonly Content[];
  readonly guard: Guard;
  readonly test: boolean;
  readonly state: Extract<MessageState, 'planned' | 'skipped' | 'rejected'>;
  readonly reason: string | null;
  readonly dueAt: Instant;
  readonly notAfter: Instant;
  readonly caps: MessageCaps | null;
  /** How many SMS its text takes; null: not known, or no SMS. */
  readonly parts: number | null;
  /** The language of its text, where there was a choice. */
  readonly locale: string | null;
}

/** A message that may be claimed, as read without locks. */
export interface Candidate {
  readonly id: string;
  readonly personId: string;
  readonly guard: Guard;
}

/** A message that has been locked for a claim, but for its guard. `content` is null when it cannot be opened: its key is gone. */
export type LockedMessage = Omit<Claimable, 'guard' | 'content'> & { readonly content: Content | null };

/** A message that has been locked for a claim. */
export interface Claimable {
  readonly id: string;
  readonly runId: string;
  readonly personId: string;
  readonly caps: MessageCaps | null;
  readonly channel: string;
  /** The wording that is its turn. */
  readonly content: Content;
  /** Wordings that come after it. */
  readonly others: readonly Content[];
  /** Which wording `content` is, from 0. */
  readonly variant: number;
  /** It has had the one further attempt that some refusals are worth. */
  readonly hadOnceMore: boolean;
  readonly guard: Guard;
  readonly test: boolean;
  readonly notAfter: Instant;
  readonly fence: number;
  /** Providers that have refused it for good. */
  readonly tried: readonly string[] | null;
  /** A call may have been accepted: only its provider may call again. */
  readonly maybeSent: boolean;
  /** How many SMS its text takes; null: not known, or no SMS. */
  readonly parts: number | null;
  /** Why no further call may be made for it, since it was said while one was open; null: nobody has said so. */
  readonly calledOff: string | null;
}

/** What of today's spend a claim takes, of the caps whose counts it has locked. */
export interface Paid {
  /** YYYY-MM-DD. */
  readonly day: string;
  readonly sums: ReadonlyMap<SpendScope, number>;
}

/** One provider call that has ended. */
/** One call of a claim: a push makes one for each device. */
export interface CallPart {
  readonly addressKey: string | null;
  readonly outcome: SendOutcome;
}

export interface EndedCall {
  readonly messageId: string;
  readonly fence: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** The calls of this claim: one, or for a push one for each device. */
  readonly parts: readonly CallPart[];
  /** What all of them together came to. */
  readonly outcome: SendOutcome;
  readonly after: AfterCall;
  /** The wording whose turn it is next, when it is another one. */
  readonly next?: Wording;
}

/** What others need to hear of a message whose state changed. */
export interface Changed {
  readonly id: string;
  readonly runId: string;
  readonly lap: number;
  readonly step: string;
  readonly channel: string;
  readonly provider: string | null;
  readonly state: MessageState;
  readonly reason: string | null;
  readonly calledAt: Date | null;
  readonly parts: number | null;
  /** Of the number that its last call went to, ISO 3166; null: to no number. */
  readonly country: string | null;
  /** The price category that was known of it when it was last claimed; null: none. */
  readonly sentAs: string | null;
}

/** The price category of a message m before its vendor has said one. What was claimed before that was kept is told by its purpose. */
export const SENT_AS = `coalesce(m.claims -> -1 ->> 'sentAs', case when m.channel = 'whatsapp' and m.guard ->> 'purpose' = 'marketing' then 'marketing' end)`;
/** The columns of `Changed`, of a row named m. */
export const CHANGED = `m.id, m.run_id as "runId", m.lap, m.step, m.channel, m.provider, m.state, m.reason, m.called_at as "calledAt", m.parts, m.country, ${SENT_AS} as "sentAs"`;
/** A process that dies takes its calls with it; after this nobody waits for them any more. */
const LEASE = `interval '30 seconds'`;
/** Whoever was told of a message and did nothing about it is told again. */
export const OFFER_AGAIN = `interval '30 seconds'`;

const INSERT = statement(
  'insert_messages',
  `insert into message (id, run_id, lap, step, journey_key, person_id, channel, provider, sealed, guard, test, state, reason, due_at, not_after, caps, parts, locale, template, created_at, offer_at)
   select u.*, (select business_now()), case when u.state = 'planned' then clock_timestamp() + ${OFFER_AGAIN} end
   from unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::bytea[], $10::json[], $11::boolean[], $12::text[], $13::text[], $14::timestamptz[], $15::timestamptz[], $16::jsonb[], $17::smallint[], $18::text[], $19::text[])
        as u (id, run_id, lap, step, journey_key, person_id, channel, provider, sealed, guard, test, state, reason, due_at, not_after, caps, parts, locale, template)
   on conflict (run_id, lap, step) do nothing
   returning id`,
);
/**
 * Said of rows that are looked up by id or run. As a plain condition it invites the planner to walk the index of everything that waits,
 * which its statistics believe to be empty: it is as good as empty most of the time, and holds a hundred thousand when it matters.
 */
export const IS_WAITING = `(state in ('planned', 'retryable')) is true`;
/** Read without locks, to learn which key locks to take (D7). What is stopped is no candidate: a stop holds from its commit on. */
const CANDIDATES = statement(
  'claim_candidates',
  `select id, person_id as "personId", guard from message where id = any($1::uuid[]) and ${IS_WAITING} and (not_before is null or not_before <= clock_timestamp())
      and 'all' <> all(array(select scope from send_stop)) and 'journey:' || journey_key <> all(array(select scope from send_stop))`,
);
const LOCK_FOR_CLAIM = statement(
  'lock_messages_for_claim',
  `select id, run_id as "runId", person_id as "personId", caps, channel, content, sealed, test, not_after as "notAfter", fence, tried, maybe_sent as "maybeSent", parts, called_off as "calledOff", variant, had_once_more as "hadOnceMore" from message
   where id = any($1::uuid[]) and ${IS_WAITING} and ($2::text is null or provider = $2) order by id for update skip locked`,
);
/**
 * What counts against the caps of these people: the row is the reservation, and its state returns or keeps it. So does what is to be sent
 * once more although a provider may have taken it. Stands on message_taken and message_maybe_taken.
 */
const TAKEN = statement(
  'messages_taken',
  `select p.id as "personId", m.id as "messageId", m.run_id as "runId", coalesce((m.caps ->> 'marketing')::boolean, false) as marketing, m.called_at as "calledAt"
   from (select distinct unnest($1::uuid[]) as id) p
   cross join lateral ((select id, run_id, caps, called_at from message m where m.person_id = p.id and m.state in ('calling', 'sent', 'unknown')
                           and m.called_at > (select business_now()) - interval '30 days' offset 0)
                       union all
                       (select id, run_id, caps, called_at from message m where m.person_id = p.id and m.state = 'retryable' and m.maybe_sent offset 0)) m`,
);
const START = `update message m set state = 'calling', reason = null, fence = m.fence + 1, address_key = u.address_key, called_at = $3,
          lease_until = clock_timestamp() + ${LEASE}, not_before = null, offer_at = null, held_by = null, claims = coalesce(m.claims, '[]') || u.record,
          price_milli = u.price, price_currency = u.currency, country = u.country, spent = true
   from unnest($1::uuid[], $2::uuid[], $4::jsonb[], $5::bigint[], $6::text[], $7::text[]) as u (id, address_key, record, price, currency, country) where m.id = u.id`;
const START_CALLS = statement('start_calls', START);
/** With what they cost taken from the counts that the claim has locked. */
const START_PAID_CALLS = statement(
  'start_paid_calls',
  `with paid as (update spend_day s set milli = s.milli + u.milli from unnest($9::text[], $10::bigint[]) as u (scope, milli) where s.day = $8::date and s.scope = u.scope)
   ${START}`,
);
/** What a provider may have taken is not surely unsent because no further call is made for it: it stays unknown, and keeps its place under the caps. */
const SURELY_NOT_SENT = `case when m.maybe_sent and u.state in ('expired', 'rejected', 'skipped') then 'unknown' else u.state end`;
const GIVE_UP = statement(
  'give_up_messages',
  `update message m set state = ${SURELY_NOT_SENT}, reason = u.reason, offer_at = null, not_before = null, settled_at = (select business_now()),
          claims = case when u.record is null then m.claims else coalesce(m.claims, '[]') || u.record end
   from unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[]) as u (id, state, reason, record) where m.id = u.id returning ${CHANGED}`,
);
/** Only whoever holds the current fence of an open call may say how it ended. */
const END_CALLS = statement(
  'end_calls',
  `update message m set state = u.state, reason = u.reason, vendor_id = coalesce(u.vendor_id, m.vendor_id), lease_until = null,
          not_before = clock_timestamp() + u.retry_in, offer_at = clock_timestamp() + u.retry_in, maybe_sent = m.maybe_sent or u.maybe_sent,
          provider = coalesce(u.move_to, m.provider), tried = case when u.move_to is null then m.tried else array_append(m.tried, m.provider) end
   from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::interval[], $7::text[], $8::boolean[]) as u (id, fence, state, reason, vendor_id, retry_in, move_to, maybe_sent)
   where m.id = u.id and m.fence = u.fence and m.state = 'calling' returning ${CHANGED}`,
);
const ADD_ATTEMPTS = statement(
  'add_attempts',
  `insert into attempt (message_id, fence, part, provider, address_key, started_at, ended_at, outcome, scope, code, sealed, vendor_id)
   select * from unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::uuid[], $6::timestamptz[], $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::bytea[], $12::text[])
   on conflict do nothing`,
);
/** A call that never reached the socket is as if it had not been claimed; an earlier one that may have been taken keeps its place under the caps. */
const GIVE_BACK = statement(
  'give_back_messages',
  `update message m set state = case when m.maybe_sent then 'retryable' else 'planned' end, lease_until = null, called_at = case when m.maybe_sent then m.called_at end, offer_at = clock_timestamp()
   from unnest($1::uuid[], $2::int[]) as u (id, fence) where m.id = u.id and m.fence = u.fence and m.state = 'calling'`,
);
/** Whoever was calling has died or lost the database. Stands on message_leased. */
const EXPIRE_LEASES = statement(
  'expire_leases',
  `with dead as (select id from message where state = 'calling' and lease_until < (select clock_timestamp()) order by lease_until limit $1 for update skip locked)
   update message m set lease_until = null, settled_at = (select business_now()),
          state = case when m.provider = any($2::text[]) then 'retryable' else 'unknown' end, reason = 'process_died', maybe_sent = true,
          offer_at = case when m.provider = any($2::text[]) then clock_timestamp() end
   from dead where m.id = dead.id returning ${CHANGED}, m.fence, m.address_key as "addressKey"`,
);
/** Messages from their planning to the end of their calls. The only place, beside the stores of receipts, of further attempts, of wordings, of what waits and of what is called off, that changes `message` and `attempt`. */
export const messageStore = {
  /** Gives the ids that were new: a step that asks twice gets one message. */
  async insert(tx: Transaction, messages: readonly NewMessage[]): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }>(INSERT, [
      uuidArray(messages.map((one) => one.id)),
      uuidArray(messages.map((one) => one.runId)),
      int4Array(messages.map((one) => one.lap)),
      textArray(messages.map((one) => one.step)),
      textArray(messages.map((one) => one.journeyKey)),
      uuidArray(messages.map((one) => one.personId)),
      textArray(messages.map((one) => one.channel)),
      textArray(messages.map((one) => one.provider)),
      byteaArray(messages.map((one) => sealMessage(tx.seals, one))),
      jsonArray(messages.map(({ guard: { asks: _sealed, ...guard } }) => JSON.stringify(guard))),
      boolArray(messages.map((one) => one.test)),
      textArray(messages.map((one) => one.state)),
      textArray(messages.map((one) => one.reason)),
      timestamptzArray(messages.map((one) => one.dueAt)),
      timestamptzArray(messages.map((one) => one.notAfter)),
      jsonbArray(messages.map((one) => one.caps && JSON.stringify(one.caps))),
      int2Array(messages.map((one) => one.parts)),
      textArray(messages.map((one) => one.locale)),
      textArray(messages.map(({ content }) => content && templateOf(content))),
    ]);
    return new Set(rows.map((row) => row.id));
  },

  candidates: (db: Queryable, ids: readonly string[]) => db.query<Candidate>(CANDIDATES, [ids]),

  /** Null: whichever provider they wait at. One that has gone to another provider is that lane's. */
  async lockForClaim(tx: Transaction, ids: readonly string[], provider: string | null): Promise<LockedMessage[]> {
    const rows = await tx.query<LockedRow>(LOCK_FOR_CLAIM, [ids, provider]);
    return rows.map((row) => toLocked(tx.seals, row));
  },

  /** Ask under the people's locks: two claims at once would each leave room for the other. */
  async taken(tx: Transaction, personIds: readonly string[]): Promise<(TakenMessage & { readonly messageId: string })[]> {
    const rows = await tx.query<Omit<TakenMessage, 'calledAt'> & { messageId: string; calledAt: Date }>(TAKEN, [personIds]);
    return rows.map((row) => ({ ...row, calledAt: toInstant(row.calledAt) }));
  },

  /** `record`: what the claim was judged by; it is kept with the message, as are the price and the number's country. `paid`: null when no cap counts it. */
  async startCalls(
    tx: Transaction,
    calls: readonly {
      id: string;
      addressKey: EntityKey;
      record: RecordedClaim;
      price: MessagePrice | null;
      country: string | null;
    }[],
    now: Instant,
    paid: Paid | null = null,
  ): Promise<void> {
    if (calls.length === 0) return;
    const values = [
      calls.map((one) => one.id),
      calls.map((one) => one.addressKey),
      toDate(now),
      calls.map((one) => JSON.stringify(one.record)),
      calls.map((one) => one.price?.milli ?? null),
      calls.map((one) => one.price?.currency ?? null),
      calls.map((one) => one.country),
    ];
    if (paid === null) await tx.query(START_CALLS, values);
    else await tx.query(START_PAID_CALLS, [...values, paid.day, [...paid.sums.keys()], [...paid.sums.values()]]);
  },

  /** `record`: what the claim was judged by; absent when something else than a claim gave it up. */
  async giveUp(
    tx: Transaction,
    given: readonly { id: string; state: MessageState; reason: string; record?: RecordedClaim }[],
  ): Promise<Changed[]> {
    if (given.length === 0) return [];
    return tx.query<Changed>(GIVE_UP, [
      given.map((one) => one.id),
      given.map((one) => one.state),
      given.map((one) => one.reason),
      given.map((one) => (one.record ? JSON.stringify(one.record) : null)),
    ]);
  },

  /** Gives the messages whose state this changed; a stale fence changes nothing but keeps its attempt. */
  async endCalls(tx: Transaction, provider: string, calls: readonly EndedCall[]): Promise<Changed[]> {
    const attempts = calls.flatMap(({ parts, ...call }) => parts.map((part, index) => ({ ...call, ...part, part: index })));
    const failures = attempts.map(({ outcome }) => (outcome.outcome === 'failed' ? outcome.failure : undefined));
    tx.write(ADD_ATTEMPTS, [
      attempts.map((one) => one.messageId),
      attempts.map((one) => one.fence),
      attempts.map((one) => one.part),
      attempts.map(() => provider),
      attempts.map((one) => one.addressKey),
      attempts.map((one) => new Date(one.startedAt)),
      attempts.map((one) => new Date(one.endedAt)),
      failures.map((failure) => failure?.class ?? 'accepted'),
      failures.map((failure) => failure?.scope ?? null),
      failures.map((failure) => failure?.code ?? null),
      byteaArray(failures.map((failure) => sealWords(tx.seals, failure?.detail))),
      attempts.map(({ outcome }) => vendorIdOf(outcome)),
    ]);
    const changed = await tx.query<Changed>(END_CALLS, [
      calls.map((one) => one.messageId),
      calls.map((one) => one.fence),
      calls.map((one) => one.after.state),
      calls.map((one) => one.after.reason ?? null),
      calls.map(({ outcome }) => vendorIdOf(outcome)),
      calls.map(({ after }) => (after.state === 'retryable' ? `${after.retryInMs ?? 0} milliseconds` : null)),
      calls.map(({ after }) => after.moveTo ?? null),
      calls.map(({ after }) => after.maybeSent ?? false),
    ]);
    const current = new Set(changed.map(({ id }) => id));
    const ended = calls.filter(({ messageId }) => current.has(messageId));
    await wordingStore.turnTo(
      tx,
      ended.flatMap(({ messageId: id, next }) => (next === undefined ? [] : [{ id, ...next }])),
    );
    await wordingStore.noteOnceMore(
      tx,
      ended.flatMap(({ messageId, after }) => (after.onceMore ? [messageId] : [])),
    );
    return changed;
  },

  giveBack: (db: Queryable, calls: readonly { id: string; fence: number }[]) =>
    db.query(GIVE_BACK, [calls.map((one) => one.id), calls.map((one) => one.fence)]),

  expireLeases: (tx: Transaction, limit: number, resendable: readonly string[]) =>
    tx.query<Changed & { fence: number; addressKey: string | null }>(EXPIRE_LEASES, [limit, resendable]),
};

type LockedRow = Omit<LockedMessage, 'notAfter' | 'content' | 'others'> & StoredContent & { readonly notAfter: Date };

function toLocked(seals: Seals, { content, sealed, ...row }: LockedRow): LockedMessage {
  const wordings = wordingsIn(seals, { content, sealed });
  const variant = Math.min(row.variant, Math.max(0, wordings.length - 1));
  return {
    ...row,
    variant,
    notAfter: toInstant(row.notAfter),
    content: wordings[variant] ?? null,
    others: wordings.slice(variant + 1),
  };
}

const vendorIdOf = (outcome: SendOutcome): string | null => (outcome.outcome === 'accepted' ? (outcome.vendorId ?? null) : null);
