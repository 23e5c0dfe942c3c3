import { minutes } from '@wapas/kernel';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@wapas/database/embedded';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { AppProcess } from '../support/app-process';
import { customer, failPayment, introduce } from '../support/stories';
import { freePort, until, World } from '../support/world';

const STARTER_JOURNEYS = readdirSync(join(__dirname, '../../src/journeys/starter')).filter((file) => file.endsWith('.yaml'));

describe('several containers', () => {
  let world: World;
  const others: AppProcess[] = [];
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(async () => {
    await Promise.all(others.map((other) => other.kill()));
    await world?.stop();
  });

  test('three that start together on an empty database migrate it once', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'wapas-boot-'));
    const postgres: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } });
    const ports = [await freePort(), await freePort(), await freePort()];
    const started = await Promise.all(
      ports.map((port) => AppProcess.start({ ...world.env, DATABASE_URL: postgres.url, PORT: String(port) })),
    );
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    const { rows } = await client.query<{ name: string; count: number }>(
      'select name, count(*)::int as count from schema_migration group by name having count(*) > 1',
    );
    const versions = await client.query<{ count: number }>('select count(*)::int as count from journey_version');
    await client.end();
    const codes = await Promise.all(started.map((app) => app.stop()));
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
    expect(rows).toEqual([]);
    expect(versions.rows).toEqual([{ count: STARTER_JOURNEYS.length }]);
    expect(codes).toEqual([0, 0, 0]);
  });

  test('two that share the work send every message once', async () => {
    const everybody = Array.from({ length: 300 }, (_, index) => customer(index + 1));
    await introduce(world, everybody);
    others.push(
      await AppProcess.start({ ...world.env, PORT: String(await freePort()), WAPAS_CLOCK_START: '', WAPAS_CLOCK_RATE: '' }),
    );
    for (let start = 0; start < everybody.length; start += 50)
      await Promise.all(everybody.slice(start, start + 50).map((one) => failPayment(world, one)));
    await world.settled();
    await world.moveTo(minutes(1));
    const [treated] = await world.sql<{ count: number }>(`select count(*)::int as count from run where arm = 'treated'`);
    await until(() => world.sandbox.ledger.entries().length >= (treated?.count ?? 0), 'every push to arrive');
    await world.settled();
    const references = world.sandbox.ledger.entries().map((entry) => entry.messageId);
    expect(references.length).toBe(treated?.count);
    expect(new Set(references).size).toBe(references.length);
  });
});
