import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '@wapas/database';
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from '@wapas/database/embedded';
import { DataSource } from 'typeorm';
import { databaseOptions } from '../../src/database-options';
import { Log } from '../../src/log';

/** Postgres for a test: nothing of it outlives the test, so nothing waits for a disk. */
export function startPostgres(dataDir: string, settings: EmbeddedPostgresOptions['settings'] = {}): Promise<EmbeddedPostgres> {
  const hasty = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  return startEmbeddedPostgres({ dataDir, settings: { ...hasty, ...settings } });
}

/**
 * Lays a database of today's schema into an empty directory. Each worker makes one, by the product's own means, for its first
 * file and copies it for every file: making it anew took longer than most files' tests.
 */
export async function layDatabase(dataDir: string): Promise<void> {
  const template = join(process.env.WAPAS_TEST_TEMPLATES as string, `worker-${process.env.JEST_WORKER_ID}`);
  if (!existsSync(template)) {
    await makeTemplate(`${template}-unfinished`);
    renameSync(`${template}-unfinished`, template);
  }
  execFileSync('cp', ['-R', `${template}/.`, dataDir]);
}

async function makeTemplate(dataDir: string): Promise<void> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const postgres = await startPostgres(dataDir);
  try {
    const dataSource = await new DataSource(databaseOptions(postgres.url, 2, new Log('silent'))).initialize();
    await migrate(dataSource);
    await dataSource.destroy();
  } finally {
    await postgres.stop();
  }
}
