import { statement, type Transaction } from '@wapas/database';
import { toInstant, type Instant } from '@wapas/kernel';
import { type Content } from '@wapas/provider-kit';
import { CHARGED_FOR_FAILURES } from '@wapas/rates';
import { type AfterCall } from '../rules/message-state';
import { type Wording } from '../rules/wordings';
import { type Changed, CHANGED } from './message.store';
import { type StoredContent, wordingsIn } from './sealed-message';
import { wordingStore } from './wording.store';

/** A message of which a failure is reported that may be worth a further attempt. Locked already. */
export interface Reopenable {
  readonly id: string;
  readonly fence: number;
  readonly provider: string;
  readonly channel: string;
  readonly purpose: 'service' | 'marketing';
  readonly wordings: readonly Content[];
  readonly variant: number;
  readonly notAfter: Instant;
  readonly tried: readonly string[];
  readonly maybeSent: boolean;
  readonly hadOnceMore: boolean;
}

/** A message that goes on after a report of failure. */
export interface Reopened {
  readonly id: string;
  readonly after: AfterCall;
  /** The wording whose turn it is next, when it is another one. */
  readonly next?: Wording;
}

const REOPENABLE = statement(
  'messages_to_reopen',
  `select id, fence, provider, channel, coalesce(guard ->> 'purpose', 'service') as purpose, content, sealed, variant, not_after as "notAfter",
          coalesce(tried, '{}') as tried, maybe_sent as "maybeSent", had_once_more as "hadOnceMore"
   from message where id = any($1::uuid[]) and state in ('calling', 'sent', 'unknown') and called_off is null and provider is not null`,
);
/**
 * It is planned once more, and its claim asks everything anew. The call that was reported is kept with what it cost, or, where failures are
 * free, would cost if it arrived after all: the message is about to be paid for once more.
 */
const REOPEN = statement(
  'reopen_messages',
  `with earlier as (
     insert into earlier_attempt (message_id, fence, attempt, provider, channel, called_at, price_milli, due_milli, price_currency)
     select id, fence, coalesce(reopened, 0), provider, channel, called_at, case when spent and channel = any($5::text[]) then price_milli end,
            case when spent and channel <> all($5::text[]) then price_milli end, price_currency
     from message where id = any($1::uuid[]) on conflict do nothing)
   update message m set state = 'retryable', reason = u.reason, reopened = m.fence, lease_until = null,
          not_before = clock_timestamp() + u.retry_in, offer_at = clock_timestamp() + u.retry_in, vendor_id = null, spent = m.spent and m.channel <> all($5::text[]),
          provider = coalesce(u.move_to, m.provider), tried = case when u.move_to is null then m.tried else array_append(m.tried, m.provider) end
   from unnest($1::uuid[], $2::text[], $3::interval[], $4::text[]) as u (id, reason, retry_in, move_to) where m.id = u.id
   returning ${CHANGED}`,
);
/** What was reported as failed did arrive, and no further attempt was taken: it stands again, and so does what was paid for it. */
const TAKE_BACK = statement(
  'take_back_reopening',
  `with last as (delete from earlier_attempt e using message m where m.id = any($1::uuid[]) and e.message_id = m.id and e.fence = m.reopened
                 returning e.message_id, e.attempt, e.provider, e.called_at, e.price_milli, e.due_milli, e.price_currency)
   update message m set called_at = last.called_at, price_milli = coalesce(last.price_milli, last.due_milli, m.price_milli), price_currency = coalesce(last.price_currency, m.price_currency), provider = last.provider, reopened = nullif(last.attempt, 0), tried = array_remove(m.tried, last.provider), spent = m.spent or last.price_milli is not null
   from last where m.id = last.message_id returning m.id`,
);
/**
 * Calls of these fences that were open when an attempt before them, which had been reported as failed, did arrive. Locks their messages.
 * Stands on the keys of message and earlier_attempt and on receipt_once.
 */
const OVERTAKEN = statement(
  'calls_overtaken_by_arrival',
  `select m.id from unnest($1::uuid[], $2::int[]) as u (id, fence)
   join message m on m.id = u.id and m.fence = u.fence and m.state = 'sent' and not m.maybe_sent
   where m.reopened is not null
     and exists (select from earlier_attempt e join receipt r on r.message_id = e.message_id and r.attempt = e.attempt and r.provider = e.provider
                 where e.message_id = m.id and r.kind in ('delivered', 'read'))
   order by m.id for update of m`,
);
/** When a call of a message m began: each that started left what it was judged by. Of calls named a. */
const CALLED_AT = `coalesce((select to_timestamp((c.claim ->> 'at')::float8 / 1000) from jsonb_array_elements(m.claims) with ordinality c (claim, place)
                     where not c.claim ? 'said' order by c.place offset a.fence - 1 limit 1), a.started_at)`;
/**
 * A call that its provider had refused, another one having been asked since, and that arrived all the same: it is an attempt of its own, and what
 * followed it another one, with what its provider told of it. Nothing of the kind is known of a call that is an attempt already, or that came after
 * one that was taken. Of a message that is locked. Stands on the keys of message, attempt and earlier_attempt and on receipt_once.
 */
const TAKEN_AFTER_ALL = statement(
  'calls_taken_after_all',
  `with call as (
     select m.id, m.channel, a.fence, a.provider, since.fence as attempt, ${CALLED_AT} as called_at, coalesce(next.provider, m.provider) as next_provider,
            case when m.fence = a.fence then m.price_milli end as due_milli, m.price_currency
     from message m
     join attempt a on a.message_id = m.id and a.fence = $2 and a.part = 0 and a.provider = $3 and a.provider <> m.provider
     cross join lateral (select coalesce(max(e.fence), 0) as fence from earlier_attempt e where e.message_id = m.id and e.fence < a.fence) since
     left join earlier_attempt next on next.message_id = m.id and next.attempt = since.fence
     where m.id = $1 and not exists (select from earlier_attempt e where e.message_id = m.id and e.fence = a.fence)
       and not exists (select from attempt b where b.message_id = m.id and b.fence > since.fence and b.fence < a.fence and b.outcome = 'accepted')),
   kept as (insert into earlier_attempt (message_id, fence, attempt, provider, channel, called_at, due_milli, price_currency)
            select id, fence, attempt, provider, channel, called_at, due_milli, price_currency from call),
   told as (update receipt r set attempt = call.fence from call where r.message_id = call.id and r.attempt = call.attempt and r.provider = call.next_provider),
   next as (update earlier_attempt e set attempt = call.fence from call where e.message_id = call.id and e.attempt = call.attempt),
   last as (update message m set reopened = call.fence from call where m.id = call.id and coalesce(m.reopened, 0) = call.attempt)
   select id from call`,
);

/** What a provider took and reported as failed gets a further attempt, or loses it again because it arrived after all. */
export const furtherAttemptStore = {
  /** Those of these messages for which a further attempt can be thought of: taken, and not called off since. */
  async reopenable(tx: Transaction, ids: readonly string[]): Promise<Reopenable[]> {
    const rows = await tx.query<Omit<Reopenable, 'wordings' | 'notAfter'> & StoredContent & { notAfter: Date }>(REOPENABLE, [
      ids,
    ]);
    return rows.map(({ content, sealed, notAfter, ...row }) => ({
      ...row,
      notAfter: toInstant(notAfter),
      wordings: wordingsIn(tx.seals, { content, sealed }),
    }));
  },

  async reopen(tx: Transaction, reopened: readonly Reopened[]): Promise<Changed[]> {
    if (reopened.length === 0) return [];
    await wordingStore.turnTo(
      tx,
      reopened.flatMap(({ id, next }) => (next === undefined ? [] : [{ id, ...next }])),
    );
    await wordingStore.noteOnceMore(
      tx,
      reopened.flatMap(({ id, after }) => (after.onceMore ? [id] : [])),
    );
    return tx.query<Changed>(REOPEN, [
      reopened.map(({ id }) => id),
      reopened.map(({ after }) => after.reason ?? null),
      reopened.map(({ after }) => `${after.retryInMs ?? 0} milliseconds`),
      reopened.map(({ after }) => after.moveTo ?? null),
      [...CHARGED_FOR_FAILURES],
    ]);
  },

  /** Those of these messages of which an earlier attempt has arrived while this call was open. */
  async overtaken(tx: Transaction, calls: readonly { readonly messageId: string; readonly fence: number }[]): Promise<string[]> {
    if (calls.length === 0) return [];
    const rows = await tx.query<{ id: string }>(OVERTAKEN, [calls.map((one) => one.messageId), calls.map((one) => one.fence)]);
    return rows.map(({ id }) => id);
  },

  /** Gives whether this call, which its provider had refused and says to have arrived, is an attempt of its own from now on. */
  takenAfterAll: async (
    tx: Transaction,
    call: { readonly messageId: string; readonly fence: number; readonly provider: string },
  ) => (await tx.query(TAKEN_AFTER_ALL, [call.messageId, call.fence, call.provider])).length > 0,

  async takeBack(tx: Transaction, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await tx.query(TAKE_BACK, [ids]);
  },
};
