import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { findEmbeddedPostgres } from '@wapas/database/embedded';
import { migrate } from '@wapas/database';
import { type Instant } from '@wapas/kernel';
import { DataSource } from 'typeorm';
import { databaseOptions } from '../app.module';
import { ConfigError, readDatabaseConfig } from '../config/config';
import { Log } from '../log';
import { openDatabase } from '../open-database';
import { createKeyIn, type WantedKey } from './create-key';
import { SCOPES, type Scope } from './rules/api-key';
import { expiryOf } from './rules/key-expiry';

const USAGE = `Makes an API key and prints it once.

  npm run key -- [--scopes ingest,read] [--name "checkout service"] [--test] [--expires-at 2030-11-01T00:00:00+05:30]

Scopes: ${SCOPES.join(', ')} (default admin). Reads DATABASE_URL or WAPAS_DATA_DIR, and WAPAS_SECRET, as the application does.
Works beside a running application and before its first start.
`;

/** The first key of an installation, and any later one. The key goes to standard output and nowhere else. */
async function main(): Promise<void> {
  const wanted = readArguments(process.argv.slice(2));
  const config = readDatabaseConfig(process.env);
  const log = new Log('error');
  const running = config.database.kind === 'embedded' ? await findEmbeddedPostgres(config.database.dataDir) : undefined;
  const database = running ? { url: running, stop: async () => undefined } : await openDatabase(config, log);
  const dataSource = new DataSource(databaseOptions(database.url, 2, log));
  try {
    await dataSource.initialize();
    await migrate(dataSource);
    const { text } = await createKeyIn(dataSource, config.secret, wanted);
    process.stdout.write(
      process.stdout.isTTY ? `\nAPI key (${wanted.scopes.join(', ')}), shown this once:\n\n${text}\n\n` : `${text}\n`,
    );
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
    await database.stop();
  }
}

function readArguments(args: string[]): WantedKey {
  const { values } = parseArgs({
    args,
    options: {
      name: { type: 'string' },
      scopes: { type: 'string' },
      test: { type: 'boolean' },
      'expires-at': { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const scopes = (values.scopes ?? 'admin').split(',').map((scope) => scope.trim());
  const unknown = scopes.filter((scope) => !(SCOPES as readonly string[]).includes(scope));
  if (values.help || unknown.length > 0) {
    process.stdout.write(USAGE);
    process.exit(unknown.length > 0 ? 2 : 0);
  }
  const ending = values['expires-at'];
  const expiresAt = ending === undefined ? null : expiryOf(ending, Date.now() as Instant);
  if (ending !== undefined && expiresAt === null) {
    process.stderr.write('--expires-at must be a time with a zone that lies ahead, such as 2030-11-01T00:00:00+05:30.\n');
    process.exit(2);
  }
  return { name: values.name ?? 'made by command', scopes: scopes as Scope[], test: values.test ?? false, expiresAt };
}

main().catch((error: unknown) => {
  const known = error instanceof ConfigError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(
    `${known ? (error as Error).message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(known ? 2 : 1);
});
