import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';

const HOLDERS = statement(
  'holders_of_identifiers_of',
  `select distinct o.person_id as "personId" from person_identifier g join person_identifier o on o.key = g.key
   where g.person_id = $1 and g.kind <> 'erased' and o.kind <> 'erased'`,
);
const IDENTIFIERS = statement(
  'identifiers_to_merge',
  `select person_id as "personId", kind, key from person_identifier where person_id = any($1::uuid[]) and kind <> 'erased'`,
);
const HEIRS = statement(
  'heirs_of_guests',
  `select guest_id as "guestId", person_id as "personId" from person_merge where guest_id = any($1::uuid[])`,
);
const GUESTS = statement('guests_of_person', `select guest_id as "guestId" from person_merge where person_id = $1`);
const KEEP = statement(
  'keep_merge',
  `insert into person_merge (guest_id, person_id, event_id, at) values ($1, $2, $3, business_now()) on conflict do nothing`,
);
const RECORD = statement(
  'record_merge',
  `insert into identity_entry (person_id, what, kind, key, event_id, at)
   values ($2, 'merged', 'person', $1, $3, business_now()), ($1, 'merged_into', 'person', $2, $3, business_now())`,
);
const GIVE_IDENTIFIERS = statement(
  'give_identifiers',
  `with given as (delete from person_identifier where person_id = $1 and kind <> 'erased' returning key, kind)
   insert into person_identifier (key, kind, person_id) select key, kind, $2 from given on conflict do nothing`,
);
const GIVE_NAME = statement(
  'give_name',
  `with guest as (update person g set name = null, sealed_name = null from person before where g.id = $1 and before.id = g.id returning before.name, before.sealed_name)
   update person p set name = guest.name, sealed_name = guest.sealed_name from guest where p.id = $2 and p.name is null and p.sealed_name is null`,
);
/** Copies: what the customer was judged by before the merge must stay as it was known then. */
const COPY_CONSENTS = statement(
  'copy_consents',
  `insert into consent_entry (id, person_id, purpose, channel, state, at, recorded_at, source, notice_version, notice_language, proof, import_id)
   select gen_random_uuid(), $2, purpose, channel, state, at, business_now(), source, notice_version, notice_language, proof, import_id
   from consent_entry where person_id = $1 order by seq on conflict do nothing`,
);
const COPY_SUPPRESSIONS = statement(
  'copy_suppressions',
  `insert into suppression (id, subject, subject_kind, channel, purpose, reason, source, created_at, expires_at)
   select gen_random_uuid(), $2, subject_kind, channel, purpose, reason, source, business_now(), expires_at
   from suppression where subject = $1 and lifted_at = 'infinity'`,
);
const GIVE_TRAITS = statement(
  'give_traits',
  `with guest as (delete from person_trait where person_id = $1 returning *)
   insert into person_trait as t (person_id, language, language_at, time_zone, time_zone_at, minor, dnd, updated_at)
   select $2, language, language_at, time_zone, time_zone_at, minor, dnd, business_now() from guest
   on conflict (person_id) do update set minor = t.minor or excluded.minor,
          language = coalesce(t.language, excluded.language), language_at = case when t.language is null then excluded.language_at else t.language_at end,
          time_zone = coalesce(t.time_zone, excluded.time_zone), time_zone_at = case when t.time_zone is null then excluded.time_zone_at else t.time_zone_at end, dnd = case when t.dnd = 'unknown' then excluded.dnd else t.dnd end`,
);
/** Waits for an erasure of the customer that is under way (`personStore.hold`), and then gives them nothing. */
const GIVE_ADDRESSES = statement(
  'give_addresses',
  `with heir as materialized (
     select m.guest_id, p.id from person_merge m join person p on p.id = m.person_id
     where m.guest_id = any($1::uuid[]) and p.erased_at is null order by p.id for key share of p),
   given as (delete from person_address a using heir where a.person_id = heir.guest_id returning a.*, heir.id as heir_id)
   insert into person_address as a (person_id, kind, key, value, platform, last_seen_at, sealed, ending, token_kind, permission, app)
   select g.heir_id, g.kind, g.key, g.value, g.platform, g.last_seen_at, g.sealed, g.ending, g.token_kind, g.permission, g.app from given g
   on conflict (person_id, kind, key) do update set last_seen_at = greatest(a.last_seen_at, excluded.last_seen_at)`,
);

/** What a merge does to the tables of people. */
export const mergeStore = {
  holders: async (tx: Transaction, guestId: string) =>
    (await tx.query<{ personId: string }>(HOLDERS, [guestId])).map(({ personId }) => personId),
  identifiers: (tx: Transaction, ids: readonly string[]) =>
    tx.query<{ personId: string; kind: string; key: EntityKey }>(IDENTIFIERS, [ids]),

  /** Whom those of these people became who turned out to be a customer, by guest. Under the guests' locks it stays so. */
  async heirs(db: Queryable, personIds: readonly string[]): Promise<Map<string, string>> {
    if (personIds.length === 0) return new Map();
    const rows = await db.query<{ guestId: string; personId: string }>(HEIRS, [personIds]);
    return new Map(rows.map(({ guestId, personId }) => [guestId, personId]));
  },

  /** Who somebody is today: the customer, for a guest who turned out to be one; else they themselves. */
  async today(db: Queryable, personId: string): Promise<string> {
    return (await this.heirs(db, [personId])).get(personId) ?? personId;
  },

  /** Who turned out to be this person. */
  guestsOf: async (db: Queryable, personId: string): Promise<string[]> =>
    (await db.query<{ guestId: string }>(GUESTS, [personId])).map(({ guestId }) => guestId),

  async merge(tx: Transaction, guestId: string, personId: string, eventId: string): Promise<void> {
    await tx.query(KEEP, [guestId, personId, eventId]);
    await tx.query(RECORD, [guestId, personId, eventId]);
    for (const sql of [GIVE_IDENTIFIERS, GIVE_NAME, COPY_CONSENTS, COPY_SUPPRESSIONS, GIVE_TRAITS])
      await tx.query(sql, [guestId, personId]);
  },

  giveAddresses: (tx: Transaction, guestIds: readonly string[]) => tx.query(GIVE_ADDRESSES, [guestIds]),
};
