import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, isOutOfReach, migrate, openPool, type Seals, statement } from '@wapas/database';
import { type EmbeddedPostgres } from '@wapas/database/embedded';
import { type PoolClient } from 'pg';
import { DataSource, type DataSourceOptions, type MigrationInterface, type QueryRunner } from 'typeorm';
import { databaseOptions, databaseOptionsOfCommands } from '../../src/database-options';
import { Log } from '../../src/log';
import { startPostgres } from '../support/template';

const ANSWERS_NEVER = statement('answers_never', 'select pg_sleep(3600)');
const PING = statement('ping_of_test', 'select 1 as one');

const dataDir = mkdtempSync(join(tmpdir(), 'wapas-silent-'));
let server: EmbeddedPostgres;
beforeAll(async () => {
  server = await startPostgres(dataDir);
});
afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** A database, and the socket of whatever was asked last. */
async function opened(options: DataSourceOptions): Promise<{ source: DataSource; database: Database; socket: () => Socket }> {
  const source = await new DataSource(options).initialize();
  const pool = openPool(source);
  const database = new Database(pool, undefined as unknown as Seals);
  let last: PoolClient | undefined;
  pool.on('acquire', (client) => (last = client));
  return { source, database, socket: () => (last as unknown as { connection: { stream: Socket } }).connection.stream };
}

const app = (): DataSourceOptions => databaseOptions(server.url, 2, new Log('silent'));

it.each<[string, (database: Database) => Promise<unknown>]>([
  ['a statement', (database) => database.query(ANSWERS_NEVER)],
  ['a transaction', (database) => database.transaction((tx) => tx.query(ANSWERS_NEVER))],
])(
  '%s that hears nothing for longer than any may take is told so, and the next one gets another connection',
  async (_what, ask) => {
    const { source, database, socket } = await opened(app());
    await database.query(PING);
    const asked = ask(database).then(
      () => undefined,
      (error: unknown) => error,
    );
    await once(openPool(source), 'acquire');
    // A little more than `statement_timeout`: a server that is alive ends the statement itself.
    expect(socket().timeout).toBe(35_000);
    socket().emit('timeout');
    expect(isOutOfReach(await asked)).toBe(true);
    await expect(database.query(PING)).resolves.toEqual([{ one: 1 }]);
    await source.destroy();
  },
);

it('where statements may take as long as they like, silence says nothing', async () => {
  const { source, database, socket } = await opened(databaseOptionsOfCommands(server.url, new Log('silent')));
  await database.query(PING);
  expect(socket().timeout ?? 0).toBe(0);
  await source.destroy();
});

const silences: number[] = [];
class Long1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const client = (await runner.connect()) as { connection: { stream: Socket } };
    silences.push(client.connection.stream.timeout ?? 0);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}

it('a migration may be silent for hours, and the connection that it had is watched again afterwards', async () => {
  const { source, database, socket } = await opened({ ...app(), migrations: [Long1764000000001] });
  await database.query(PING);
  await migrate(source);
  expect(silences).toEqual([0]);
  await database.query(PING);
  expect(socket().timeout).toBe(35_000);
  await source.destroy();
});
