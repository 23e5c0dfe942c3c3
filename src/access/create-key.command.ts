import 'reflect-metadata';
import { Database, openPool, type Seals } from '@wapas/database';
import { type Instant } from '@wapas/kernel';
import { databaseOptions } from '../database-options';
import { readOptions, runCommand, UsageError, withStored } from '../command';
import { readDatabaseConfig } from '../config/config';
import { createKey, type WantedKey } from './create-key';
import { SCOPES, type Scope } from './rules/api-key';
import { expiryOf } from './rules/key-expiry';
import { BY_COMMAND } from './rules/operation';

const USAGE = `Makes an API key and prints it once.

  npm run key -- [--scopes ingest,read] [--name "checkout service"] [--test] [--expires-at 2030-11-01T00:00:00+05:30]

Scopes: ${SCOPES.join(', ')} (default admin). Reads DATABASE_URL or WAPAS_DATA_DIR, and WAPAS_SECRET, as the application does.
Works beside a running application and before its first start.
`;

/** The first key of an installation, and any later one. The key goes to standard output and nowhere else. */
async function main(): Promise<void> {
  const wanted = readArguments();
  const config = readDatabaseConfig(process.env);
  await withStored(
    config,
    (url, log) => databaseOptions(url, 2, log),
    async (dataSource) => {
      const database = new Database(openPool(dataSource), NO_SEALS);
      const { text } = await createKey(database, config.secret, wanted, BY_COMMAND);
      process.stdout.write(
        process.stdout.isTTY ? `\nAPI key (${wanted.scopes.join(', ')}), shown this once:\n\n${text}\n\n` : `${text}\n`,
      );
    },
  );
}

const sealsNothing = (): never => {
  throw new Error('Nothing of an API key is sealed.');
};
/** The command is given no encryption keys. */
const NO_SEALS: Seals = { seal: sealsNothing, open: sealsNothing, openText: sealsNothing };

function readArguments(): WantedKey {
  const values = readOptions(USAGE, {
    name: { type: 'string' },
    scopes: { type: 'string' },
    test: { type: 'boolean' },
    'expires-at': { type: 'string' },
  });
  const scopes = (values.scopes ?? 'admin').split(',').map((scope) => scope.trim());
  const unknown = scopes.find((scope) => !(SCOPES as readonly string[]).includes(scope));
  if (unknown !== undefined) throw new UsageError(`There is no scope "${unknown}".\n\n${USAGE}`);
  const ending = values['expires-at'];
  const expiresAt = ending === undefined ? null : expiryOf(ending, Date.now() as Instant);
  if (ending !== undefined && expiresAt === null)
    throw new UsageError('--expires-at must be a time with a zone that lies ahead, such as 2030-11-01T00:00:00+05:30.');
  return { name: values.name ?? 'made by command', scopes: scopes as Scope[], test: values.test ?? false, expiresAt };
}

runCommand(main);
