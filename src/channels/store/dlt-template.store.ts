import { type Queryable, statement } from '@wapas/database';
import { type DltTemplate } from '../rules/dlt-template';

const KEEP = statement(
  'keep_dlt_template',
  `insert into dlt_template (id, definition, registered_at) values ($1, $2::jsonb, business_now())
   on conflict (id) do update set definition = excluded.definition, registered_at = excluded.registered_at`,
);
const ALL = statement('dlt_templates', `select definition from dlt_template order by id`);
const REMOVE = statement('remove_dlt_template', `delete from dlt_template where id = $1 returning id`);

/** The only place that knows `dlt_template`. */
export const dltTemplateStore = {
  keep: (db: Queryable, template: DltTemplate) => db.query(KEEP, [template.id, JSON.stringify(template)]),
  all: async (db: Queryable): Promise<DltTemplate[]> =>
    (await db.query<{ definition: DltTemplate }>(ALL)).map(({ definition }) => definition),
  remove: async (db: Queryable, id: string): Promise<boolean> => (await db.query(REMOVE, [id])).length > 0,
};
