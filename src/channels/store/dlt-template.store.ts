import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type DltTemplate } from '../rules/dlt-template';
import { type ListedAddress } from '../rules/lint/addresses';
import { NOTE_COPY_CHANGES } from './copy-change.store';

const KEEP = statement(
  'keep_dlt_template',
  `with changed as (select 'sms/' || id as template from dlt_template where id = $1 and definition ->> 'text' is distinct from $2::jsonb ->> 'text'),
   noted as (${NOTE_COPY_CHANGES})
   insert into dlt_template (id, definition, registered_at) values ($1, $2::jsonb, business_now())
   on conflict (id) do update set definition = excluded.definition, registered_at = excluded.registered_at`,
);
const ALL = statement('dlt_templates', `select definition from dlt_template order by id`);
const REMOVE = statement('remove_dlt_template', `delete from dlt_template where id = $1 returning id`);

const ADDRESSES = statement('dlt_addresses', `select kind, address from dlt_address order by address, kind`);
const UNLIST = statement('unlist_dlt_addresses', `delete from dlt_address`);
const LIST = statement(
  'list_dlt_addresses',
  `insert into dlt_address (kind, address, listed_at) select kind, address, (select business_now()) from unnest($1::text[], $2::text[]) as u (kind, address)
   on conflict do nothing`,
);

/** The only place that knows `dlt_template` and `dlt_address`. */
export const dltTemplateStore = {
  keep: (db: Queryable, template: DltTemplate) => db.query(KEEP, [template.id, JSON.stringify(template)]),
  all: async (db: Queryable): Promise<DltTemplate[]> =>
    (await db.query<{ definition: DltTemplate }>(ALL)).map(({ definition }) => definition),
  addresses: (db: Queryable) => db.query<ListedAddress>(ADDRESSES),
  async list(tx: Transaction, addresses: readonly ListedAddress[]): Promise<void> {
    await tx.query(UNLIST);
    await tx.query(LIST, [addresses.map(({ kind }) => kind), addresses.map(({ address }) => address)]);
  },
  remove: async (db: Queryable, id: string): Promise<boolean> => (await db.query(REMOVE, [id])).length > 0,
};
