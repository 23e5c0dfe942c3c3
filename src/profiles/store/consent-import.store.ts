import { type Queryable, statement, type Transaction } from '@wapas/database';
import { fieldOf, type SealedColumn } from '@wapas/encryption';

export interface ImportFault {
  readonly line: number;
  readonly code: string;
  /** What is wrong in words, where the code alone does not say what to write. */
  readonly detail?: string;
}

/** Where the record begins that is read next. */
export interface ImportPlace {
  /** Bytes of the file before it. */
  readonly bytesRead: number;
  /** The part it begins in, and how many bytes of that part lie before it. */
  readonly part: number;
  readonly partByte: number;
  /** Its line of the file, from 1. */
  readonly line: number;
}

export interface ConsentImport {
  readonly id: string;
  readonly state: 'receiving' | 'waiting' | 'running' | 'done' | 'failed';
  readonly bytes: number;
  readonly bytesRead: number;
  readonly rowsRead: number;
  readonly recorded: number;
  readonly refused: number;
  /** The first hundred. */
  readonly faults: readonly ImportFault[];
  readonly receivedAt: Date;
  readonly finishedAt: Date | null;
}

/** A file somebody works at: where to go on, and what its header says. Null before that was read. */
export interface ClaimedImport {
  readonly id: string;
  readonly bytes: number;
  readonly place: ImportPlace;
  readonly columns: readonly string[] | null;
}

/** What one batch of lines came to, and the place behind it. */
export interface ImportStep {
  readonly place: ImportPlace;
  /** Null as long as there were only empty lines. */
  readonly columns: readonly string[] | null;
  readonly rows: number;
  readonly recorded: number;
  readonly faults: readonly ImportFault[];
}

export const importColumn: SealedColumn = {
  table: 'consent_import_part',
  column: 'body',
  key: [
    { name: 'import_id', type: 'uuid' },
    { name: 'seq', type: 'bigint' },
  ],
};

const COLUMNS = `id, state, bytes::float as bytes, bytes_read::float as "bytesRead", rows_read as "rowsRead", recorded, refused, faults,
  received_at as "receivedAt", finished_at as "finishedAt"`;
const LEASE = `interval '60 seconds'`;

const OPEN = statement(
  'open_consent_import',
  `insert into consent_import (id, state, received_at) values ($1, 'receiving', business_now())`,
);
const ADD_PART = statement(
  'add_consent_import_part',
  `insert into consent_import_part (import_id, seq, body) values ($1, $2, $3)`,
);
const RECEIVED = statement('consent_import_received', `update consent_import set state = 'waiting', bytes = $2 where id = $1`);
const DISCARD = statement('discard_consent_import', `delete from consent_import where id = $1`);
const FIND = statement('find_consent_import', `select ${COLUMNS} from consent_import where id = $1`);
/**
 * One that nobody works at, the oldest first: a lease that ran out belongs to a process that died. One whose header was not read is
 * at its start, whatever the version before kept of it. Stands on consent_import_open.
 */
const CLAIM = statement(
  'claim_consent_import',
  `update consent_import set state = 'running', lease_until = clock_timestamp() + ${LEASE},
          bytes_read = case when columns is null then 0 else bytes_read end, rows_read = case when columns is null then 0 else rows_read end,
          refused = case when columns is null then 0 else refused end, faults = case when columns is null then '[]' else faults end
   where id = (select id from consent_import where state in ('waiting', 'running') and (lease_until is null or lease_until < clock_timestamp())
               order by received_at limit 1 for update skip locked)
   returning id, bytes::float as bytes, bytes_read::float as "bytesRead", next_part as part, next_part_byte as "partByte", next_line as line, columns`,
);
const PART = statement('consent_import_part', `select body from consent_import_part where import_id = $1 and seq = $2`);
/** Gives nothing when somebody else has gone on from that place: a lease is a guess, the place is not. */
const STEP = statement(
  'consent_import_step',
  `update consent_import set bytes_read = $3, next_part = $4, next_part_byte = $5, next_line = $6, columns = $7, rows_read = rows_read + $8,
          recorded = recorded + $9, refused = refused + $10, lease_until = clock_timestamp() + ${LEASE},
          faults = case when jsonb_array_length(faults) < 100 then faults || $11::jsonb else faults end
   where id = $1 and state = 'running' and bytes_read = $2
   returning id`,
);
const RELEASE = statement(
  'release_consent_import',
  `update consent_import set lease_until = null where id = $1 and state = 'running' and bytes_read = $2`,
);
const FINISH = statement(
  'finish_consent_import',
  `update consent_import set state = $3, bytes_read = case when $3 = 'done' then bytes else bytes_read end, rows_read = rows_read + $5, refused = refused + $5,
          faults = faults || $4::jsonb, finished_at = business_now(), lease_until = null
   where id = $1 and state = 'running' and bytes_read = $2
   returning id`,
);
const DROP_PARTS = statement('drop_consent_import_parts', `delete from consent_import_part where import_id = $1`);

/** The only place that knows `consent_import` and its parts. */
export const consentImportStore = {
  open: (db: Queryable, id: string) => db.query(OPEN, [id]),
  addPart: (db: Queryable, id: string, seq: number, body: Buffer) =>
    db.query(ADD_PART, [id, seq, db.seals.seal(fieldOf(importColumn), body)]),
  received: (db: Queryable, id: string, bytes: number) => db.query(RECEIVED, [id, bytes]),
  discard: (db: Queryable, id: string) => db.query(DISCARD, [id]),
  find: async (db: Queryable, id: string) => (await db.query<ConsentImport>(FIND, [id]))[0] ?? null,
  async claim(db: Queryable): Promise<ClaimedImport | null> {
    const [row] = await db.query<ImportPlace & { id: string; bytes: number; columns: string[] | null }>(CLAIM);
    if (!row) return null;
    const { id, bytes, columns, ...place } = row;
    return { id, bytes, columns, place };
  },

  /** Somebody else may take it up at once. `place`: where it was left. */
  release: (db: Queryable, id: string, place: ImportPlace) => db.query(RELEASE, [id, place.bytesRead]),

  /** Null after the last one. */
  async part(db: Queryable, id: string, seq: number): Promise<Buffer | null> {
    const [row] = await db.query<{ body: Buffer }>(PART, [id, seq]);
    return row ? db.seals.open(fieldOf(importColumn), row.body) : null;
  },

  /** Goes on from `from` and renews the lease. False when another container has done so: then nothing of this step may be kept. */
  async step(tx: Transaction, id: string, from: ImportPlace, step: ImportStep): Promise<boolean> {
    const { place, columns, rows, recorded, faults } = step;
    const moved = await tx.query(STEP, [
      id,
      from.bytesRead,
      place.bytesRead,
      place.part,
      place.partByte,
      place.line,
      columns,
      rows,
      recorded,
      faults.length,
      JSON.stringify(faults.slice(0, 100)),
    ]);
    return moved.length > 0;
  },

  /** `fault`: what makes it end as failed, after what was read before; `rows`: how many of them it is about, beside those. False when another container has gone on from `from`. */
  async finish(tx: Transaction, id: string, from: ImportPlace, fault: ImportFault | null, rows = 0): Promise<boolean> {
    const faults = JSON.stringify(fault ? [fault] : []);
    const ended = await tx.query(FINISH, [id, from.bytesRead, fault ? 'failed' : 'done', faults, rows]);
    if (ended.length > 0) await tx.query(DROP_PARTS, [id]);
    return ended.length > 0;
  },
};
