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
 * It is planned once more, and its claim asks everything anew. The call that was reported is kept with what it cost, where failures are charged
 * for: the message is about to be paid for once more.
 */
const REOPEN = statement(
  'reopen_messages',
  `with earlier as (
     insert into earlier_attempt (message_id, fence, attempt, provider, channel, called_at, price_milli, price_currency)
     select id, fence, coalesce(reopened, 0), provider, channel, called_at, case when spent and channel = any($5::text[]) then price_milli end, price_currency
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
                 returning e.message_id, e.attempt, e.provider, e.called_at, e.price_milli, e.price_currency)
   update message m set called_at = last.called_at, price_milli = coalesce(last.price_milli, m.price_milli), price_currency = coalesce(last.price_currency, m.price_currency), provider = last.provider, reopened = nullif(last.attempt, 0), tried = array_remove(m.tried, last.provider), spent = m.spent or last.price_milli is not null
   from last where m.id = last.message_id returning m.id`,
);
/**
 * Calls of these fences that were open when what the attempt before them had reported as failed did arrive. Locks their messages. Stands on
 * the keys of message and earlier_attempt and on receipt_once.
 */
const OVERTAKEN = statement(
  'calls_overtaken_by_arrival',
  `select m.id from unnest($1::uuid[], $2::int[]) as u (id, fence)
   join message m on m.id = u.id and m.fence = u.fence and m.state = 'sent' and not m.maybe_sent
   join earlier_attempt e on e.message_id = m.id and e.fence = m.reopened
   where exists (select from receipt r where r.message_id = m.id and r.attempt = e.attempt and r.provider = e.provider and r.kind in ('delivered', 'read'))
   order by m.id for update of m`,
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

  async takeBack(tx: Transaction, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await tx.query(TAKE_BACK, [ids]);
  },
};
