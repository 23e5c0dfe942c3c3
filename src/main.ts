import { toldToStop } from './told-to-stop';
import 'reflect-metadata';
import { AT_FIRST_START, Authenticate } from './access/access.api';
import { providerDefinitions } from './app.module';
import { type Config, ConfigError, readConfig } from './config/config';
import { createApp } from './create-app';
import { Log } from './log';
import { openDatabase } from './open-database';
import { inOperatorsWords } from './why-not-started';

/** Starts Wapas from the environment and serves until it is told to stop, at whatever point of its start that may be. */
async function main(): Promise<void> {
  toldToStop.throwIfAborted();
  const config = readConfig(process.env, providerDefinitions);
  const log = new Log(config.logLevel);
  for (const line of config.unknownSettings) log.warn(line);
  toldToStop.addEventListener('abort', () => log.info('draining', { why: String(toldToStop.reason) }));
  const database = await openDatabase(config, log);
  try {
    toldToStop.throwIfAborted();
    await serve(config, database.url, log);
  } finally {
    await database.stop();
  }
}

async function serve(config: Config, databaseUrl: string, log: Log): Promise<void> {
  const app = await createApp(config, databaseUrl, log, toldToStop);
  try {
    await offerFirstKey(app.get(Authenticate));
    await app.listen(config.port, config.host);
    log.info('listening', { address: await app.getUrl(), mode: config.mode });
    await untilToldToStop();
  } finally {
    await app.close();
  }
}

/** A first start at a terminal shows an admin key once. It goes to the terminal and nowhere else: a log keeps things. */
async function offerFirstKey(authenticate: Authenticate): Promise<void> {
  if (!process.stdout.isTTY || !(await authenticate.hasNoKeys())) return;
  const { text } = await authenticate.createKey(
    { name: 'first admin key', scopes: ['admin'], test: false, expiresAt: null },
    AT_FIRST_START,
  );
  process.stdout.write(`\nAdmin API key, shown this once: ${text}\n\n`);
}

async function untilToldToStop(): Promise<void> {
  if (toldToStop.aborted) return;
  await new Promise((resolve) => toldToStop.addEventListener('abort', resolve));
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (error === toldToStop.reason) process.exit(0);
    const told = inOperatorsWords(error);
    process.stderr.write(
      `${told instanceof ConfigError ? told.message : String(told instanceof Error ? (told.stack ?? told.message) : told)}\n`,
    );
    process.exit(1);
  },
);
