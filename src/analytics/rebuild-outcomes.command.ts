import 'reflect-metadata';
import { Database, openPool } from '@wapas/database';
import { Keyring } from '@wapas/encryption';
import { databaseOptionsOfCommands } from '../database-options';
import { readOptions, runCommand, withStored } from '../command';
import { readRotationConfig } from '../config/config';
import { type Rebuilt, rebuildOutcomes } from './rebuild-outcomes';

const USAGE = `Makes the tables that reports are read from anew, out of what is stored.

  npm run rebuild:outcomes

Reads DATABASE_URL or WAPAS_DATA_DIR, and WAPAS_ENCRYPTION_KEYS, as the application does. Works beside a running application.
`;

async function main(): Promise<void> {
  readOptions(USAGE, {});
  const config = readRotationConfig(process.env);
  await withStored(config, databaseOptionsOfCommands, async (dataSource) => {
    const tell = ({ runs }: Rebuilt): void => void (process.stderr.isTTY && process.stderr.write(`\r${runs} runs`));
    const database = new Database(openPool(dataSource), new Keyring(config.encryptionKeys));
    const { runs, unreadable } = await rebuildOutcomes(database, tell);
    process.stdout.write(`Outcomes of ${runs} runs made again.\n`);
    if (unreadable > 0)
      process.stdout.write(
        `${unreadable} goals count without what they were worth: their events cannot be opened. Is a key of WAPAS_ENCRYPTION_KEYS missing?\n`,
      );
  });
}

runCommand(main);
