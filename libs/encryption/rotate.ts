import { type Database, type Statement } from '@wapas/database';
import { type Keyring, SealError } from './keyring';

/** A column of sealed values, and the columns that name a row of its table, with their types. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** In the order of a unique index: the rotation walks along it. */
  readonly key: readonly { readonly name: string; readonly type: 'uuid' | 'text' | 'int' | 'bigint' }[];
  /** Where such values lay open before they were sealed. */
  readonly plain?: {
    /** An expression over the row: the value as text or bytes, null when there is none. */
    readonly value: string;
    /** What is set as it is sealed, as in `set …`: the open value is emptied. */
    readonly emptied: string;
  };
}

export interface RotationProgress {
  readonly table: string;
  readonly column: string;
  /** Rows that were not sealed with the first key when the column's turn came. */
  readonly total: number;
  readonly done: number;
  /** Rows that could not be opened: they stay as they are. */
  readonly failed: number;
  /** Rows that somebody sealed with another key after they had been passed: a container does not seal with the first one yet. */
  readonly left: number;
}

/** What a value of this column is sealed for. */
export const fieldOf = ({ table, column }: SealedColumn): string => `${table}.${column}`;

const BATCH = 500;

/**
 * Seals anew, column by column and in batches, whatever is sealed with another key than the first one. It may be broken off
 * and started again, and runs beside a working application: a row that changed meanwhile is left to whoever changed it.
 * Gives the last progress of each column.
 */
export async function rotateKeys(
  database: Database,
  keyring: Keyring,
  columns: readonly SealedColumn[],
  onProgress: (progress: RotationProgress) => void = () => undefined,
): Promise<RotationProgress[]> {
  const finished: RotationProgress[] = [];
  for (const column of columns) finished.push(await rotateColumn(database, keyring, column, onProgress));
  return finished;
}

async function rotateColumn(
  database: Database,
  keyring: Keyring,
  column: SealedColumn,
  onProgress: (progress: RotationProgress) => void,
): Promise<RotationProgress> {
  const sql = statementsOf(column);
  const header = keyring.currentHeader;
  const [counted] = await database.query<{ count: number }>(sql.count, [header]);
  let progress: RotationProgress = {
    table: column.table,
    column: column.column,
    total: counted?.count ?? 0,
    done: 0,
    failed: 0,
    left: 0,
  };
  onProgress(progress);
  let after: readonly string[] | null = null;
  for (;;) {
    const rows: OutdatedRow[] = await database.query<OutdatedRow>(sql.next, [
      header,
      BATCH,
      ...(after ?? column.key.map(() => null)),
    ]);
    if (rows.length === 0) return { ...progress, left: await leftOf(database, sql.count, header, progress) };
    after = (rows.at(-1) as OutdatedRow).key;
    const resealed = rows.flatMap((row) => reseal(keyring, fieldOf(column), row));
    if (resealed.length > 0)
      await database.query(sql.save, [
        ...column.key.map((_name, index) => resealed.map((row) => row.key[index])),
        resealed.map((row) => row.sealed),
        resealed.map((row) => row.resealed),
      ]);
    progress = {
      ...progress,
      done: progress.done + resealed.length,
      failed: progress.failed + rows.length - resealed.length,
    };
    onProgress(progress);
  }
}

async function leftOf(database: Database, count: Statement, header: Buffer, { failed }: RotationProgress): Promise<number> {
  const [counted] = await database.query<{ count: number }>(count, [header]);
  return Math.max(0, (counted?.count ?? 0) - failed);
}

interface OutdatedRow {
  readonly key: readonly string[];
  readonly sealed: Buffer | null;
  readonly plain: string | Buffer | null;
}

function reseal(keyring: Keyring, field: string, row: OutdatedRow): (OutdatedRow & { resealed: Buffer })[] {
  try {
    const plain = row.sealed ? keyring.open(field, row.sealed) : row.plain;
    return plain === null ? [] : [{ ...row, resealed: keyring.seal(field, plain) }];
  } catch (error) {
    if (error instanceof SealError) return []; // Counted as failed: one damaged row must not keep the others on the old key.
    throw error;
  }
}

/** Asked a few times in the life of a key: nothing worth a name of its own, and a name made here could not be found again. */
const unnamed = (text: string): Statement => ({ name: '', text });

/** Names come from the stores' constants, never from outside. The walk stands on the unique index of `key`. */
function statementsOf({ table, column, key, plain }: SealedColumn): Record<'count' | 'next' | 'save', Statement> {
  const names = key.map(({ name }) => name).join(', ');
  const isOpen = plain ? ` or ${column} is null and (${plain.value}) is not null` : '';
  const other = `(${column} is not null and substring(${column} from 1 for length($1::bytea)) <> $1${isOpen})`;
  const start = key.map(({ type }, index) => `$${index + 3}::${type}`).join(', ');
  const arrays = key.map(({ type }, index) => `$${index + 1}::${type}[]`).join(', ');
  return {
    count: unnamed(`select count(*)::int as count from ${table} where ${other}`),
    next: unnamed(
      `select array[${key.map(({ name }) => `${name}::text`).join(', ')}] as key, ${column} as sealed, ${plain?.value ?? 'null'} as plain from ${table}
       where ${other} and ($3::text is null or (${names}) > (${start})) order by ${names} limit $2`,
    ),
    save: unnamed(
      `update ${table} t set ${column} = u.resealed${plain ? `, ${plain.emptied}` : ''}
       from unnest(${arrays}, $${key.length + 1}::bytea[], $${key.length + 2}::bytea[]) as u (${names}, sealed, resealed)
       where ${key.map(({ name }) => `t.${name} = u.${name}`).join(' and ')} and t.${column} is not distinct from u.sealed`,
    ),
  };
}
