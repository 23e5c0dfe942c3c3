import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type VendorTemplate } from '@wapas/provider-kit';
import { NOTE_COPY_CHANGES } from './copy-change.store';

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

/** What people read of a template: its standing, category and lifetime are no words. */
const wordsOf = (definition: string): string =>
  `jsonb_build_array(${['header', 'body', 'footer', 'buttons'].map((part) => `${definition} -> '${part}'`).join(', ')})`;
const LEASE = `interval '2 minutes'`;

const SYNCS = statement(
  'template_syncs',
  `select provider, synced_at as "syncedAt", revision::float8 as revision, trouble from template_sync order by provider`,
);
const TEMPLATES = statement(
  'vendor_templates',
  `select provider, definition, changed_at as "changedAt" from vendor_template order by provider, name, language`,
);
/** One container at a time asks a vendor. A container that died leaves its lease behind for two minutes. Gives when its reading began. */
const TAKE = statement(
  'take_template_sync',
  `insert into template_sync as s (provider, next_at, lease_until) values ($1, clock_timestamp(), clock_timestamp() + ${LEASE})
   on conflict (provider) do update set lease_until = excluded.lease_until
    where (s.lease_until is null or s.lease_until < clock_timestamp()) and ($2 or s.next_at <= clock_timestamp())
   returning (s.lease_until - ${LEASE})::text as "beganAt"`,
);
/** Whoever was so slow that another one began meanwhile says nothing any more. */
const IS_MINE = `provider = $1 and lease_until - ${LEASE} = $2::timestamptz`;
/** Before they are replaced. What has a name and a language is a WhatsApp template. */
const NOTE_CHANGED = statement(
  'note_changed_vendor_templates',
  `with changed as (
     select 'whatsapp/' || t.name || '/' || t.language as template
     from vendor_template t join unnest($2::text[], $3::text[], $4::text[]) as u (name, language, definition) using (name, language)
     where t.provider = $1 and ${wordsOf('t.definition')} <> ${wordsOf('u.definition::jsonb')} and (t.heard_at is null or t.heard_at < $5::timestamptz))
   ${NOTE_COPY_CHANGES}`,
);
/** What was heard of a template since the list was begun is newer than the list, and stays. So below. */
const KEEP = statement(
  'keep_vendor_templates',
  `insert into vendor_template as t (provider, name, language, definition, changed_at)
   select $1, name, language, definition::jsonb, (select business_now()) from unnest($2::text[], $3::text[], $4::text[]) as u (name, language, definition)
   on conflict (provider, name, language) do update set definition = excluded.definition, changed_at = excluded.changed_at
    where t.definition is distinct from excluded.definition and (t.heard_at is null or t.heard_at < $5::timestamptz)
   returning name, language`,
);
const DROP = statement(
  'drop_vendor_templates',
  `delete from vendor_template t where provider = $1 and (t.heard_at is null or t.heard_at < $4::timestamptz)
      and not exists (select 1 from unnest($2::text[], $3::text[]) as u (name, language) where u.name = t.name and u.language = t.language)
   returning name, language`,
);
/** Their rows are locked by what has just been kept: nothing of them is heard meanwhile. */
const HEARD_SINCE = statement(
  'templates_heard_since',
  `select name, language from vendor_template where provider = $1 and heard_at >= $2::timestamptz`,
);
/** After news that came meanwhile the list is read once more. */
const DONE = statement(
  'template_sync_done',
  `update template_sync set synced_at = clock_timestamp(), lease_until = null, trouble = null,
          next_at = case when heard_at >= $2::timestamptz then clock_timestamp() else clock_timestamp() + $3::interval end,
          revision = revision + case when $4 then 1 else 0 end
   where ${IS_MINE} returning provider`,
);
const FAILED = statement(
  'template_sync_failed',
  `update template_sync set next_at = clock_timestamp() + $3::interval, lease_until = null, trouble = $4 where ${IS_MINE}`,
);
/** What a webhook said of one template, laid over what is known of it. Only what the vendor said is changed. */
const AMEND = statement(
  'amend_vendor_template',
  `update vendor_template set definition = definition || $4::jsonb, heard_at = clock_timestamp(),
          changed_at = case when definition is distinct from definition || $4::jsonb then (select business_now()) else changed_at end
   where provider = $1 and name = $2 and language = $3`,
);
/** The whole list is read soon after any news: a webhook says little, and the next one may have been lost. */
const WANT = statement(
  'want_template_sync',
  `update template_sync set next_at = least(next_at, clock_timestamp()), heard_at = clock_timestamp(), revision = revision + 1 where provider = $1`,
);

/**
 * Undoes what a slow reader has written. It is known at the end alone: locked from the beginning, the sync would keep webhooks waiting for as
 * long as a list takes to be stored.
 */
export class ReadBySomebodyElse extends Error {}

/** The only place that knows `vendor_template` and `template_sync`: what vendors have registered, as of when. */
export const vendorTemplateStore = {
  syncs: (db: Queryable) => db.query<TemplateSync>(SYNCS),
  all: (db: Queryable) => db.query<{ provider: string; definition: VendorTemplate; changedAt: Date }>(TEMPLATES),

  /** When its reading begins, as the database writes it. Null when it is not due, or somebody else is at it. */
  take: async (db: Queryable, provider: string, atOnce: boolean): Promise<string | null> =>
    (await db.query<{ beganAt: string }>(TAKE, [provider, atOnce]))[0]?.beganAt ?? null,

  /**
   * Replaces what is stored of the provider's templates, but for what was heard since the list was begun. Gives how many are new, changed or
   * gone, and what was heard of. Throws `ReadBySomebodyElse` when another one has begun to read since.
   */
  async replace(
    tx: Transaction,
    provider: string,
    templates: readonly VendorTemplate[],
    { beganAt, nextInMs }: { readonly beganAt: string; readonly nextInMs: number },
  ): Promise<{ changed: number; gone: number; heardOf: readonly Pick<VendorTemplate, 'name' | 'language'>[] }> {
    const names = templates.map(({ name }) => name);
    const languages = templates.map(({ language }) => language);
    const definitions = templates.map((one) => JSON.stringify(one));
    await tx.query(NOTE_CHANGED, [provider, names, languages, definitions, beganAt]);
    const changed = (await tx.query(KEEP, [provider, names, languages, definitions, beganAt])).length;
    const gone = (await tx.query(DROP, [provider, names, languages, beganAt])).length;
    const heardOf = await tx.query<Pick<VendorTemplate, 'name' | 'language'>>(HEARD_SINCE, [provider, beganAt]);
    const done = await tx.query(DONE, [provider, beganAt, `${nextInMs} milliseconds`, changed + gone > 0]);
    if (done.length === 0) throw new ReadBySomebodyElse();
    return { changed, gone, heardOf };
  },

  /** Changes nothing when another one has begun to read since. */
  failed: (
    db: Queryable,
    provider: string,
    trouble: string,
    { beganAt, nextInMs }: { readonly beganAt: string; readonly nextInMs: number },
  ) => db.query(FAILED, [provider, beganAt, `${nextInMs} milliseconds`, trouble]),

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
