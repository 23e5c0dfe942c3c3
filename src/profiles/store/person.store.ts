import { type Queryable, statement, type Transaction, uuidArray } from '@wapas/database';
import { fieldOf, type SealedColumn, SealError } from '@wapas/encryption';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant, toDate } from '@wapas/kernel';
import { type ContactFacts } from '../rules/may-contact';
import { type Address, type Resolution, type SeenIdentifier } from '../rules/resolve-people';
import { contactColumns, type ContactRow, factsOf } from './contact.store';

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

export const nameColumn: SealedColumn = {
  table: 'person',
  column: 'sealed_name',
  key: [{ name: 'id', type: 'uuid' }],
  plain: { value: 'name', emptied: 'name = null' },
};
const NAME = fieldOf(nameColumn);

/** As it is stored; null for nobody's. */
export const sealName = ({ seals }: Pick<Queryable, 'seals'>, name: string | null | undefined): Buffer | null =>
  name === null || name === undefined ? null : seals.seal(NAME, name);

interface NamedRow {
  readonly name: string | null;
  readonly sealedName: Buffer | null;
}

/** Null for nobody's, and for one that cannot be opened: what is written to them then goes without it. */
export const openName = ({ seals }: Pick<Queryable, 'seals'>, { name, sealedName }: NamedRow): string | null =>
  sealedName ? ifOpen(() => seals.openText(NAME, sealedName)) : name;

function withName<Row extends NamedRow>(db: Pick<Queryable, 'seals'>, row: Row): Omit<Row, 'sealedName'> {
  const { sealedName, ...rest } = row;
  return { ...rest, name: openName(db, { name: row.name, sealedName }) };
}

/** Null when it is damaged, or its key is gone. */
export function ifOpen<Value>(open: () => Value): Value | null {
  try {
    return open();
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}

/** Who somebody is, as far as a journey asks. */
export interface PersonInShort {
  readonly id: string;
  readonly unit: EntityKey;
  readonly name: string | null;
  /** Somebody gave a customer id of theirs. */
  readonly isCustomer: boolean;
  readonly language: string | null;
  /** Kinds of what they are reached by, whether or not a message got through; devices that were denied pushes do not count. */
  readonly addresses: readonly string[];
}

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

/** An address is of no use on a channel: for good, or for so many milliseconds of business time. */
export interface AddressBlock {
  readonly key: string;
  readonly channel: string;
  readonly reason: string;
  readonly lastsMs?: number;
}

/**
 * Also the kind 'customer' of everybody who shares one of the keys: a guest is a person without one. `offset 0` keeps the
 * look-ups one by one, each by its index: on a table without fresh statistics the planner chose to read all of it instead.
 */
const IDENTIFIERS = statement(
  'person_identifiers',
  `with found as materialized (
     select i.* from (select distinct unnest($1::uuid[]) as key) wanted
     cross join lateral (select key, kind, person_id, erased_at from person_identifier i where i.key = wanted.key offset 0) i)
   select key, kind, person_id as "personId",
          (select extract(epoch from last_seen_at) * 1000 from person_address a
           where a.person_id = found.person_id and a.kind = found.kind and a.key = found.key)::float8 as "lastSeenAt",
          (extract(epoch from erased_at) * 1000)::float8 as "erasedAt"
   from found
   union all
   select c.key, c.kind, c.person_id, null, null from (select person_id from found group by person_id having bool_and(kind <> 'customer')) shared
   cross join lateral (select key, kind, person_id from person_identifier c where c.person_id = shared.person_id offset 0) c
   where c.kind = 'customer'`,
);
const ADD_PEOPLE = statement(
  'add_people',
  `insert into person (id, sealed_name, unit, created_at) select id, name, unit, (select business_now()) from unnest($1::uuid[], $2::bytea[], $3::uuid[]) as p (id, name, unit)`,
);
const ADD_IDENTIFIERS = statement(
  'add_identifiers',
  `with learned as (
     insert into person_identifier (key, kind, person_id) select key, kind, person_id from unnest($1::uuid[], $2::text[], $3::uuid[]) as i (key, kind, person_id)
     on conflict do nothing returning key, kind, person_id)
   insert into identity_entry (person_id, what, kind, key, event_id, at)
   select l.person_id, i.what, l.kind, l.key, i.event_id, (select business_now())
   from learned l join unnest($1::uuid[], $3::uuid[], $4::text[], $5::text[]) as i (key, person_id, what, event_id) on i.key = l.key and i.person_id = l.person_id`,
);
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
const BLOCK = statement(
  'block_addresses',
  `insert into address_block (key, channel, reason, blocked_at, until)
   select key, channel, reason, (select business_now()), coalesce((select business_now()) + lasts, 'infinity')
   from unnest($1::uuid[], $2::text[], $3::text[], $4::interval[]) as b (key, channel, reason, lasts)
   on conflict (key, channel) do update set reason = excluded.reason, blocked_at = excluded.blocked_at, until = excluded.until`,
);
const ABOUT = statement(
  'about_people',
  `select p.id, p.unit, p.name, p.sealed_name as "sealedName", (select language from person_trait t where t.person_id = p.id) as language,
          exists (select from person_identifier i where i.person_id = p.id and i.kind = 'customer') as "isCustomer",
          array(select distinct kind from person_address a where a.person_id = p.id and a.permission is distinct from 'denied') as addresses
   from person p where p.id = any($1::uuid[])`,
);
const KEYS_OF_PERSON = statement(
  'keys_of_person',
  `select key, kind from person_identifier where person_id = $1 and kind <> 'erased'`,
);
/**
 * Under the lock of the rows of people: nobody is erased between this and the end of the transaction, for an erasure locks those rows
 * first. Whoever was erased while this waited is told as such. In ascending order, as an erasure takes them.
 */
const HOLD = statement(
  'hold_people',
  `select id, (extract(epoch from erased_at) * 1000)::float8 as "erasedAt" from person where id = any($1::uuid[]) order by id for key share`,
);
const ERASED = statement('erased_people', `select id from person where id = any($1::uuid[]) and erased_at is not null`);
const IS_KNOWN = statement('is_person_known', `select id from person where id = $1`);
const PERSON = statement(
  'person_by_id',
  `select id, name, sealed_name as "sealedName", created_at as "createdAt" from person where id = $1`,
);
const PEOPLE_BY_KEY = statement(
  'people_by_key',
  `select person_id as "personId" from person_identifier where key = $1 and kind <> 'erased' order by person_id`,
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

/** The only place that knows the tables of people. */
export const personStore = {
  identifiers: (db: Queryable, keys: readonly EntityKey[]) => db.query<SeenIdentifier>(IDENTIFIERS, [uuidArray(keys)]),

  /** Keyed hashes of the customer ids of everybody who is known by one of these keys and was not erased. */
  customersBeside: async (db: Queryable, keys: readonly EntityKey[]): Promise<EntityKey[]> =>
    (await personStore.identifiers(db, keys)).filter(({ kind }) => kind === 'customer').map(({ key }) => key),

  save(tx: Transaction, { newPeople, newIdentifiers }: Pick<Resolution, 'newPeople' | 'newIdentifiers'>): void {
    if (newPeople.length > 0)
      tx.write(ADD_PEOPLE, [
        newPeople.map((person) => person.id),
        newPeople.map((person) => sealName(tx, person.name)),
        newPeople.map((person) => person.unit),
      ]);
    if (newIdentifiers.length > 0) {
      const made = new Set(newPeople.map(({ id }) => id));
      tx.write(ADD_IDENTIFIERS, [
        newIdentifiers.map((one) => one.key),
        newIdentifiers.map((one) => one.kind),
        newIdentifiers.map((one) => one.personId),
        newIdentifiers.map((one) => (made.has(one.personId) ? 'met' : 'recognised')),
        newIdentifiers.map((one) => one.eventId ?? null),
      ]);
    }
  },

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

  about: async (db: Queryable, ids: readonly string[]): Promise<PersonInShort[]> => {
    const rows = await db.query<Omit<PersonInShort, 'name'> & NamedRow>(ABOUT, [ids]);
    return rows.map((row) => withName(db, row));
  },
  keysOfPerson: (db: Queryable, personId: string) => db.query<{ key: EntityKey; kind: string }>(KEYS_OF_PERSON, [personId]),
  tokenOwner: async (db: Queryable, key: EntityKey): Promise<string | undefined> =>
    (await db.query<{ personId: string }>(TOKEN_OWNER, [key]))[0]?.personId,

  /** Holds people whose identifiers or addresses are about to be written down. Gives those who were erased, with when. */
  async hold(tx: Transaction, ids: readonly string[]): Promise<Map<string, Instant>> {
    if (ids.length === 0) return new Map();
    const rows = await tx.query<{ id: string; erasedAt: Instant | null }>(HOLD, [uuidArray(ids)]);
    return new Map(rows.flatMap(({ id, erasedAt }) => (erasedAt === null ? [] : [[id, erasedAt] as const])));
  },

  /** Those of these people who were erased. Under their locks it stays so. */
  erased: async (db: Queryable, ids: readonly string[]): Promise<Set<string>> =>
    new Set(ids.length === 0 ? [] : (await db.query<{ id: string }>(ERASED, [uuidArray(ids)])).map(({ id }) => id)),

  isKnown: async (db: Queryable, id: string): Promise<boolean> => (await db.query(IS_KNOWN, [id])).length > 0,

  peopleByKey: async (db: Queryable, key: EntityKey) =>
    (await db.query<{ personId: string }>(PEOPLE_BY_KEY, [key])).map((row) => row.personId),
  person: async (
    db: Queryable,
    id: string,
  ): Promise<{ id: string; name: string | null; isNameReadable: boolean; createdAt: Date } | null> => {
    const [row] = await db.query<NamedRow & { id: string; createdAt: Date }>(PERSON, [id]);
    if (!row) return null;
    const person = withName(db, row);
    return { ...person, isNameReadable: row.sealedName === null || person.name !== null };
  },

  async addresses(db: Queryable, personId: string): Promise<StoredAddress[]> {
    const rows = await db.query<Omit<StoredAddress, 'value'> & StoredValue>(ADDRESSES, [personId]);
    return rows.map(({ sealed, value, ...row }) => ({ ...row, value: valueIfOpen(db, { sealed, value }) }));
  },
};

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

/** Sealed, or in the clear from before addresses were. */
interface StoredValue {
  readonly sealed: Buffer | null;
  readonly value: string | null;
}

const valueIfOpen = (db: Queryable, { sealed, value }: StoredValue): string | null =>
  sealed ? ifOpen(() => db.seals.openText(ADDRESS, sealed)) : (value ?? '');
