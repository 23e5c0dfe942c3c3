import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { minutes } from '@wapas/kernel';
import { providerDefinitions } from '../../src/app.module';
import { readConfig } from '../../src/config/config';
import { createApp } from '../../src/create-app';
import { Log } from '../../src/log';
import { customer, failPayment, introduce, treatEverybody } from '../support/stories';
import { freePort, START, until, World } from '../support/world';

const MAIN = join(__dirname, '../../dist/src/main.js');
/** Sooner than the limit of an end. A machine in use reads the modules for seconds, and hears of nothing meanwhile. */
const SOON_MS = 15_000;

let world: World;
const began: ChildProcess[] = [];
beforeAll(async () => {
  world = await World.start();
  await treatEverybody(world);
});
afterAll(async () => {
  for (const child of began) child.kill('SIGKILL');
  await world?.stop();
});

it('says that it is draining at once and begins nothing new, whatever is still at work', async () => {
  await introduce(world, [customer(1)]);
  await failPayment(world, customer(1));
  await world.settled();
  await world.pause();
  await world.pauseImports();
  const port = await freePort();
  const env = { ...world.env, PORT: String(port), WAPAS_CLOCK_START: '', WAPAS_CLOCK_RATE: '' };
  const app = await createApp(readConfig(env, providerDefinitions), world.databaseUrl, new Log('silent'));
  await app.listen(port, '127.0.0.1');
  const holder = await hold('lock table consent_import in access exclusive mode');
  await until(() => isWaited('relation'), 'a loop to be at work');
  const closed = app.close();
  try {
    const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, expect.objectContaining({ status: 'draining' })]);
    await world.clock.startAt((START + minutes(1)) as typeof START, 0);
    await delay(500);
    expect(await world.sql('select from run where due_at <= business_now()')).toHaveLength(1);
  } finally {
    await holder.end();
    await closed;
    world.resume();
    world.resumeImports();
  }
});

it('ends well when it is told to before it serves: while it waits to migrate', async () => {
  const holder = await hold('select pg_advisory_lock(7276351902)');
  const child = begin({ ...world.env, PORT: String(await freePort()) });
  await until(() => isWaited('advisory'), 'it to wait for its turn');
  expect(await endOf(child)).toEqual({ code: 0, soon: true });
  expect(await isWaited('advisory')).toBe(false);
  await holder.end();
});

it('ends well when it is told to before it serves: while its own database starts, which is stopped as it should be', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'wapas-stopping-'));
  const child = begin({ ...world.env, DATABASE_URL: '', WAPAS_DATA_DIR: dataDir, PORT: String(await freePort()) });
  await until(() => existsSync(join(dataDir, 'pgdata/postmaster.pid')), 'its database to start');
  expect(await endOf(child)).toEqual({ code: 0, soon: true });
  expect(existsSync(join(dataDir, 'pgdata/postmaster.pid'))).toBe(false);
  rmSync(dataDir, { recursive: true, force: true });
});

it('ends well when it is told to before it serves: while there is no database to be reached', async () => {
  const child = begin({ ...world.env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', PORT: String(await freePort()) });
  await delay(2_500); // It tries five times, a second apart; nothing tells from outside where it is.
  expect(await endOf(child)).toEqual({ code: 0, soon: true });
});

it('says in a sentence, and without a stack, why it cannot begin to serve: its port is taken', async () => {
  const { port } = new URL(world.url);
  const child = begin({ ...world.env, PORT: port, WAPAS_CLOCK_START: '', WAPAS_CLOCK_RATE: '' }, 'pipe');
  const [said] = await Promise.all([text(child.stderr as Readable), once(child, 'exit')]);
  expect({ code: child.exitCode, last: said.trimEnd().split('\n').slice(-2) }).toEqual({
    code: 1,
    last: ['Wapas cannot start:', expect.stringContaining(`PORT ${port} is taken by another program`)],
  });
});

function begin(env: Readonly<Record<string, string>>, stderr: 'ignore' | 'pipe' = 'ignore'): ChildProcess {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', stderr],
  });
  began.push(child);
  return child;
}

async function endOf(child: ChildProcess): Promise<{ code: number | null; soon: boolean }> {
  const at = performance.now();
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  return { code: await gone, soon: performance.now() - at < SOON_MS };
}

async function hold(what: string): Promise<Client> {
  const client = new Client({ connectionString: world.databaseUrl });
  await client.connect();
  await client.query('begin');
  await client.query(what);
  return client;
}

const isWaited = async (event: 'relation' | 'advisory'): Promise<boolean> =>
  (await world.sql(`select from pg_stat_activity where wait_event_type = 'Lock' and wait_event = $1`, [event])).length > 0;
