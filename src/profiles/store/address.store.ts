import { type Queryable, statement, type Transaction } from '@wapas/database';
import { fieldOf, type SealedColumn } from '@wapas/encryption';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant, toDate } from '@wapas/kernel';
import { type ContactFacts } from '../rules/may-contact';
import { type Address } from '../rules/resolve-people';
import { contactColumns, type ContactRow, factsOf } from './contact.store';
import { ifOpen } from './if-open';

export const addressColumn: SealedColumn = {
  table: 'person_address',
  column: 'sealed',
  key: [
    { name: 'person_id', type: 'uuid' },
    { name: 'kind', type: 'text' },
    { name: 'key', type: 'uuid' },
  ],
  plain: { value: 'value', emptied: 'value = null' },
};
const ADDRESS = fieldOf(addressColumn);
/** Why nothing is sent on a channel to a number that its owner has left there. */
export const NUMBER_CHANGED = 'number_changed';

export interface Reachable {
  readonly personId: string;
  readonly value: string;
  readonly key: EntityKey;
  /** What decides whether they may be written to there. */
  readonly contact: ContactFacts;
}

/** A push token at which somebody can be reached. */
export interface LiveToken {
  readonly personId: string;
  readonly value: string;
  readonly key: EntityKey;
}

/** The number a person has moved to. `value` in E.164; `at`: when. */
export interface FollowedNumber {
  readonly personId: string;
  readonly old: EntityKey;
  readonly key: EntityKey;
  readonly value: string;
  readonly ending: EntityKey;
  readonly at: Instant;
}

/** An address is of no use on a channel: for good, or for so many milliseconds of business time. */
export interface AddressBlock {
  readonly key: string;
  readonly channel: string;
  readonly reason: string;
  readonly lastsMs?: number;
}

export interface StoredAddress {
  readonly kind: string;
  readonly key: EntityKey;
  /** Null when it cannot be opened. */
  readonly value: string | null;
  readonly platform: string | null;
  readonly tokenKind: string | null;
  readonly permission: string | null;
  readonly app: string | null;
  readonly lastSeenAt: Date;
  readonly blocks: readonly { channel: string; reason: string; until: string | null }[] | null;
}

/** A push token belongs to whoever showed it last, whenever that is heard; that it changed hands stays on record. */
const RELEASE_TOKENS = statement(
  'release_tokens',
  `with released as (
     delete from person_address a using unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as s (key, person_id, at)
     where a.kind = 'push_token' and a.key = s.key and a.person_id <> s.person_id and a.last_seen_at <= s.at
     returning a.key, a.person_id as lost_by, s.person_id as taken_by)
   insert into identity_entry (person_id, what, kind, key, at)
   select lost_by, 'token_lost', 'push_token', key, (select business_now()) from released
   union all select taken_by, 'token_taken', 'push_token', key, (select business_now()) from released`,
);
/**
 * A sighting within the last hour is news enough: without this every event would rewrite its person's addresses. Of a push token every
 * later one is news, for it decides whose it is; one that somebody else showed later is left to them. Stands on person_address_one_owner.
 */
const SIGHT_ADDRESSES = statement(
  'sight_addresses',
  `insert into person_address (person_id, kind, key, sealed, platform, last_seen_at, ending, token_kind, permission, app)
   select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::bytea[], $5::text[], $6::timestamptz[], $7::uuid[], $8::text[], $9::text[], $10::text[])
          as s (person_id, kind, key, sealed, platform, at, ending, token_kind, permission, app)
   where s.kind <> 'push_token'
      or not exists (select from person_address o where o.kind = 'push_token' and o.key = s.key and o.person_id <> s.person_id and o.last_seen_at > s.at)
   on conflict (person_id, kind, key) do update
      set last_seen_at = greatest(excluded.last_seen_at, person_address.last_seen_at), platform = coalesce(excluded.platform, person_address.platform),
          token_kind = coalesce(excluded.token_kind, person_address.token_kind), app = coalesce(excluded.app, person_address.app),
          permission = coalesce(case when excluded.last_seen_at >= person_address.last_seen_at then excluded.permission end, person_address.permission)
    where person_address.last_seen_at < excluded.last_seen_at - case when excluded.kind = 'push_token' then interval '0' else interval '1 hour' end
       or (excluded.permission is distinct from person_address.permission and excluded.permission is not null)`,
);
/** One look-up a person whatever the statistics say (`offset 0`). */
const REACHABLE = statement(
  'reachable_addresses',
  `with best as materialized (
     select distinct on (a.person_id) a.person_id, a.value, a.sealed, a.key from (select distinct unnest($1::uuid[]) as id) wanted
     cross join lateral (select * from person_address a where a.person_id = wanted.id and a.kind = $2 offset 0) a
     where a.permission is distinct from 'denied'
       and not exists (select 1 from address_block b where b.key = a.key and b.channel = $3 and b.until > (select business_now()))
     order by a.person_id, a.last_seen_at desc, a.key)
   select best.person_id as "personId", best.value, best.sealed, best.key, ${contactColumns('best.person_id', 'best.key')} from best`,
);
/** Android gives a token up after 270 days without a sign of life. firebase.google.com, manage tokens, read 2026-11-23. One look-up a person whatever the statistics say (`offset 0`). */
const LIVE_TOKENS = statement(
  'live_push_tokens',
  `select a.person_id as "personId", a.value, a.sealed, a.key from (select distinct unnest($1::uuid[]) as id) wanted
   cross join lateral (select * from person_address a where a.person_id = wanted.id and a.kind = 'push_token' offset 0) a
   where a.key <> all($3::uuid[]) and a.permission is distinct from 'denied' and a.last_seen_at > (select business_now()) - interval '270 days'
     and not exists (select 1 from address_block b where b.key = a.key and b.channel = $2 and b.until > (select business_now()))
   order by a.person_id, a.last_seen_at desc, a.key`,
);
/**
 * A block is not shortened by what is heard later of messages that went out before it. That somebody left a number is for good, whatever else
 * is heard of it.
 */
const BLOCK = statement(
  'block_addresses',
  `insert into address_block (key, channel, reason, blocked_at, until)
   select key, channel, reason, (select business_now()), coalesce((select business_now()) + lasts, 'infinity')
   from unnest($1::uuid[], $2::text[], $3::text[], $4::interval[]) as b (key, channel, reason, lasts)
   on conflict (key, channel) do update set reason = excluded.reason, blocked_at = excluded.blocked_at, until = excluded.until
    where address_block.reason <> '${NUMBER_CHANGED}' and address_block.until <= excluded.until`,
);
/** What was said before that moment does not count any more, nor what was said for that reason, whenever. */
const UNBLOCK = statement(
  'unblock_addresses',
  `delete from address_block where key = any($1::uuid[]) and channel = $2 and (reason = $3 or blocked_at <= $4)`,
);
/** Shown by nobody yet: on channels on which the old number can be reached it stays the one seen last. */
const FOLLOW = statement(
  'follow_number',
  `insert into person_address (person_id, kind, key, sealed, last_seen_at, ending)
   select $1, 'phone', $2, $3, coalesce((select last_seen_at - interval '1 millisecond' from person_address where person_id = $1 and kind = 'phone' and key = $5), $6::timestamptz), $4
   on conflict do nothing`,
);
/** Stands on person_address_one_owner. */
const TOKEN_OWNER = statement(
  'push_token_owner',
  `select person_id as "personId" from person_address where kind = 'push_token' and key = $1`,
);
const ADDRESSES = statement(
  'addresses_of_person',
  `select a.kind, a.key, a.value, a.sealed, a.platform, a.token_kind as "tokenKind", a.permission, a.app, a.last_seen_at as "lastSeenAt",
          (select jsonb_agg(jsonb_build_object('channel', b.channel, 'reason', b.reason, 'until', case when isfinite(b.until) then b.until end)) from address_block b where b.key = a.key and b.until > business_now()) as blocks
   from person_address a where a.person_id = $1 order by a.kind, a.last_seen_at desc`,
);

/** Where people are reached, and where they turned out not to be: `person_address` and `address_block`. */
export const addressStore = {
  sight(tx: Transaction, sighted: readonly Address[]): void {
    if (sighted.length === 0) return;
    const tokens = sighted.filter((one) => one.kind === 'push_token');
    if (tokens.length > 0)
      tx.write(RELEASE_TOKENS, [
        tokens.map((one) => one.key),
        tokens.map((one) => one.personId),
        tokens.map((one) => toDate(one.lastSeenAt)),
      ]);
    tx.write(SIGHT_ADDRESSES, [
      sighted.map((one) => one.personId),
      sighted.map((one) => one.kind),
      sighted.map((one) => one.key),
      sighted.map((one) => tx.seals.seal(ADDRESS, one.value)),
      sighted.map((one) => one.platform ?? null),
      sighted.map((one) => toDate(one.lastSeenAt)),
      sighted.map((one) => one.ending ?? null),
      sighted.map((one) => one.tokenKind ?? null),
      sighted.map((one) => one.permission ?? null),
      sighted.map((one) => one.app ?? null),
    ]);
  },

  /**
   * The address of this kind at which each person was seen last, among those that work on the channel. Null: there is one that cannot
   * be opened, since it is damaged or its key is gone; the others of its batch must not wait for it.
   */
  async reachable(
    db: Queryable,
    personIds: readonly string[],
    kind: string,
    channel: string,
  ): Promise<Map<string, Reachable | null>> {
    const rows = await db.query<Pick<Reachable, 'personId' | 'key'> & StoredValue & ContactRow>(REACHABLE, [
      personIds,
      kind,
      channel,
    ]);
    return new Map(
      rows.map((row) => {
        const value = valueIfOpen(db, row);
        return [row.personId, value === null ? null : { personId: row.personId, value, key: row.key, contact: factsOf(row) }];
      }),
    );
  },

  /** Every push token at which these people can be reached on the channel, the one seen last first, but those that are known already or cannot be opened. */
  async liveTokens(
    db: Queryable,
    personIds: readonly string[],
    channel: string,
    known: readonly EntityKey[],
  ): Promise<LiveToken[]> {
    const rows = await db.query<StoredValue & Omit<LiveToken, 'value'>>(LIVE_TOKENS, [personIds, channel, known]);
    return rows.flatMap((row) => {
      const value = valueIfOpen(db, row);
      return value === null ? [] : [{ personId: row.personId, value, key: row.key }];
    });
  },

  async block(tx: Transaction, blocks: readonly AddressBlock[]): Promise<void> {
    if (blocks.length === 0) return;
    const last = [...new Map(blocks.map((block) => [`${block.key} ${block.channel}`, block])).values()];
    await tx.query(BLOCK, [
      last.map((b) => b.key),
      last.map((b) => b.channel),
      last.map((b) => b.reason),
      last.map((b) => (b.lastsMs === undefined ? null : `${b.lastsMs} milliseconds`)),
    ]);
  },

  /** They are of use on the channel again. `before`: what was heard later than that holds on. */
  async unblock(
    tx: Transaction,
    keys: readonly EntityKey[],
    { channel, reason, before }: { channel: string; reason: string; before: Instant },
  ): Promise<void> {
    if (keys.length > 0) await tx.query(UNBLOCK, [keys, channel, reason, toDate(before)]);
  },

  /** A person is reached at another number than `old` from now on, where that one is of no use. */
  follow(tx: Transaction, { personId, old, key, value, ending, at }: FollowedNumber): void {
    tx.write(FOLLOW, [personId, key, tx.seals.seal(ADDRESS, value), ending, old, toDate(at)]);
  },

  tokenOwner: async (db: Queryable, key: EntityKey): Promise<string | undefined> =>
    (await db.query<{ personId: string }>(TOKEN_OWNER, [key]))[0]?.personId,

  async addresses(db: Queryable, personId: string): Promise<StoredAddress[]> {
    const rows = await db.query<Omit<StoredAddress, 'value'> & StoredValue>(ADDRESSES, [personId]);
    return rows.map(({ sealed, value, ...row }) => ({ ...row, value: valueIfOpen(db, { sealed, value }) }));
  },
};

/** Sealed, or in the clear from before addresses were. */
interface StoredValue {
  readonly sealed: Buffer | null;
  readonly value: string | null;
}

const valueIfOpen = (db: Queryable, { sealed, value }: StoredValue): string | null =>
  sealed ? ifOpen(() => db.seals.openText(ADDRESS, sealed)) : (value ?? '');
