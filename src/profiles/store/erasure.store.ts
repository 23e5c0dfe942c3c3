import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { newId } from '@wapas/kernel';

export interface Erasure {
  readonly id: string;
  readonly personId: string;
  readonly requestedAt: Date;
  /** Parts of Wapas that have erased theirs, by name. */
  readonly parts: readonly string[];
}

const OPEN = statement(
  'open_erasure',
  `insert into erasure (id, person_id, requested_at, keys) values ($1, $2, business_now(), $3) on conflict (person_id) do nothing`,
);
/** Waits for whoever is writing something of them down (`personStore.hold`), and from then on nobody does. */
const LOCK = statement('lock_people_to_erase', `select id from person where id = any($1::uuid[]) order by id for update`);
export const MARK_ERASED = statement(
  'mark_people_erased',
  `update person set erased_at = coalesce(erased_at, business_now()), name = null, sealed_name = null where id = any($1::uuid[])`,
);
const COLUMNS = `e.id, e.person_id as "personId", e.requested_at as "requestedAt",
  coalesce((select array_agg(p.part order by p.part) from erasure_part p where p.erasure_id = e.id), '{}') as parts`;
const OF_PERSON = statement('erasure_of_person', `select ${COLUMNS} from erasure e where e.person_id = $1`);
const PART_DONE = statement(
  'erasure_part_done',
  `insert into erasure_part (erasure_id, part, done_at) select id, $2, business_now() from unnest($1::uuid[]) as id on conflict do nothing`,
);
const KEYS = statement(
  'keys_to_erase',
  `select key from person_identifier where person_id = any($1::uuid[]) union select key from person_address where person_id = any($1::uuid[])`,
);
const FORGET_IDENTIFIERS = statement(
  'forget_identifiers',
  `update person_identifier set kind = 'erased', erased_at = business_now() where person_id = any($1::uuid[]) and kind <> 'erased'`,
);
const FORGET_ADDRESSES = statement('forget_addresses', `delete from person_address where person_id = any($1::uuid[])`);
const FORGET_TRAITS = statement('forget_traits', `delete from person_trait where person_id = any($1::uuid[])`);
const FORGET_PROOFS = statement(
  'forget_proofs',
  `update consent_entry set proof = null where person_id = any($1::uuid[]) and proof is not null`,
);
/** What was under way when the person was erased has arrived by now: nobody needs the keys any more. Stands on erasure_to_sweep. */
const TO_SWEEP = statement(
  'erasures_to_sweep',
  `with due as materialized (
     select id, person_id, keys from erasure where swept_at is null and requested_at < business_now() - interval '5 minutes'
     order by requested_at limit $1 for update skip locked),
   swept as (update erasure e set swept_at = business_now(), keys = '{}' from due where e.id = due.id)
   select due.id, due.person_id as "personId",
          array(select unnest(due.keys) union select key from person_identifier where person_id = due.person_id) as keys from due`,
);

/** The only place that knows `erasure`, and what an erasure does to the tables of people. */
export const erasureStore = {
  /** Gives the erasure of this person, the earlier one when there is one. `keys`: what they are known by. */
  async open(tx: Transaction, personId: string, keys: readonly EntityKey[]): Promise<Erasure> {
    await tx.query(OPEN, [newId(), personId, keys]);
    return (await this.ofPerson(tx, personId)) as Erasure;
  },

  ofPerson: async (db: Queryable, personId: string): Promise<Erasure | null> =>
    (await db.query<Erasure>(OF_PERSON, [personId]))[0] ?? null,

  partDone: (tx: Transaction, erasureIds: readonly string[], part: string) => tx.query(PART_DONE, [erasureIds, part]),

  /** From here to the end of the transaction nothing of them is written down by anybody else. */
  lock: (tx: Transaction, personIds: readonly string[]) => tx.query(LOCK, [personIds]),

  keysOf: async (tx: Transaction, personIds: readonly string[]): Promise<EntityKey[]> =>
    (await tx.query<{ key: EntityKey }>(KEYS, [personIds])).map(({ key }) => key),

  /** Somebody, and the guests who turned out to be them: what a merge copied, or has not moved yet, lies with those. */
  async forget(tx: Transaction, personIds: readonly string[]): Promise<void> {
    for (const sql of [MARK_ERASED, FORGET_IDENTIFIERS, FORGET_ADDRESSES, FORGET_TRAITS, FORGET_PROOFS])
      await tx.query(sql, [personIds]);
  },

  takeToSweep: (tx: Transaction, limit: number) =>
    tx.query<{ id: string; personId: string; keys: EntityKey[] }>(TO_SWEEP, [limit]),
};
