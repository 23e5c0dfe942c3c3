import 'reflect-metadata';
import { Database, migrate, openPool } from '@wapas/database';
import { findEmbeddedPostgres } from '@wapas/database/embedded';
import { Keyring } from '@wapas/encryption';
import { DataSource } from 'typeorm';
import { databaseOptionsOfCommands } from '../app.module';
import { ConfigError, readRotationConfig } from '../config/config';
import { Log } from '../log';
import { openDatabase } from '../open-database';
import { type Rebuilt, rebuildOutcomes } from './rebuild-outcomes';

/** `npm run rebuild:outcomes`: the reports' tables from what is stored, beside a running application or without one. */
async function main(): Promise<void> {
  const config = readRotationConfig(process.env);
  const log = new Log('error');
  const running = config.database.kind === 'embedded' ? await findEmbeddedPostgres(config.database.dataDir) : undefined;
  const database = running ? { url: running, stop: async () => undefined } : await openDatabase(config, log);
  const dataSource = new DataSource(databaseOptionsOfCommands(database.url, log));
  try {
    await dataSource.initialize();
    await migrate(dataSource);
    const tell = ({ runs }: Rebuilt): void => void (process.stderr.isTTY && process.stderr.write(`\r${runs} runs`));
    const { runs, unreadable } = await rebuildOutcomes(
      new Database(openPool(dataSource), new Keyring(config.encryptionKeys)),
      tell,
    );
    process.stdout.write(`Outcomes of ${runs} runs made again.\n`);
    if (unreadable > 0)
      process.stdout.write(
        `${unreadable} goals count without what they were worth: their events cannot be opened. Is a key of WAPAS_ENCRYPTION_KEYS missing?\n`,
      );
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
    await database.stop();
  }
}

main().catch((error: unknown) => {
  const known = error instanceof ConfigError;
  process.stderr.write(`${known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(known ? 2 : 1);
});
