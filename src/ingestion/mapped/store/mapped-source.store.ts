import { type Queryable, type Seals, statement, type Transaction } from '@wapas/database';
import { fieldOf, type SealedColumn, SealError } from '@wapas/encryption';
import { type Instant, toInstant } from '@wapas/kernel';
import { type SourceDefinition } from '../definition';

export const sourceSecretsColumn: SealedColumn = {
  table: 'mapped_source',
  column: 'sealed',
  key: [{ name: 'name', type: 'text' }],
};
const SECRETS = fieldOf(sourceSecretsColumn);

/** One of several: the id names it without telling anything about it. */
export interface SourceSecret {
  readonly id: string;
  readonly secret: string;
  /** RFC 3339, UTC. */
  readonly addedAt: string;
}

/** A source that an operator has set up. */
export interface StoredSource {
  readonly name: string;
  readonly definition: SourceDefinition;
  /** Null: they cannot be opened, since they are damaged or their key is gone. */
  readonly secrets: readonly SourceSecret[] | null;
  readonly updatedAt: Instant;
}

const ALL = statement(
  'mapped_sources',
  `select name, definition, sealed, updated_at as "updatedAt", version::float as version from mapped_source order by name`,
);
const ONE_FOR_UPDATE = statement(
  'mapped_source_locked',
  `select name, definition, sealed, updated_at as "updatedAt" from mapped_source where name = $1 for update`,
);
const STAMP = statement(
  'mapped_sources_stamp',
  `select count(*)::text || ' ' || coalesce(max(version), 0)::text || ' ' || coalesce(sum(version), 0)::text as stamp from mapped_source`,
);
const SET = statement(
  'mapped_source_set',
  `insert into mapped_source (name, definition, sealed, updated_at) values ($1, $2, $3, business_now())
   on conflict (name) do update set definition = excluded.definition, sealed = excluded.sealed, updated_at = excluded.updated_at,
     version = nextval('mapped_source_version')`,
);
const REMOVE = statement('mapped_source_remove', `delete from mapped_source where name = $1 returning name`);

/** The only place that knows `mapped_source`. */
export const mappedSourceStore = {
  async all(db: Queryable): Promise<StoredSource[]> {
    return (await db.query<Row>(ALL)).map((row) => toSource(db.seals, row));
  },
  /** Changes when a source is set, changed or removed. */
  async stamp(db: Queryable): Promise<string> {
    const [row] = await db.query<{ stamp: string }>(STAMP);
    return row?.stamp ?? '';
  },
  /** Locks its row: of two who change it one waits. */
  async locked(tx: Transaction, name: string): Promise<StoredSource | undefined> {
    const [row] = await tx.query<Row>(ONE_FOR_UPDATE, [name]);
    return row && toSource(tx.seals, row);
  },
  set: (tx: Transaction, name: string, definition: SourceDefinition, secrets: readonly SourceSecret[]) =>
    tx.query(SET, [name, JSON.stringify(definition), tx.seals.seal(SECRETS, JSON.stringify(secrets))]),
  remove: async (db: Queryable, name: string): Promise<boolean> => (await db.query(REMOVE, [name])).length > 0,
};

interface Row {
  readonly name: string;
  readonly definition: SourceDefinition;
  readonly sealed: Buffer;
  readonly updatedAt: Date;
}

function toSource(seals: Seals, { name, definition, sealed, updatedAt }: Row): StoredSource {
  return { name, definition, secrets: secretsIn(seals, sealed), updatedAt: toInstant(updatedAt) };
}

function secretsIn(seals: Seals, sealed: Buffer): SourceSecret[] | null {
  try {
    return JSON.parse(seals.openText(SECRETS, sealed)) as SourceSecret[];
  } catch (error) {
    if (error instanceof SealError) return null; // One such source must not keep the others, nor a start, waiting.
    throw error;
  }
}
