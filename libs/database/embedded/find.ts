import { existsSync, realpathSync } from 'node:fs';
import { clusterDirectory, SUPERUSER } from './cluster';
import { DATABASE, urlOf } from './connection';
import { readPidFile } from './other-servers';
import { connect, hasOwner } from './ownership';

/**
 * The address of the server that another process is running on this directory; undefined when none is, or it is stopping.
 * For commands that want to look in beside the application: they own nothing and stop nothing.
 */
export async function findEmbeddedPostgres(dataDir: string): Promise<string | undefined> {
  if (!existsSync(dataDir)) return undefined;
  const running = await readPidFile(clusterDirectory(realpathSync(dataDir)));
  if (!running || running.isStopping || running.socketDirectory === '') return undefined;
  const address = { host: running.socketDirectory, port: running.port };
  const client = await connect(address, 'wapas visitor').catch(() => undefined);
  if (!client) return undefined; // The file is a leftover: nobody listens there.
  const isOwned = await hasOwner(client).finally(() => client.end());
  return isOwned ? urlOf({ ...address, user: SUPERUSER, database: DATABASE }) : undefined;
}
