import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@wapas/database';
import { type EmbeddedPostgres } from '@wapas/database/embedded';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { databaseOptions, databaseOptionsOfCommands } from '../../src/app.module';
import { Log } from '../../src/log';
import { startPostgres } from '../support/template';

const limits: string[] = [];
const limitOf = async (runner: { query(sql: string): Promise<unknown> }): Promise<string> =>
  ((await runner.query('show statement_timeout')) as { statement_timeout: string }[])[0]?.statement_timeout ?? '';

class Slow1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    limits.push(await limitOf(runner));
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}

const dataDir = mkdtempSync(join(tmpdir(), 'wapas-migrate-'));
let server: EmbeddedPostgres;
let source: DataSource;
beforeAll(async () => {
  server = await startPostgres(dataDir);
  source = new DataSource({ ...databaseOptions(server.url, 2, new Log('silent')), migrations: [Slow1764000000001] });
  await source.initialize();
});
afterAll(async () => {
  await source?.destroy();
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

it('a migration of a table that has grown for years is not broken off by the limit that statements have, which holds again after it', async () => {
  expect(await migrate(source)).toEqual(['Slow1764000000001']);
  expect(limits).toEqual(['0']);
  expect(await limitOf(source)).toBe('30s');
  expect(await migrate(source)).toEqual([]);
});

it('a command that walks through whole tables is not broken off by that limit either', async () => {
  const own = await new DataSource(databaseOptionsOfCommands(server.url, new Log('silent'))).initialize();
  const limit = await limitOf(own);
  await own.destroy();
  expect(limit).toBe('0');
});
