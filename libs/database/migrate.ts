import { type PoolClient } from 'pg';
import { type DataSource, MigrationExecutor } from 'typeorm';
import { allowSilence } from './pool';

/** Any number, but always the same: whoever holds it migrates, everybody else waits. */
const MIGRATION_LOCK = 7_276_351_902;

/**
 * Brings the schema up to this build, once, however many containers start together: the others wait behind an advisory
 * lock and then find nothing to do. Each migration runs in a transaction of its own. An index on a table that has grown for years
 * takes minutes, and so long the others wait: the limit that statements of the application have does not hold here.
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  const watchAgain = allowSilence((await runner.connect()) as PoolClient);
  try {
    await runner.query('set statement_timeout = 0');
    await runner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'each';
    const done = await executor.executePendingMigrations();
    return done.map((migration) => migration.name);
  } finally {
    // A lost connection has unlocked already, and comes back to nobody.
    await runner.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.query('reset statement_timeout').catch(() => undefined);
    watchAgain();
    await runner.release();
  }
}
