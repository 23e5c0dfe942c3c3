import { type Queryable, statement } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { groupBy } from '@wapas/kernel';

const BY_IDENTIFIERS = statement(
  'people_by_identifiers',
  `select distinct key, person_id as "personId" from person_identifier where key = any($1::uuid[]) and kind <> 'erased'`,
);
const BY_ADDRESSES = statement(
  'people_by_addresses',
  `select key, person_id as "personId" from person_identifier where key = any($1::uuid[]) and kind <> 'erased'
   union select key, person_id from person_address where key = any($1::uuid[]) and kind = 'push_token'`,
);

/** Places of the pairs of which somebody has the number and not the name. Stands on the indexes of `person_identifier`. */
const UNNAMED = statement(
  'names_to_learn',
  `select w.position::int as position from unnest($1::uuid[], $2::uuid[]) with ordinality as w (name, phone, position)
   where exists (select from person_identifier i where i.key = w.phone and i.kind = 'phone'
                   and not exists (select from person_identifier n where n.key = w.name and n.kind = 'whatsapp_id' and n.person_id = i.person_id))`,
);

const BY_ENDING = statement(
  'people_by_phone_ending',
  `select distinct person_id as "personId" from person_address where ending = $1 order by person_id limit $2`,
);

/** Who is known by these keys: by key, everybody. Reads only. */
export const peopleOfKeysStore = {
  byIdentifiers: (db: Queryable, keys: readonly EntityKey[]) => grouped(db, BY_IDENTIFIERS, keys),
  /** Stands on person_address_by_ending. */
  byPhoneEnding: async (db: Queryable, ending: EntityKey, limit: number) =>
    (await db.query<{ personId: string }>(BY_ENDING, [ending, limit])).map(({ personId }) => personId),
  /** Those of these pairs of which somebody has the number and is not known by the name. */
  async unnamed<Pair extends { readonly name: EntityKey; readonly phone: EntityKey }>(
    db: Queryable,
    pairs: readonly Pair[],
  ): Promise<Pair[]> {
    const rows = await db.query<{ position: number }>(UNNAMED, [pairs.map(({ name }) => name), pairs.map(({ phone }) => phone)]);
    return rows.flatMap(({ position }) => pairs[position - 1] ?? []);
  },
  byAddresses: (db: Queryable, keys: readonly EntityKey[]) => grouped(db, BY_ADDRESSES, keys),
};

async function grouped(
  db: Queryable,
  sql: typeof BY_IDENTIFIERS,
  keys: readonly EntityKey[],
): Promise<Map<EntityKey, readonly string[]>> {
  if (keys.length === 0) return new Map();
  const rows = await db.query<{ key: EntityKey; personId: string }>(sql, [keys]);
  return new Map([...groupBy(rows, ({ key }) => key)].map(([key, group]) => [key, group.map(({ personId }) => personId)]));
}
