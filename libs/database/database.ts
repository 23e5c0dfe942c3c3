import { type Pool, type PoolClient, type QueryResultRow } from 'pg';
import { type Instant, toInstant } from '@wapas/kernel';
import { uuidArray, uuidHeadArray } from './binary-arrays';
import { socketOf, watchSilence } from './pool';
import { type Statement, statement } from './statement';

/** Seals and opens the values of columns that are encrypted at rest: the keyring of `@wapas/encryption`. */
export interface Seals {
  /** `field` is `table.column`; the same must be given to open it. */
  seal(field: string, plain: string | Buffer): Buffer;
  open(field: string, sealed: Buffer): Buffer;
  openText(field: string, sealed: Buffer): string;
}

/** Anything that can run a statement: the pool, or an open transaction. */
export interface Queryable {
  /** For stores of sealed columns. */
  readonly seals: Seals;
  query<Row extends QueryResultRow>(sql: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

const BUSINESS_NOW = statement('business_now', 'select business_now() as now');

/**
 * Locks taken in ascending order by one statement of their own: whoever needs several of them cannot meet another halfway (D7).
 * Counted, because a row of nothing for every lock had to be sent and read.
 */
const LOCK_KEYS = statement(
  'lock_keys',
  'select count(pg_advisory_xact_lock(lock)) from (select distinct lock from unnest($1::bigint[]) as lock order by lock) as ascending',
);

/** Never waits. Postgres names a lock on a bigint by its two halves. */
const HELD_KEYS = statement(
  'held_keys',
  `select asked.key::text as key, held.pid::text as holder
   from unnest($1::uuid[], $2::bigint[]) as asked (key, lock)
   join (select (classid::bigint << 32) | objid::bigint as lock, pid from pg_locks
         where locktype = 'advisory' and objsubid = 1 and granted and pid <> pg_backend_pid()
           and database = (select oid from pg_database where datname = current_database())) held on held.lock = asked.lock`,
);

/**
 * An open transaction, READ COMMITTED. Make no network call while you hold one. Statements travel at once, behind each other
 * on one connection; only who needs an answer waits for one.
 */
export class Transaction implements Queryable {
  private readonly envelope: Envelope;
  private readonly afterCommit: (() => void)[] = [];
  /** What became of each statement, in the order sent. None of these rejects. */
  private readonly sent: Promise<Error | undefined>[] = [];

  constructor(
    private readonly client: PoolClient,
    readonly seals: Seals,
  ) {
    this.envelope = new Envelope(client);
  }

  async query<Row extends QueryResultRow>(sql: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    this.envelope.open();
    return (await this.send(this.client.query<Row>({ name: sql.name, text: sql.text, values: values as unknown[] }))).rows;
  }

  /** A statement whose answer nobody needs: it goes with whatever comes next, the commit at the latest, and fails the transaction there. */
  write(sql: Statement, values: readonly unknown[] = []): void {
    this.envelope.open();
    this.send(this.client.query({ name: sql.name, text: sql.text, values: values as unknown[] })).catch(() => undefined); // `trouble` tells.
  }

  /** Business time from the database: containers may disagree, rows may not. */
  async businessNow(): Promise<Instant> {
    const [row] = await this.query<{ now: Date }>(BUSINESS_NOW);
    return toInstant((row as { now: Date }).now);
  }

  /**
   * Takes the advisory locks of entities, by their keys (UUIDs), held until the transaction ends. The caller's *next* statement
   * reads and decides; a read before the lock, or REPEATABLE READ, would miss whoever held it (D7). The waiting is done in the
   * database: a statement behind this one runs once the locks are held.
   */
  lockKeys(keys: readonly string[]): void {
    if (keys.length > 0) this.write(LOCK_KEYS, [uuidHeadArray(keys)]);
  }

  /** Runs once the commit has been answered; not at all when the transaction fails. For wake-ups only. */
  onCommit(wake: () => void): void {
    this.afterCommit.push(wake);
  }

  /** For Database only: a statement that opens or closes the transaction. */
  control(text: string): void {
    this.envelope.open();
    this.send(this.client.query(text)).catch(() => undefined); // `trouble` tells.
  }

  /** For Database only: waits for every answer and gives the first error, which is the one that explains the others. */
  async trouble(): Promise<Error | undefined> {
    const answers = await Promise.all(this.sent);
    return answers.find((answer) => answer !== undefined);
  }

  /** For Database only. */
  committed(): void {
    for (const wake of this.afterCommit) wake();
  }

  private send<Result>(answer: Promise<Result>): Promise<Result> {
    this.sent.push(
      answer.then(
        () => undefined,
        (error: Error) => error,
      ),
    );
    return answer;
  }
}

/**
 * Statements sent in one turn leave in one write: each by itself cost a system call here and a wake-up of its backend there,
 * a tenth of the processor time of ingest. node-postgres corks its socket in the same way for the parts of one statement.
 */
class Envelope {
  private isOpen = false;
  /** A driver that keeps it elsewhere only loses the gathering. */
  private readonly socket: { cork(): void; uncork(): void } | undefined;

  constructor(client: PoolClient) {
    this.socket = socketOf(client);
  }

  open(): void {
    const { socket } = this;
    if (this.isOpen || socket === undefined) return;
    this.isOpen = true;
    socket.cork();
    process.nextTick(() => {
      this.isOpen = false;
      socket.uncork();
    });
  }
}

const DEADLOCK = '40P01';
const ATTEMPTS_AFTER_DEADLOCK = 3;

/** The connection pool in the words the stores use. TypeORM shares this pool. */
export class Database implements Queryable {
  constructor(
    readonly pool: Pool,
    readonly seals: Seals,
  ) {
    outliveLostConnections(pool);
  }

  async query<Row extends QueryResultRow>(sql: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>({ name: sql.name, text: sql.text, values: values as unknown[] })).rows;
  }

  /** Those of these keys whose lock somebody else holds at this moment, and a name for who it is. */
  async heldKeys(keys: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.query<{ key: string; holder: string }>(HELD_KEYS, [uuidArray(keys), uuidHeadArray(keys)]);
    return new Map(rows.map(({ key, holder }) => [key, holder]));
  }

  /**
   * Runs `work` in one transaction and commits. A deadlock victim is run again from the start, so `work` must keep
   * its results inside: nothing it does outside the transaction may matter. `setting` is a constant `set local …`.
   */
  async transaction<T>(work: (tx: Transaction) => Promise<T>, setting?: `set local ${string}`): Promise<T> {
    const opening = setting === undefined ? 'begin' : `begin; ${setting}`;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt(work, opening);
      } catch (error) {
        if (sqlState(error) !== DEADLOCK || attempt >= ATTEMPTS_AFTER_DEADLOCK) throw error;
      }
    }
  }

  private async attempt<T>(work: (tx: Transaction) => Promise<T>, opening: string): Promise<T> {
    const client = await this.pool.connect();
    const tx = new Transaction(client, this.seals);
    let broken: Error | undefined;
    try {
      tx.control(opening);
      const result = await work(tx);
      tx.control('commit'); // Of a transaction in which a statement failed it makes a rollback.
      const trouble = await tx.trouble();
      if (trouble !== undefined) throw trouble;
      tx.committed();
      return result;
    } catch (error) {
      // What `work` heard may be an echo: after the first failure every statement is told that the transaction is aborted.
      const first = await tx.trouble();
      await client.query('rollback').catch((rollbackError: Error) => {
        broken = rollbackError; // The connection is gone and its transaction with it; the pool must not hand it out again.
      });
      if (sqlState(first) === READ_ONLY) broken ??= first;
      throw first ?? error;
    } finally {
      client.release(broken);
    }
  }
}

/**
 * The pool itself listens to idle connections only. One that is lost while somebody has it, between two statements or in
 * the moment it is handed out, would end the process; whoever has it hears of the loss from the next statement. One that is lost
 * without a word is found out here.
 */
function outliveLostConnections(pool: Pool): void {
  const known = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => {
    if (known.has(client)) return;
    known.add(client);
    client.on('error', () => undefined);
    watchSilence(client, pool);
  });
}

/** The five-letter SQLSTATE of a database error, or undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  // A digit is in every one of them, and in no code of Node's that happens to have five letters (EPIPE).
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** A standby says so, and a primary that has become one: its name leads elsewhere by now, or it will be one again. */
const READ_ONLY = '25006';
const OUT_OF_REACH = /^(08|53|57P|58|25006)/;

/** True when the database cannot be reached or written to, is shutting down, full or out of resources: trouble that heals without a change of ours. */
export function isOutOfReach(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return OUT_OF_REACH.test(state);
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  return (
    /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/.test(code ?? '') ||
    /connection|timeout exceeded when trying to connect/i.test(message ?? '')
  );
}

const GIVEN_UP = '57014';

/**
 * True when Postgres gave a statement up because it took too long: behind somebody's lock, on a machine that is out of breath, or for what
 * it asks. The next try may find another moment. For what it asks itself it never does, so whoever tries again counts the tries.
 */
export const isTooSlow = (error: unknown): boolean => sqlState(error) === GIVEN_UP;
