import { randomBytes } from 'node:crypto';
import { Client, DatabaseError } from 'pg';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '@wapas/database/embedded';

/** Where the application keeps its rows, and how the counter finds them once the application is up. */
export interface DemoDatabase {
  /** Settings for the application. */
  readonly environment: Readonly<Record<string, string>>;
  /** The address, while the application runs. */
  url(): Promise<string>;
  close(): Promise<void>;
}

/**
 * Embedded, in a directory that is thrown away. With a server of the caller's we make a database of our own there, so that
 * the demo neither sees nor changes what is in it. Redis stands for several containers, and those cannot share what one
 * application has embedded: then we run the embedded server ourselves and hand its address on.
 */
export async function openDatabase(
  dataDir: string,
  caller: { databaseUrl?: string | undefined; redisUrl?: string | undefined },
): Promise<DemoDatabase> {
  if (caller.databaseUrl) return ownDatabaseOn(caller.databaseUrl);
  if (!caller.redisUrl) return embeddedInApplication(dataDir);
  const server = await startEmbeddedPostgres({ dataDir });
  return { environment: { DATABASE_URL: server.url }, url: async () => server.url, close: () => server.stop() };
}

function embeddedInApplication(dataDir: string): DemoDatabase {
  const url = async (): Promise<string> => {
    const found = await findEmbeddedPostgres(dataDir);
    if (found === undefined) throw new Error('The embedded database of the application cannot be found.');
    return found;
  };
  return { environment: { WAPAS_DATA_DIR: dataDir }, url, close: async () => undefined };
}

const NOT_PERMITTED = '42501';

async function ownDatabaseOn(server: string): Promise<DemoDatabase> {
  const name = `wapas_demo_${randomBytes(5).toString('hex')}`;
  try {
    await withClient(server, (client) => client.query(`create database ${name}`));
  } catch (error) {
    const isForbidden = error instanceof DatabaseError && error.code === NOT_PERMITTED;
    const advice = isForbidden ? 'Its user needs CREATEDB, or leave DATABASE_URL out' : 'Check it, or leave it out';
    throw new Error(`DATABASE_URL is set, but the demo cannot make a database of its own there. ${advice}.`, { cause: error });
  }
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    environment: { DATABASE_URL: url.href },
    url: async () => url.href,
    close: async () => {
      await withClient(server, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, application_name: 'wapas demo' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
