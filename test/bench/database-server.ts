import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@wapas/database/embedded';
import { Client } from 'pg';
import { type Started } from './children';

/** One durable server for everything that is compared, with a database for each. */
export class DatabaseServer {
  private constructor(
    readonly connection: EmbeddedPostgres['connection'],
    private readonly url: string,
    readonly version: string,
  ) {}

  static async start(started: Started, settings?: Readonly<Record<string, string>>): Promise<DatabaseServer> {
    const dataDir = mkdtempSync(join(tmpdir(), 'wapas-bench-'));
    started.toStop(async () => rmSync(dataDir, { recursive: true, force: true }));
    const postgres = await startEmbeddedPostgres({ dataDir, settings });
    started.toStop(() => postgres.stop());
    const [row] = await query<{ version: string; durable: boolean }>(
      postgres.url,
      `select current_setting('server_version') as version, current_setting('fsync') = 'on' and current_setting('synchronous_commit') = 'on' as durable`,
    );
    if (!row?.durable) throw new Error('The server does not wait for its disk: what it says about commits would mean nothing.');
    return new DatabaseServer(postgres.connection, postgres.url, row.version);
  }

  /** Makes a database and gives its address. */
  async create(name: string): Promise<string> {
    await query(this.url, `create database ${name}`);
    return `${this.url.slice(0, this.url.lastIndexOf('/'))}/${name}`;
  }
}

/** Runs one statement on a connection of its own. */
export async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  return withClient(url, async (client) => (await client.query(text)).rows as Row[]);
}

export async function withClient<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
