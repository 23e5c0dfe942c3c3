import { type Queryable, statement, type Transaction } from '@wapas/database';
import { fieldOf, type SealedColumn } from '@wapas/encryption';

export interface ImportFault {
  readonly line: number;
  readonly code: string;
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

/** What one batch of lines came to. */
export interface ImportStep {
  readonly bytesRead: number;
  readonly rowsRead: number;
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
/** One that nobody works at, the oldest first: a lease that ran out belongs to a process that died. Stands on consent_import_open. */
const CLAIM = statement(
  'claim_consent_import',
  `update consent_import set state = 'running', lease_until = clock_timestamp() + ${LEASE}
   where id = (select id from consent_import where state in ('waiting', 'running') and (lease_until is null or lease_until < clock_timestamp())
               order by received_at limit 1 for update skip locked)
   returning ${COLUMNS}`,
);
const PART = statement('consent_import_part', `select body from consent_import_part where import_id = $1 and seq = $2`);
const STEP = statement(
  'consent_import_step',
  `update consent_import set bytes_read = $2, rows_read = $3, recorded = recorded + $4, refused = refused + $5, lease_until = clock_timestamp() + ${LEASE},
          faults = case when jsonb_array_length(faults) < 100 then faults || $6::jsonb else faults end
   where id = $1`,
);
const RELEASE = statement(
  'release_consent_import',
  `update consent_import set lease_until = null where id = $1 and state = 'running'`,
);
const FINISH = statement(
  'finish_consent_import',
  `update consent_import set state = $2, bytes_read = case when $2 = 'done' then bytes else bytes_read end, finished_at = business_now(), lease_until = null where id = $1`,
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
  claim: async (db: Queryable) => (await db.query<ConsentImport>(CLAIM))[0] ?? null,
  release: (db: Queryable, id: string) => db.query(RELEASE, [id]),

  /** Null after the last one. */
  async part(db: Queryable, id: string, seq: number): Promise<Buffer | null> {
    const [row] = await db.query<{ body: Buffer }>(PART, [id, seq]);
    return row ? db.seals.open(fieldOf(importColumn), row.body) : null;
  },

  step: (tx: Transaction, id: string, { bytesRead, rowsRead, recorded, faults }: ImportStep) =>
    tx.query(STEP, [id, bytesRead, rowsRead, recorded, faults.length, JSON.stringify(faults.slice(0, 100))]),

  async finish(tx: Transaction, id: string, state: 'done' | 'failed'): Promise<void> {
    await tx.query(FINISH, [id, state]);
    await tx.query(DROP_PARTS, [id]);
  },
};
