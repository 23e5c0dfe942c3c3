import { type DataSource } from 'typeorm';

/** Any number, but always the same: whoever holds it migrates, everybody else waits. */
const MIGRATION_LOCK = 7_276_351_902;

/**
 * Brings the schema up to this build, once, however many containers start together: the others wait behind an advisory
 * lock and then find nothing to do. Each migration runs in a transaction of its own.
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const guard = dataSource.createQueryRunner();
  await guard.connect();
  try {
    await guard.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const done = await dataSource.runMigrations({ transaction: 'each' });
    return done.map((migration) => migration.name);
  } finally {
    await guard.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined); // A lost connection has unlocked already.
    await guard.release();
  }
}
