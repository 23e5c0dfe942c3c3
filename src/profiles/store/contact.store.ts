import { type Queryable, statement } from '@wapas/database';
import { type Instant, instantFromMillis } from '@wapas/kernel';
import { type ConsentEntry, type Purpose } from '../rules/consent';
import { type ContactFacts, NOTHING_KNOWN } from '../rules/may-contact';

/** Times in milliseconds: JSON has no dates. Null for a suppression that never ends. */
interface ContactRow {
  readonly position: number;
  readonly minor: boolean | null;
  readonly dnd: ContactFacts['dnd'] | null;
  readonly consents: readonly { purpose: Purpose | 'all'; channel: string; state: ConsentEntry['state']; at: number }[] | null;
  readonly suppressions: readonly { channel: string | null; purpose: Purpose | null; expiresAt: number | null }[] | null;
}

/**
 * Everything that decides whether people may be written to at an address, one row each. A stop on every channel that came from
 * one of their numbers holds for all their addresses, devices too. Stands on consent_once, suppression_of_subject and
 * person_identifier_of_person.
 */
const FACTS = statement(
  'contact_facts',
  `select w.position::int as position, t.minor, t.dnd,
          (select jsonb_agg(jsonb_build_object('purpose', c.purpose, 'channel', c.channel, 'state', c.state, 'at', (extract(epoch from c.at) * 1000)::bigint))
             from consent_entry c where c.person_id = w.person_id) as consents,
          (select jsonb_agg(jsonb_build_object('channel', s.channel, 'purpose', s.purpose,
                                               'expiresAt', case when isfinite(s.expires_at) then (extract(epoch from s.expires_at) * 1000)::bigint end))
             from suppression s
            where s.lifted_at = 'infinity' and s.subject = any (array[w.person_id, w.address_key]
                    || array(select i.key from person_identifier i where i.person_id = w.person_id and i.kind in ('phone', 'email')))
              and (s.channel is null or s.subject in (w.person_id, w.address_key))) as suppressions
   from unnest($1::uuid[], $2::uuid[]) with ordinality as w (person_id, address_key, position)
   left join person_trait t on t.person_id = w.person_id`,
);

/** Reads what the guard asks; never writes. */
export const contactStore = {
  /** In the order asked. */
  async facts(
    db: Queryable,
    asked: readonly { readonly personId: string; readonly addressKey: string | null }[],
  ): Promise<ContactFacts[]> {
    if (asked.length === 0) return [];
    const rows = await db.query<ContactRow>(FACTS, [asked.map((one) => one.personId), asked.map((one) => one.addressKey)]);
    const byPosition = new Map(rows.map((row) => [row.position, row]));
    return asked.map((_one, index) => toFacts(byPosition.get(index + 1)));
  },
};

function toFacts(row: ContactRow | undefined): ContactFacts {
  if (!row) return NOTHING_KNOWN;
  return {
    minor: row.minor ?? false,
    dnd: row.dnd ?? 'unknown',
    consents: (row.consents ?? []).map((one) => ({ ...one, at: instantFromMillis(one.at) })),
    suppressions: (row.suppressions ?? []).map((one) => ({
      ...one,
      expiresAt: one.expiresAt === null ? null : (instantFromMillis(one.expiresAt) satisfies Instant),
    })),
  };
}
