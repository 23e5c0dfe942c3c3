import { type Queryable, statement, type Transaction } from '@wapas/database';
import { fieldOf, type SealedColumn } from '@wapas/encryption';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant, newId, toDate, toInstant } from '@wapas/kernel';
import { type ConsentEntry } from '../rules/consent';
import { ifOpen } from './if-open';

/** A statement of a customer on its way into the ledger. */
export interface NewConsent extends ConsentEntry {
  readonly personId: string;
  readonly source: string;
  readonly noticeVersion?: string;
  readonly noticeLanguage?: string;
  /** What shows that they said so: a form's text, a recording's address, an inbound message. Sealed. */
  readonly proof?: string;
  readonly importId?: string;
  /** The phone, e-mail or WhatsApp's name it was said by, where no customer id was given. */
  readonly saidBy?: EntityKey;
}

export interface StoredConsent extends ConsentEntry {
  readonly id: string;
  readonly recordedAt: Instant;
  readonly source: string;
  readonly noticeVersion: string | null;
  readonly noticeLanguage: string | null;
  /** Null when there is none, and when it cannot be opened. */
  readonly proof: string | null;
  readonly hasProof: boolean;
}

export const proofColumn: SealedColumn = { table: 'consent_entry', column: 'proof', key: [{ name: 'seq', type: 'bigint' }] };
const PROOF = fieldOf(proofColumn);

/** Nobody says something later than now: a source whose clock runs ahead must not outweigh what is said next. */
const APPEND = statement(
  'append_consents',
  `with moment as materialized (select business_now() as now)
   insert into consent_entry (id, person_id, purpose, channel, state, at, recorded_at, source, notice_version, notice_language, proof, import_id, said_by)
   select id, person_id, purpose, channel, state, least(at, now), now, source, notice_version, notice_language, proof, import_id, said_by
   from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::text[], $9::text[], $10::bytea[], $11::uuid[], $12::uuid[])
        as e (id, person_id, purpose, channel, state, at, source, notice_version, notice_language, proof, import_id, said_by), moment
   on conflict do nothing
   returning id`,
);
/** What is still taken back under a key, for those who have come to be known by it. Stands on consent_said_by. */
const INHERIT = statement(
  'inherit_withdrawals',
  `insert into consent_entry (id, person_id, purpose, channel, state, at, recorded_at, source, notice_version, notice_language, said_by)
   select gen_random_uuid(), heir.person_id, said.purpose, said.channel, said.state, said.at, business_now(), said.source,
          said.notice_version, said.notice_language, said.said_by
   from unnest($1::uuid[], $2::uuid[]) as heir (key, person_id)
   cross join lateral (select distinct on (purpose, channel) e.* from consent_entry e where e.said_by = heir.key
                       order by purpose, channel, at desc, state = 'withdrawn' desc) said
   where said.state = 'withdrawn'
   on conflict do nothing`,
);
/** As Wapas knew it at a moment, oldest first: entries that were recorded later do not count. Stands on consent_once. */
const KNOWN_AT = statement(
  'consents_known_at',
  `select id, purpose, channel, state, at, recorded_at as "recordedAt", source, notice_version as "noticeVersion", notice_language as "noticeLanguage", proof
   from consent_entry where person_id = $1 and recorded_at <= $2 order by at, seq`,
);

const openProof = (db: Queryable, proof: Buffer): string | null => ifOpen(() => db.seals.openText(PROOF, proof));

/** The only place that knows `consent_entry`. */
export const consentStore = {
  /** Appends in the order given. Gives those that were new. The caller holds the lock of each person. */
  async append(tx: Transaction, entries: readonly NewConsent[]): Promise<NewConsent[]> {
    if (entries.length === 0) return [];
    const ids = entries.map(() => newId());
    const rows = await tx.query<{ id: string }>(APPEND, [
      ids,
      entries.map((one) => one.personId),
      entries.map((one) => one.purpose),
      entries.map((one) => one.channel),
      entries.map((one) => one.state),
      entries.map((one) => toDate(one.at)),
      entries.map((one) => one.source),
      entries.map((one) => one.noticeVersion ?? null),
      entries.map((one) => one.noticeLanguage ?? null),
      entries.map((one) => (one.proof === undefined ? null : tx.seals.seal(PROOF, one.proof))),
      entries.map((one) => one.importId ?? null),
      entries.map((one) => one.saidBy ?? null),
    ]);
    const fresh = new Set(rows.map(({ id }) => id));
    return entries.filter((_entry, index) => fresh.has(ids[index] as string));
  },

  /** What was taken back by a phone or e-mail alone binds whoever comes to be known by it later, too. A grant is nobody's but who gave it. */
  inherit(tx: Transaction, heirs: readonly { readonly key: EntityKey; readonly personId: string }[]): void {
    if (heirs.length > 0) tx.write(INHERIT, [heirs.map(({ key }) => key), heirs.map(({ personId }) => personId)]);
  },

  async knownAt(db: Queryable, personId: string, at: Instant): Promise<StoredConsent[]> {
    const rows = await db.query<
      Omit<StoredConsent, 'at' | 'recordedAt' | 'proof' | 'hasProof'> & { at: Date; recordedAt: Date; proof: Buffer | null }
    >(KNOWN_AT, [personId, toDate(at)]);
    return rows.map((row) => ({
      ...row,
      at: toInstant(row.at),
      recordedAt: toInstant(row.recordedAt),
      proof: row.proof && openProof(db, row.proof),
      hasProof: row.proof !== null,
    }));
  },
};
