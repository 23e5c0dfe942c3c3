import { setTimeout as rest } from 'node:timers/promises';
import { type PoolClient } from 'pg';
import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { sqlState } from './database';
import { allowSilence } from './pool';

/** Any number, but always the same: whoever holds it migrates, everybody else waits. */
const MIGRATION_LOCK = 7_276_351_902;
/** Whoever comes to a table behind a migration that waits for it waits as well: so long, and then they are let through. */
const WAITS_FOR_TABLES = '2s';
const REST_BETWEEN_TRIES_MS = 1_000;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Brings the schema up to this build, once, however many containers start together: the others wait behind an advisory
 * lock and then find nothing to do. Each migration runs in a transaction of its own. An index on a table that has grown for years
 * takes minutes, and so long the others wait: the limit that statements of the application have does not hold here.
 *
 * A table that somebody reads for hours (a dump, a report by hand) cannot be altered so long, and a migration that simply waited for it
 * would keep the version that is still running from that table. It gives way, and tries again until the table is free; `onBlocked`
 * hears of every try that was in vain.
 *
 * Rejects soon after `toldToStop` is aborted, whatever it waits for; the migration at work is rolled back.
 */
export async function migrate(
  dataSource: DataSource,
  onBlocked: (error: unknown) => void = () => undefined,
  toldToStop?: AbortSignal,
): Promise<string[]> {
  toldToStop?.throwIfAborted();
  const runner = dataSource.createQueryRunner();
  const watchAgain = allowSilence((await runner.connect()) as PoolClient);
  const forget = await callOffWhen(toldToStop, dataSource, runner);
  try {
    await runner.query('set statement_timeout = 0');
    await runner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await runner.query(`set lock_timeout = '${WAITS_FOR_TABLES}'`);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'each';
    const pending = await executor.getPendingMigrations();
    while (!(await wereExecuted(executor, onBlocked))) await rest(REST_BETWEEN_TRIES_MS, undefined, { signal: toldToStop });
    return pending.map(({ name }) => name);
  } finally {
    forget();
    // A lost connection has unlocked already, and comes back to nobody.
    await runner.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.query('reset statement_timeout').catch(() => undefined);
    await runner.query('reset lock_timeout').catch(() => undefined);
    watchAgain();
    await runner.release();
  }
}

/**
 * Ends the session: a server does not notice that a client is gone while it works or waits, and would hold its locks so long. Gives
 * what forgets about it.
 */
async function callOffWhen(told: AbortSignal | undefined, dataSource: DataSource, runner: QueryRunner): Promise<() => void> {
  if (told === undefined) return () => undefined;
  const [session] = (await runner.query('select pg_backend_pid() as pid')) as unknown as [{ pid: number }];
  const end = (): void => void dataSource.query('select pg_terminate_backend($1)', [session.pid]).catch(() => undefined); // Gone already.
  if (told.aborted) end();
  told.addEventListener('abort', end, { once: true });
  return () => told.removeEventListener('abort', end);
}

/** False: one of them could not have a table. Those before it are done. */
async function wereExecuted(executor: MigrationExecutor, onBlocked: (error: unknown) => void): Promise<boolean> {
  try {
    await executor.executePendingMigrations();
    return true;
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    onBlocked(error);
    return false;
  }
}
