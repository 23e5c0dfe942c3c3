import 'reflect-metadata';
import { Authenticate } from './access/access.api';
import { providerDefinitions } from './app.module';
import { ConfigError, readConfig } from './config/config';
import { createApp } from './create-app';
import { Log } from './log';
import { openDatabase } from './open-database';

/** Starts Wapas from the environment and serves until it is told to stop. */
async function main(): Promise<void> {
  const config = readConfig(process.env, providerDefinitions);
  const log = new Log(config.logLevel);
  const database = await openDatabase(config, log);
  const app = await createApp(config, database.url, log).catch(async (error: unknown) => {
    await database.stop();
    throw error;
  });
  await offerFirstKey(app.get(Authenticate));
  await app.listen(config.port, config.host);
  log.info('listening', { address: await app.getUrl(), mode: config.mode });
  stopOnSignals(log, async () => {
    await app.close();
    await database.stop();
  });
}

/** A first start at a terminal shows an admin key once. It goes to the terminal and nowhere else: a log keeps things. */
async function offerFirstKey(authenticate: Authenticate): Promise<void> {
  if (!process.stdout.isTTY || !(await authenticate.hasNoKeys())) return;
  const { text } = await authenticate.createKey('first admin key', ['admin'], false);
  process.stdout.write(`\nAdmin API key, shown this once: ${text}\n\n`);
}

const DRAIN_WITHIN_MS = 20_000;

function stopOnSignals(log: Log, stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      log.info('draining', { signal });
      setTimeout(() => process.exit(1), DRAIN_WITHIN_MS).unref();
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.trouble('stopping failed', error);
          process.exit(1);
        },
      );
    });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : String(error instanceof Error ? (error.stack ?? error.message) : error)}\n`,
  );
  process.exit(1);
});
