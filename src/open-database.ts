import { startEmbeddedPostgres } from '@wapas/database/embedded';
import { type Config } from './config/config';
import { type Log } from './log';

/** The database of the configuration, started when it is the embedded one. */
export interface OpenDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** Throws with a clear message when an embedded database cannot be started. */
export async function openDatabase(config: Pick<Config, 'database'>, log: Log): Promise<OpenDatabase> {
  if (config.database.kind === 'url') return { url: config.database.url, stop: async () => undefined };
  // Dead, or started again: a person should know of both. What the server itself writes is no news of ours.
  const tell = (line: string): void => {
    if (line.startsWith('The embedded database')) log.warn(line);
  };
  const embedded = await startEmbeddedPostgres({ dataDir: config.database.dataDir, startAgain: true, log: tell });
  embedded.onExit((why) => log.trouble('embedded Postgres ended', new Error(why)));
  return { url: embedded.url, stop: () => embedded.stop() };
}
