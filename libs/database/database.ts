import { type Pool, type PoolClient, type QueryResultRow } from 'pg';
import { type Instant, toInstant } from '@wapas/kernel';
import { type Statement, statement } from './statement';

/** Anything that can run a statement: the pool, or an open transaction. */
export interface Queryable {
  query<Row extends QueryResultRow>(sql: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

const BUSINESS_NOW = statement('business_now', 'select business_now() as now');

/**
 * Locks taken in ascending order by one statement of their own: whoever needs several of them cannot meet another halfway (D7).
 * Counted, because a row of nothing for every lock had to be sent and read.
 */
const LOCK_KEYS = statement('lock_keys', 'select count(pg_advisory_xact_lock(key)) from unnest($1::bigint[]) as key');

/** Tries the locks and lets go of them with the statement: it never waits. */
const HELD_KEYS = statement(
  'held_keys',
  'select key::text as key from unnest($1::bigint[]) as key where not pg_try_advisory_xact_lock(key)',
);

/** An open transaction, READ COMMITTED. Make no network call while you hold one. */
export class Transaction implements Queryable {
  private readonly afterCommit: (() => void)[] = [];

  constructor(private readonly client: PoolClient) {}

  async query<Row extends QueryResultRow>(sql: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>({ name: sql.name, text: sql.text, values: values as unknown[] })).rows;
  }

  /** Business time from the database: containers may disagree, rows may not. */
  async businessNow(): Promise<Instant> {
    const [row] = await this.query<{ now: Date }>(BUSINESS_NOW);
    return toInstant((row as { now: Date }).now);
  }

  /**
   * Waits for advisory locks, held until the transaction ends. Sorts them itself. The caller's *next* statement reads
   * and decides; a read before the lock, or REPEATABLE READ, would miss whoever held it (D7).
   */
  async lockKeys(keys: Iterable<bigint>): Promise<void> {
    const ascending = inOrder(keys);
    if (ascending.length > 0) await this.query(LOCK_KEYS, [ascending.map(String)]);
  }

  /** Runs once the commit has been answered; not at all when the transaction fails. For wake-ups only. */
  onCommit(wake: () => void): void {
    this.afterCommit.push(wake);
  }

  /** For Database only. */
  committed(): void {
    for (const wake of this.afterCommit) wake();
  }
}

const DEADLOCK = '40P01';
const ATTEMPTS_AFTER_DEADLOCK = 3;

/** The connection pool in the words the stores use. TypeORM shares this pool. */
export class Database implements Queryable {
  constructor(readonly pool: Pool) {
    outliveLostConnections(pool);
  }

  async query<Row extends QueryResultRow>(sql: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>({ name: sql.name, text: sql.text, values: values as unknown[] })).rows;
  }

  /** Which of these locks somebody else holds at this moment. */
  async heldKeys(keys: Iterable<bigint>): Promise<Set<bigint>> {
    const rows = await this.query<{ key: string }>(HELD_KEYS, [[...new Set(keys)].map(String)]);
    return new Set(rows.map(({ key }) => BigInt(key)));
  }

  /**
   * Runs `work` in one transaction and commits. A deadlock victim is run again from the start, so `work` must keep
   * its results inside: nothing it does outside the transaction may matter. `setting` is a constant `set local …`
   * that travels with `begin`; so do the locks of `keys`, where they are known beforehand (see `lockKeys`).
   */
  async transaction<T>(
    work: (tx: Transaction) => Promise<T>,
    setting?: `set local ${string}`,
    keys: Iterable<bigint> = [],
  ): Promise<T> {
    const opening = openingOf(setting, inOrder(keys));
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
    const tx = new Transaction(client);
    let broken: Error | undefined;
    try {
      await client.query(opening);
      const result = await work(tx);
      await client.query('commit');
      tx.committed();
      return result;
    } catch (error) {
      await client.query('rollback').catch((rollbackError: Error) => {
        broken = rollbackError; // The connection is gone and its transaction with it; the pool must not hand it out again.
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

const inOrder = (keys: Iterable<bigint>): bigint[] => [...new Set(keys)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/** Several statements in one message: each has a snapshot of its own, so what follows the locks sees what their holders wrote. */
function openingOf(setting: string | undefined, ascending: readonly bigint[]): string {
  const locks = `select count(pg_advisory_xact_lock(key)) from unnest('{${ascending.join(',')}}'::bigint[]) as key`;
  return ['begin', ...(setting ? [setting] : []), ...(ascending.length > 0 ? [locks] : [])].join('; ');
}

/**
 * The pool itself listens to idle connections only. One that is lost while somebody has it, between two statements or in
 * the moment it is handed out, would end the process; whoever has it hears of the loss from the next statement.
 */
function outliveLostConnections(pool: Pool): void {
  const known = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => {
    if (known.has(client)) return;
    known.add(client);
    client.on('error', () => undefined);
  });
}

/** The five-letter SQLSTATE of a database error, or undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  // A digit is in every one of them, and in no code of Node's that happens to have five letters (EPIPE).
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

const OUT_OF_REACH = /^(08|53|57P|58)/;

/** True when the database cannot be reached, is shutting down, full or out of resources: trouble that heals without a change of ours. */
export function isOutOfReach(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return OUT_OF_REACH.test(state);
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  return (
    /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOST)/.test(code ?? '') ||
    /connection|timeout exceeded when trying to connect/i.test(message ?? '')
  );
}
