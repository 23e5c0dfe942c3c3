import { type Queryable, statement, uuidArray } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { instantFromMillis } from '@wapas/kernel';
import { type ConsentEntry, type Purpose } from '../rules/consent';
import { type ContactHistory } from '../rules/contact-history';
import { type ContactFacts } from '../rules/may-contact';
import { openName } from './person.store';

/** Somebody, as far as it may be asked what they would have received. */
export interface KnownPerson extends ContactHistory {
  readonly id: string;
  /** What arms and variants are drawn by. */
  readonly unit: EntityKey;
  readonly name: string | null;
  readonly language: string | null;
  readonly isCustomer: boolean;
}

/**
 * Times in milliseconds: JSON has no dates; as json, since jsonb is built before it is written. Of a channel's own suppressions those of
 * other numbers than the person's do not count.
 * Stands on the keys of person and person_trait, consent_once, suppression_of_subject, person_identifier_of_person and address_block.
 */
const HISTORIES = statement(
  'contact_histories',
  `select p.id, p.unit, p.name, p.sealed_name as "sealedName", t.minor, t.dnd, t.language,
     exists (select from person_identifier i where i.person_id = p.id and i.kind = 'customer') as "isCustomer",
     (select json_agg(json_build_array(c.purpose, c.channel, c.state, (extract(epoch from c.at) * 1000)::bigint, (extract(epoch from c.recorded_at) * 1000)::bigint))
        from consent_entry c where c.person_id = p.id) as consents,
     (select json_agg(json_build_array(s.channel, s.purpose, case when isfinite(s.expires_at) then (extract(epoch from s.expires_at) * 1000)::bigint end,
                                         (extract(epoch from s.created_at) * 1000)::bigint, case when isfinite(s.lifted_at) then (extract(epoch from s.lifted_at) * 1000)::bigint end))
        from suppression s
       where s.subject = any (array[p.id] || array(select i.key from person_identifier i where i.person_id = p.id and i.kind in ('phone', 'email', 'whatsapp_id')))
         and (s.channel is null or s.subject_kind = 'whatsapp_id' or s.subject = p.id or exists (select from person_address a where a.person_id = p.id and a.key = s.subject))) as suppressions,
     (select json_agg(json_build_array(a.kind, (select json_agg(json_build_array(b.channel, (extract(epoch from b.blocked_at) * 1000)::bigint,
                                                                                     case when isfinite(b.until) then (extract(epoch from b.until) * 1000)::bigint end))
                                                   from address_block b where b.key = a.key)))
        from person_address a where a.person_id = p.id and a.permission is distinct from 'denied') as addresses
   from unnest($1::uuid[]) as wanted (id)
   cross join lateral (select id, unit, name, sealed_name from person p where p.id = wanted.id offset 0) p
   left join person_trait t on t.person_id = p.id`,
);
/** Who is known by these keys, and which of them have a customer id beside it. Stands on the key of person_identifier, one look-up a key. */
const OWNERS = statement(
  'owners_of_keys',
  `with found as materialized (
     select i.* from (select distinct unnest($1::uuid[]) as key) wanted
     cross join lateral (select key, kind, person_id from person_identifier i where i.key = wanted.key and i.kind <> 'erased' offset 0) i)
   select key, kind, person_id as "personId" from found
   union all
   select c.key, c.kind, c.person_id from (select person_id from found group by person_id having bool_and(kind <> 'customer')) shared
   cross join lateral (select key, kind, person_id from person_identifier c where c.person_id = shared.person_id offset 0) c
   where c.kind = 'customer'`,
);

type Moment = number;
interface Row {
  readonly id: string;
  readonly unit: EntityKey;
  readonly name: string | null;
  readonly sealedName: Buffer | null;
  readonly minor: boolean | null;
  readonly dnd: ContactFacts['dnd'] | null;
  readonly language: string | null;
  readonly isCustomer: boolean;
  readonly consents: readonly [Purpose | 'all', string, ConsentEntry['state'], Moment, Moment][] | null;
  readonly suppressions: readonly [string | null, Purpose | null, Moment | null, Moment, Moment | null][] | null;
  readonly addresses: readonly [string, readonly [string, Moment, Moment | null][] | null][] | null;
}

/** Reads what was known of people and when; never writes. */
export const contactHistoryStore = {
  /** In any order; who is unknown is absent. */
  async of(db: Queryable, personIds: readonly string[]): Promise<KnownPerson[]> {
    if (personIds.length === 0) return [];
    return (await db.query<Row>(HISTORIES, [uuidArray(personIds)])).map((row) => toPerson(db, row));
  },

  owners: (db: Queryable, keys: readonly EntityKey[]) =>
    db.query<{ key: EntityKey; kind: 'customer' | 'phone' | 'email' | 'whatsapp_id'; personId: string }>(OWNERS, [
      uuidArray(keys),
    ]),
};

const instantOrNull = (millis: Moment | null) => (millis === null ? null : instantFromMillis(millis));

function toPerson(db: Pick<Queryable, 'seals'>, row: Row): KnownPerson {
  return {
    id: row.id,
    unit: row.unit,
    name: openName(db, row),
    language: row.language,
    isCustomer: row.isCustomer,
    minor: row.minor ?? false,
    dnd: row.dnd ?? 'unknown',
    consents: (row.consents ?? []).map(([purpose, channel, state, at, recordedAt]) => ({
      purpose,
      channel,
      state,
      at: instantFromMillis(at),
      recordedAt: instantFromMillis(recordedAt),
    })),
    suppressions: (row.suppressions ?? []).map(([channel, purpose, expiresAt, from, liftedAt]) => ({
      channel,
      purpose,
      expiresAt: instantOrNull(expiresAt),
      from: instantFromMillis(from),
      liftedAt: instantOrNull(liftedAt),
    })),
    addresses: (row.addresses ?? []).map(([kind, blocks]) => ({
      kind,
      blocks: (blocks ?? []).map(([channel, from, until]) => ({
        channel,
        from: instantFromMillis(from),
        until: instantOrNull(until),
      })),
    })),
  };
}
