import { type Queryable, statement } from '@wapas/database';
import { type Instant, toInstant } from '@wapas/kernel';

export type SchemaMode = 'warn' | 'enforce';

/** What is demanded of events of a name. */
export interface EventSchema {
  readonly name: string;
  readonly mode: SchemaMode;
  readonly schema: object;
  readonly updatedAt: Instant;
  /** How many events broke it since it was set; what a process had not yet written when it died is missing. */
  readonly violations: number;
}

const ALL = statement(
  'event_schemas',
  `select name, mode, schema, updated_at as "updatedAt", violations::float as violations from event_schema order by name`,
);
const SET = statement(
  'event_schema_set',
  `insert into event_schema (name, mode, schema, updated_at) values ($1, $2, $3, business_now())
   on conflict (name) do update set mode = excluded.mode, schema = excluded.schema, updated_at = excluded.updated_at, violations = 0`,
);
const REMOVE = statement('event_schema_remove', `delete from event_schema where name = $1 returning name`);
const ADD_VIOLATIONS = statement(
  'event_schema_add_violations',
  `update event_schema s set violations = s.violations + v.count
   from (select name, count from unnest($1::text[], $2::bigint[]) as g (name, count) order by name) v where s.name = v.name`,
);

/** The only place that knows `event_schema`. */
export const eventSchemaStore = {
  async all(db: Queryable): Promise<EventSchema[]> {
    const rows = await db.query<Omit<EventSchema, 'updatedAt'> & { updatedAt: Date }>(ALL);
    return rows.map((row) => ({ ...row, updatedAt: toInstant(row.updatedAt) }));
  },
  set: (db: Queryable, name: string, mode: SchemaMode, schema: object) => db.query(SET, [name, mode, JSON.stringify(schema)]),
  remove: async (db: Queryable, name: string): Promise<boolean> => (await db.query(REMOVE, [name])).length > 0,
  addViolations: (db: Queryable, counts: ReadonlyMap<string, number>) =>
    db.query(ADD_VIOLATIONS, [[...counts.keys()], [...counts.values()]]),
};
