import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type VendorTemplate } from '@wapas/provider-kit';

/** How the last look at a vendor's list ended. */
export interface TemplateSync {
  readonly provider: string;
  /** Real time of the last complete list; null: there never was one. */
  readonly syncedAt: Date | null;
  /** Changes whenever what is stored of the provider's templates does. */
  readonly revision: number;
  /** Why the last try failed; null: it did not. */
  readonly trouble: string | null;
}

const LEASE = `interval '2 minutes'`;

const SYNCS = statement(
  'template_syncs',
  `select provider, synced_at as "syncedAt", revision::float8 as revision, trouble from template_sync order by provider`,
);
const TEMPLATES = statement(
  'vendor_templates',
  `select provider, definition, changed_at as "changedAt" from vendor_template order by provider, name, language`,
);
/** One container at a time asks a vendor. A container that died leaves its lease behind for two minutes. */
const TAKE = statement(
  'take_template_sync',
  `insert into template_sync as s (provider, next_at, lease_until) values ($1, clock_timestamp(), clock_timestamp() + ${LEASE})
   on conflict (provider) do update set lease_until = excluded.lease_until
    where (s.lease_until is null or s.lease_until < clock_timestamp()) and ($2 or s.next_at <= clock_timestamp())
   returning provider`,
);
const KEEP = statement(
  'keep_vendor_templates',
  `insert into vendor_template as t (provider, name, language, definition, changed_at)
   select $1, name, language, definition::jsonb, (select business_now()) from unnest($2::text[], $3::text[], $4::text[]) as u (name, language, definition)
   on conflict (provider, name, language) do update set definition = excluded.definition, changed_at = excluded.changed_at
    where t.definition is distinct from excluded.definition
   returning name, language`,
);
const DROP = statement(
  'drop_vendor_templates',
  `delete from vendor_template t where provider = $1
      and not exists (select 1 from unnest($2::text[], $3::text[]) as u (name, language) where u.name = t.name and u.language = t.language)
   returning name, language`,
);
const DONE = statement(
  'template_sync_done',
  `update template_sync set synced_at = clock_timestamp(), next_at = clock_timestamp() + $2::interval, lease_until = null, trouble = null,
          revision = revision + case when $3 then 1 else 0 end
   where provider = $1`,
);
const FAILED = statement(
  'template_sync_failed',
  `update template_sync set next_at = clock_timestamp() + $2::interval, lease_until = null, trouble = $3 where provider = $1`,
);
/** What a webhook said of one template, laid over what is known of it. Only what the vendor said is changed. */
const AMEND = statement(
  'amend_vendor_template',
  `update vendor_template set definition = definition || $4::jsonb, changed_at = (select business_now())
   where provider = $1 and name = $2 and language = $3 and definition is distinct from definition || $4::jsonb returning name`,
);
/** The whole list is read soon after any news: a webhook says little, and the next one may have been lost. */
const WANT = statement(
  'want_template_sync',
  `update template_sync set next_at = least(next_at, clock_timestamp()), revision = revision + 1 where provider = $1`,
);

/** The only place that knows `vendor_template` and `template_sync`: what vendors have registered, as of when. */
export const vendorTemplateStore = {
  syncs: (db: Queryable) => db.query<TemplateSync>(SYNCS),
  all: (db: Queryable) => db.query<{ provider: string; definition: VendorTemplate; changedAt: Date }>(TEMPLATES),

  /** False when it is not due, or somebody else is at it. */
  take: async (db: Queryable, provider: string, atOnce: boolean): Promise<boolean> =>
    (await db.query(TAKE, [provider, atOnce])).length > 0,

  /** Replaces what is stored of the provider's templates. Gives how many are new, changed or gone. */
  async replace(
    tx: Transaction,
    provider: string,
    templates: readonly VendorTemplate[],
    nextInMs: number,
  ): Promise<{ changed: number; gone: number }> {
    const names = templates.map(({ name }) => name);
    const languages = templates.map(({ language }) => language);
    const definitions = templates.map((one) => JSON.stringify(one));
    const changed = (await tx.query(KEEP, [provider, names, languages, definitions])).length;
    const gone = (await tx.query(DROP, [provider, names, languages])).length;
    await tx.query(DONE, [provider, `${nextInMs} milliseconds`, changed + gone > 0]);
    return { changed, gone };
  },

  failed: (db: Queryable, provider: string, trouble: string, nextInMs: number) =>
    db.query(FAILED, [provider, `${nextInMs} milliseconds`, trouble]),

  async amend(
    tx: Transaction,
    provider: string,
    { name, language }: Pick<VendorTemplate, 'name' | 'language'>,
    change: Partial<VendorTemplate>,
  ): Promise<void> {
    await tx.query(AMEND, [provider, name, language, JSON.stringify(change)]);
    await tx.query(WANT, [provider]);
  },
};
