import { type Queryable, statement, type Transaction, uuidArray } from '@wapas/database';
import { fieldOf, type SealedColumn } from '@wapas/encryption';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { type KnownIdentifier, type Resolution, type SeenIdentifier, type SaidName } from '../rules/resolve-people';
import { type IdentityEntry } from './identity.store';
import { ifOpen } from './if-open';

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

/** An identifier, and how it came to be known. */
export interface LearntIdentifier extends KnownIdentifier {
  readonly what: IdentityEntry['what'];
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
const NAMELESS = statement(
  'nameless_people',
  `select id from person where id = any($1::uuid[]) and name is null and sealed_name is null`,
);
/** Waits for whoever corrects or erases them, in ascending order as they do, and leaves whom they have named or emptied. */
const NAME_PEOPLE = statement(
  'name_people',
  `with nameless as (
     select p.id, s.name from unnest($1::uuid[], $2::bytea[]) as s (id, name) join person p on p.id = s.id
     where p.name is null and p.sealed_name is null and p.erased_at is null order by p.id for no key update of p)
   update person p set sealed_name = nameless.name from nameless where p.id = nameless.id`,
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
  `select id, name, sealed_name as "sealedName", created_at as "createdAt", erased_at as "erasedAt" from person where id = $1`,
);
/** Under the keys that they were known by. Stands on the primary key and person_identifier_of_person. */
const ERASED_BESIDE = statement(
  'keys_of_erased_beside',
  `select distinct theirs.key from person_identifier shared join person_identifier theirs on theirs.person_id = shared.person_id
   where shared.key = any($1::uuid[]) and shared.kind = 'erased' and theirs.kind = 'erased' and theirs.key <> all($1::uuid[])`,
);
const PEOPLE_BY_KEY = statement(
  'people_by_key',
  `select person_id as "personId" from person_identifier where key = $1 and kind <> 'erased' order by person_id`,
);
/** Who people are: `person` and `person_identifier`. Where they are reached is in the address store. */
export const personStore = {
  identifiers: (db: Queryable, keys: readonly EntityKey[]) => db.query<SeenIdentifier>(IDENTIFIERS, [uuidArray(keys)]),

  /** Keyed hashes of the customer ids of everybody else who is known by one of these keys and was not erased. */
  customersBeside: async (db: Queryable, keys: readonly EntityKey[]): Promise<EntityKey[]> =>
    (await personStore.identifiers(db, keys))
      .filter(({ kind, key }) => kind === 'customer' && !keys.includes(key))
      .map(({ key }) => key),

  /**
   * What marks an event as somebody else's who is or was known by one of these keys: the customer ids of the others and, of those who
   * were erased, whatever they alone were known by.
   */
  othersBeside: async (db: Queryable, keys: readonly EntityKey[]): Promise<EntityKey[]> => [
    ...(await personStore.customersBeside(db, keys)),
    ...(await db.query<{ key: EntityKey }>(ERASED_BESIDE, [uuidArray(keys)])).map(({ key }) => key),
  ],

  save(tx: Transaction, { newPeople, newIdentifiers }: Pick<Resolution, 'newPeople' | 'newIdentifiers'>): void {
    if (newPeople.length > 0)
      tx.write(ADD_PEOPLE, [
        newPeople.map((person) => person.id),
        newPeople.map((person) => sealName(tx, person.name)),
        newPeople.map((person) => person.unit),
      ]);
    const made = new Set(newPeople.map(({ id }) => id));
    personStore.learn(
      tx,
      newIdentifiers.map((one) => ({ ...one, what: made.has(one.personId) ? 'met' : 'recognised' })),
    );
  },

  /** Those of these people of whom no name is known. */
  nameless: async (db: Queryable, ids: readonly string[]): Promise<Set<string>> =>
    new Set(ids.length === 0 ? [] : (await db.query<{ id: string }>(NAMELESS, [uuidArray(ids)])).map(({ id }) => id)),

  /** Writes down what people are called of whom no name is known yet. Hold them first. */
  nameThem(tx: Transaction, said: readonly SaidName[]): void {
    if (said.length > 0)
      tx.write(NAME_PEOPLE, [said.map(({ personId }) => personId), said.map(({ name }) => sealName(tx, name))]);
  },

  /** Writes down by what people may be recognised from now on, and how that came to be known. */
  learn(tx: Transaction, learnt: readonly LearntIdentifier[]): void {
    if (learnt.length > 0)
      tx.write(ADD_IDENTIFIERS, [
        learnt.map((one) => one.key),
        learnt.map((one) => one.kind),
        learnt.map((one) => one.personId),
        learnt.map((one) => one.what),
        learnt.map((one) => one.eventId ?? null),
      ]);
  },

  about: async (db: Queryable, ids: readonly string[]): Promise<PersonInShort[]> => {
    const rows = await db.query<Omit<PersonInShort, 'name'> & NamedRow>(ABOUT, [ids]);
    return rows.map((row) => withName(db, row));
  },
  keysOfPerson: (db: Queryable, personId: string) => db.query<{ key: EntityKey; kind: string }>(KEYS_OF_PERSON, [personId]),
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
  ): Promise<{ id: string; name: string | null; isNameReadable: boolean; createdAt: Date; erasedAt: Date | null } | null> => {
    const [row] = await db.query<NamedRow & { id: string; createdAt: Date; erasedAt: Date | null }>(PERSON, [id]);
    if (!row) return null;
    const person = withName(db, row);
    return { ...person, isNameReadable: row.sealedName === null || person.name !== null };
  },
};
