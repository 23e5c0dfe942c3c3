import { type Queryable, statement } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant, toInstant } from '@wapas/kernel';

export interface StoredWord {
  readonly key: EntityKey;
  readonly gateway: string;
  readonly state: string;
}

/** Sorted by key, so that two containers that ask about the same orders wait for each other instead of deadlocking. */
const KEEP = statement(
  'keep_payment_words',
  `insert into payment_word (key, gateway, state, asked_at)
   select key, gateway, state, business_now() from unnest($1::uuid[], $2::text[], $3::text[]) as u (key, gateway, state) order by key
   on conflict (key) do update set gateway = excluded.gateway, state = excluded.state, asked_at = greatest(payment_word.asked_at, excluded.asked_at)`,
);
const OF_KEYS = statement(
  'payment_words_of_keys',
  `select key, state, asked_at as "askedAt" from payment_word where key = any($1::uuid[])`,
);
/** Stands on payment_word_age. */
const FORGET = statement(
  'forget_payment_words',
  `delete from payment_word where key in (select key from payment_word where asked_at < business_now() - interval '1 day' limit $1)`,
);

/** The only place that knows `payment_word`. */
export const paymentWordStore = {
  async keep(db: Queryable, words: readonly StoredWord[]): Promise<void> {
    const unique = [...new Map(words.map((word) => [word.key, word])).values()];
    if (unique.length === 0) return;
    await db.query(KEEP, [unique.map((one) => one.key), unique.map((one) => one.gateway), unique.map((one) => one.state)]);
  },

  /** What the gateway answered last about each key; `not_found` is a word too. */
  async ofKeys(db: Queryable, keys: readonly EntityKey[]): Promise<Map<EntityKey, { state: string; at: Instant }>> {
    const rows = await db.query<{ key: EntityKey; state: string; askedAt: Date }>(OF_KEYS, [keys]);
    return new Map(rows.map(({ key, state, askedAt }) => [key, { state, at: toInstant(askedAt) }]));
  },

  forget: (db: Queryable, limit: number) => db.query(FORGET, [limit]),
};
