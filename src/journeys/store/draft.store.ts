import { type Queryable, statement, type Transaction } from '@wapas/database';
import { type DefinitionFault } from '../rules/parse-definition';

/** A definition that is being worked on, with what is still wrong with it. */
export interface Draft {
  readonly key: string;
  readonly definition: unknown;
  readonly faults: readonly DefinitionFault[];
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

/** Who did what to a journey. */
export interface AuditEntry {
  readonly version: number | null;
  readonly act: string;
  readonly actor: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

const SAVE = statement(
  'save_journey_draft',
  `insert into journey_draft (key, definition, faults, updated_at, updated_by) values ($1, $2, $3, business_now(), $4)
   on conflict (key) do update set definition = excluded.definition, faults = excluded.faults,
          updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
);
const FIND = statement(
  'journey_draft',
  `select key, definition, faults, updated_at as "updatedAt", updated_by as "updatedBy" from journey_draft where key = $1`,
);
const REMOVE = statement('remove_journey_draft', `delete from journey_draft where key = $1`);
const ADD_AUDIT = statement(
  'add_journey_audit',
  `insert into journey_audit (key, version, act, actor, detail, at) values ($1, $2, $3, $4, $5, business_now())`,
);
const AUDIT = statement(
  'journey_audit',
  `select version, act, actor, detail, at from journey_audit where key = $1 order by id desc limit 200`,
);
/** What a journey's file said when it was last published. */
const LAST_OF_FILE = statement(
  'last_published_from_file',
  `select v.version, v.content_hash as "contentHash" from journey_audit a join journey_version v using (key, version)
   where a.key = $1 and a.act = 'published' and a.actor = $2 order by a.id desc limit 1`,
);

export const draftStore = {
  save: (tx: Transaction, key: string, definition: unknown, faults: readonly DefinitionFault[], actor: string) =>
    tx.query(SAVE, [key, JSON.stringify(definition), JSON.stringify(faults), actor]),
  find: async (db: Queryable, key: string): Promise<Draft | null> => (await db.query<Draft>(FIND, [key]))[0] ?? null,
  remove: (tx: Transaction, key: string) => tx.query(REMOVE, [key]),
};

/** Append-only. */
export const auditStore = {
  add: (tx: Transaction, key: string, version: number | null, act: string, actor: string, detail: object = {}) =>
    tx.query(ADD_AUDIT, [key, version, act, actor, JSON.stringify(detail)]),
  lastPublishedBy: async (db: Queryable, key: string, actor: string) =>
    (await db.query<{ version: number; contentHash: string }>(LAST_OF_FILE, [key, actor]))[0] ?? null,
  /** The latest 200, newest first. */
  ofJourney: (db: Queryable, key: string) => db.query<AuditEntry>(AUDIT, [key]),
};
