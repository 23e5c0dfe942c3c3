import { Pool, type PoolConfig } from 'pg';
import { type DataSource } from 'typeorm';

/** TypeORM's own pool: everything shares one set of connections. */
export function openPool(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { master: Pool }).master;
}

/** How a pool reaches its database, as values that can be handed to another thread. Holds the password. */
export type PoolSettings = Readonly<Record<string, unknown>>;

export const settingsOf = ({ options }: Pool): PoolSettings => ({ ...options });

/** A pool of a thread's own beside the one whose settings these are: its connections go with the thread. `name`: what Postgres knows them by. */
export const openPoolBeside = (settings: PoolSettings, connections: number, name: string): Pool =>
  new Pool({ ...(settings as PoolConfig), max: connections, application_name: name, idleTimeoutMillis: 0 });
