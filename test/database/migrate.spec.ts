import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@wapas/database';
import { type EmbeddedPostgres } from '@wapas/database/embedded';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { databaseOptions, databaseOptionsOfCommands } from '../../src/database-options';
import { Log } from '../../src/log';
import { startPostgres } from '../support/template';

const limits: string[] = [];
const limitOf = async (
  runner: { query(sql: string): Promise<unknown> },
  limit: 'statement_timeout' | 'lock_timeout' = 'statement_timeout',
): Promise<string> => ((await runner.query(`show ${limit}`)) as Record<string, string>[])[0]?.[limit] ?? '';

class Slow1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    limits.push(await limitOf(runner));
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}

class Altering1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table customer_order add column paid_at timestamptz');
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}

class AlteringPayments1764000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table customer_payment add column paid_at timestamptz');
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

it('a migration that has to wait for a table lets everybody else at that table meanwhile, and goes on when it is free', async () => {
  await source.query('create table customer_order (id int)');
  const dump = source.createQueryRunner();
  await dump.startTransaction();
  await dump.query('select from customer_order');
  const blocked: unknown[] = [];
  const printed = jest.spyOn(console, 'log').mockImplementation();
  const newer = await new DataSource({
    ...databaseOptions(server.url, 1, new Log('silent')),
    migrations: [Altering1764000000002],
  }).initialize();
  const migrated = migrate(newer, (error) => blocked.push(error));
  for (let orders = 0; orders === 0 || blocked.length === 0; orders += 1)
    await source.query('insert into customer_order values (1)');
  await dump.rollbackTransaction();
  await dump.release();
  expect(await migrated).toEqual(['Altering1764000000002']);
  expect(printed).not.toHaveBeenCalled();
  printed.mockRestore();
  expect(await limitOf(newer, 'lock_timeout')).toBe('0');
  await newer.destroy();
});

it('told to stop, a migration that waits for a table is given up, and nobody goes on waiting for it', async () => {
  await source.query('create table customer_payment (id int)');
  const dump = source.createQueryRunner();
  await dump.startTransaction();
  await dump.query('select from customer_payment');
  const told = new AbortController();
  const newer = await new DataSource({
    ...databaseOptions(server.url, 2, new Log('silent')),
    migrations: [AlteringPayments1764000000003],
  }).initialize();
  const migrated = migrate(newer, () => undefined, told.signal).catch(() => 'given up');
  const waiting = (): Promise<unknown[]> => source.query(`select from pg_stat_activity where wait_event_type = 'Lock'`);
  while ((await waiting()).length === 0);
  told.abort();
  expect(await migrated).toBe('given up');
  expect(await waiting()).toEqual([]);
  await newer.destroy();
  await dump.rollbackTransaction();
  await dump.release();
});

it('a command that walks through whole tables is not broken off by that limit either', async () => {
  const own = await new DataSource(databaseOptionsOfCommands(server.url, new Log('silent'))).initialize();
  const limit = await limitOf(own);
  await own.destroy();
  expect(limit).toBe('0');
});
