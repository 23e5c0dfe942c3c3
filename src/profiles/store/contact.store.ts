import { type Queryable, statement } from '@wapas/database';
import { instantFromMillis } from '@wapas/kernel';
import { type ConsentEntry, type Purpose } from '../rules/consent';
import { type ContactFacts } from '../rules/may-contact';

/** Times in milliseconds: JSON has no dates. Null for a suppression that never ends. */
export interface ContactRow {
  readonly erased: boolean | null;
  readonly minor: boolean | null;
  readonly dnd: ContactFacts['dnd'] | null;
  readonly consents: readonly { purpose: Purpose | 'all'; channel: string; state: ConsentEntry['state']; at: number }[] | null;
  readonly suppressions: readonly { channel: string | null; purpose: Purpose | null; expiresAt: number | null }[] | null;
}

/**
 * Columns that decide whether a person may be written to at an address, for statements that have them at hand. A stop on every
 * channel that came from one of their numbers holds for all their addresses, devices too; one on WhatsApp under WhatsApp's own name for
 * them holds at whichever number they are written to there. Stands on consent_once,
 * suppression_of_subject and person_identifier_of_person.
 */
export const contactColumns = (personId: string, addressKey: string): string => `
  (select p.erased_at is not null from person p where p.id = ${personId}) as erased,
  (select minor from person_trait t where t.person_id = ${personId}) as minor,
  (select dnd from person_trait t where t.person_id = ${personId}) as dnd,
  (select jsonb_agg(jsonb_build_object('purpose', c.purpose, 'channel', c.channel, 'state', c.state, 'at', (extract(epoch from c.at) * 1000)::bigint))
     from consent_entry c where c.person_id = ${personId}) as consents,
  (select jsonb_agg(jsonb_build_object('channel', s.channel, 'purpose', s.purpose,
                                       'expiresAt', case when isfinite(s.expires_at) then (extract(epoch from s.expires_at) * 1000)::bigint end))
     from suppression s
    where s.lifted_at = 'infinity' and s.subject = any (array[${personId}, ${addressKey}]
            || array(select i.key from person_identifier i where i.person_id = ${personId} and i.kind in ('phone', 'email', 'whatsapp_id')))
      and (s.channel is null or s.subject_kind = 'whatsapp_id' or s.subject in (${personId}, ${addressKey}))) as suppressions`;

const FACTS = statement(
  'contact_facts',
  `select w.position::int as position, ${contactColumns('w.person_id', 'w.address_key')}
   from unnest($1::uuid[], $2::uuid[]) with ordinality as w (person_id, address_key, position)`,
);

/** Almost nobody: the others cost an index look-up each and give no row. Without `offset 0` the planner may read everybody's withdrawals into a hash instead. */
const RESTRICTED = statement(
  'restricted_people',
  `select w.id as "personId", ${contactColumns('w.id', 'null::uuid')}
   from (select distinct unnest($1::uuid[]) as id) w
   where exists (select from consent_entry c where c.person_id = w.id and c.state = 'withdrawn' offset 0)
      or exists (select from person_trait t where t.person_id = w.id and t.minor offset 0)
      or exists (select from suppression s where s.lifted_at = 'infinity' and s.subject = any (array[w.id]
                   || array(select i.key from person_identifier i where i.person_id = w.id and i.kind in ('phone', 'email', 'whatsapp_id'))) offset 0)`,
);

/** Reads what the guard asks; never writes. */
export const contactStore = {
  /** In the order asked. */
  async facts(
    db: Queryable,
    asked: readonly { readonly personId: string; readonly addressKey: string | null }[],
  ): Promise<ContactFacts[]> {
    if (asked.length === 0) return [];
    const rows = await db.query<ContactRow & { position: number }>(FACTS, [
      asked.map((one) => one.personId),
      asked.map((one) => one.addressKey),
    ]);
    const byPosition = new Map(rows.map((row) => [row.position, row]));
    return asked.map((_one, index) => factsOf(byPosition.get(index + 1) as ContactRow));
  },

  /** By person; who is under no restriction is absent. */
  async restricted(db: Queryable, personIds: readonly string[]): Promise<Map<string, ContactFacts>> {
    const rows = await db.query<ContactRow & { personId: string }>(RESTRICTED, [personIds]);
    return new Map(rows.map((row) => [row.personId, factsOf(row)]));
  },
};

export function factsOf(row: ContactRow): ContactFacts {
  return {
    erased: row.erased ?? false,
    minor: row.minor ?? false,
    dnd: row.dnd ?? 'unknown',
    consents: (row.consents ?? []).map((one) => ({ ...one, at: instantFromMillis(one.at) })),
    suppressions: (row.suppressions ?? []).map((one) => ({
      ...one,
      expiresAt: one.expiresAt === null ? null : instantFromMillis(one.expiresAt),
    })),
  };
}
