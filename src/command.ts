import { parseArgs, type ParseArgsConfig } from 'node:util';
import { migrate } from '@wapas/database';
import { findEmbeddedPostgres } from '@wapas/database/embedded';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { type Config, ConfigError } from './config/config';
import { Log } from './log';
import { type OpenDatabase, openDatabase } from './open-database';
import { inOperatorsWords } from './why-not-started';

/** A command was asked for something there is not. The message says what there is. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<T extends Options> = ReturnType<typeof parseArgs<{ options: T }>>['values'];

/**
 * The options of this process's command line. `--help` prints `usage` and ends the process; a word that is no option throws, since another
 * thing than was asked for must not be done.
 */
export function readOptions<const T extends Options>(usage: string, options: T): Values<T> {
  const values = parsed(usage, options);
  if (!values.help) return values as Values<T>;
  process.stdout.write(usage);
  process.exit(0);
}

function parsed(usage: string, options: Options): Record<string, unknown> {
  try {
    return parseArgs({ options: { ...options, help: { type: 'boolean' } } }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`);
  }
}

/** Ends with 2 and the reason alone when the caller can mend it, with 1 and the stack when it is a bug or broken machinery. */
export function runCommand(command: () => void | Promise<void>): void {
  Promise.resolve()
    .then(command)
    .catch((thrown: unknown) => {
      const error = inOperatorsWords(thrown);
      const isMendable = error instanceof ConfigError || error instanceof UsageError;
      const text =
        error instanceof Error && !isMendable ? (error.stack ?? error.message) : String((error as Error).message ?? error);
      process.stderr.write(`${text.trimEnd()}\n`);
      process.exit(isMendable ? 2 : 1);
    });
}

/** Lends what is stored, its schema up to date, beside a running application or without one; closes everything afterwards. */
export async function withStored(
  config: Pick<Config, 'database'>,
  optionsOf: (url: string, log: Log) => DataSourceOptions,
  work: (dataSource: DataSource) => Promise<void>,
): Promise<void> {
  const log = new Log('error');
  const database = await runningOrOpened(config, log);
  const dataSource = new DataSource(optionsOf(database.url, log));
  try {
    await dataSource.initialize();
    await migrate(dataSource);
    await work(dataSource);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
    await database.stop();
  }
}

async function runningOrOpened(config: Pick<Config, 'database'>, log: Log): Promise<OpenDatabase> {
  const running = config.database.kind === 'embedded' ? await findEmbeddedPostgres(config.database.dataDir) : undefined;
  return running ? { url: running, stop: async () => undefined } : openDatabase(config, log);
}
