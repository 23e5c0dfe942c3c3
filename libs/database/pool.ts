import { type Socket } from 'node:net';
import { Pool, type PoolClient, type PoolConfig } from 'pg';
import { type DataSource } from 'typeorm';

/** TypeORM's own pool: everything shares one set of connections. */
export function openPool(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { master: Pool }).master;
}

/** How a pool reaches its database, as values that can be handed to another thread. Holds the password. */
export type PoolSettings = Readonly<Record<string, unknown>>;

export const settingsOf = ({ options }: Pool): PoolSettings => ({ ...options });

/** Sooner than the silence of a connection that nobody uses could be taken for its loss. */
const IDLE_FOR_MS = 10_000;

/** A pool of a thread's own beside the one whose settings these are: its connections go with the thread. `name`: what Postgres knows them by. */
export const openPoolBeside = (settings: PoolSettings, connections: number, name: string): Pool =>
  new Pool({ ...(settings as PoolConfig), max: connections, application_name: name, idleTimeoutMillis: IDLE_FOR_MS });

/** The server ends a statement itself at its limit, and says so: one that is silent for longer is not there any more. */
const BEYOND_STATEMENT_MS = 5_000;

/**
 * Gives up a connection that has been silent for longer than any statement may take. A server that vanished without a word (a failover,
 * a network that lets nothing through) leaves connections that look whole: the kernel repeats what was sent for a quarter of an hour,
 * and every connection of the pool would wait for that long. Where statements have no limit, silence says nothing.
 */
export function watchSilence(client: PoolClient, pool: Pool): void {
  const limit = Number((pool as { options?: PoolConfig }).options?.statement_timeout ?? 0);
  const socket = socketOf(client);
  if (limit > 0)
    socket?.setTimeout(limit + BEYOND_STATEMENT_MS, () => socket.destroy(new Error('The database connection is silent.')));
}

/** For work that lifts the limit of statements. Gives what watches again. */
export function allowSilence(client: PoolClient): () => void {
  const socket = socketOf(client);
  const watched = socket?.timeout ?? 0;
  socket?.setTimeout(0);
  return () => void socket?.setTimeout(watched);
}

/** Undefined: this client keeps it elsewhere, or has none. */
export const socketOf = (client: PoolClient): Socket | undefined =>
  (client as unknown as { connection?: { stream?: Socket } }).connection?.stream;
