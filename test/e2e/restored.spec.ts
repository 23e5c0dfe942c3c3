import { type Instant, minutes } from '@wapas/kernel';
import { Authenticate } from '../../src/access/access.api';
import { providerDefinitions } from '../../src/app.module';
import { NoticeRestores } from '../../src/channels/notice-restores';
import { readConfig } from '../../src/config/config';
import { createApp } from '../../src/create-app';
import { Log } from '../../src/log';
import { printFigure } from '../support/figures';
import { paymentFailed } from '../support/journeys';
import { customer, failPayment, introduce, received } from '../support/stories';
import { freePort, START, until, World } from '../support/world';

type App = Awaited<ReturnType<typeof createApp>>;

let world: World;
beforeAll(async () => (world = await World.start()));
afterAll(() => world?.stop());

/** What a start on this database of the world's Postgres says of sending, so many minutes after the story began. */
async function startAt(minute: number, database: string, then?: (app: App, url: string) => Promise<void>): Promise<string[]> {
  const port = await freePort();
  const env = { ...world.env, PORT: String(port), WAPAS_CLOCK_START: new Date(START + minutes(minute)).toISOString() };
  const databaseUrl = new URL(world.databaseUrl);
  databaseUrl.pathname = database;
  const app = await createApp(readConfig(env, providerDefinitions), databaseUrl.href, new Log('silent'));
  const url = `http://127.0.0.1:${port}`;
  try {
    await app.listen(port, '127.0.0.1');
    await then?.(app, url);
    const health = (await (await fetch(`${url}/health/ready`)).json()) as { attention: string[] };
    return health.attention.filter((line) => line.startsWith('all sending is stopped'));
  } finally {
    await app.close();
  }
}

/** A database as the dump of another makes it. */
const copy = (from: string, to: string) => world.sql(`create database ${to} template ${from}`);

/** Reads why sending was stopped, and lets it go on. */
async function letGo(app: App, url: string): Promise<void> {
  const key = await app
    .get(Authenticate)
    .createKey({ name: 'operator', scopes: ['admin'], test: false, expiresAt: null }, 'test');
  const headers = { authorization: `Bearer ${key.text}` };
  const audit = (await (await fetch(`${url}/v1/operations/audit`, { headers })).json()) as { entries: { act: string }[] };
  expect(audit.entries.filter(({ act }) => act === 'sending_stopped')).toMatchObject([
    { actor: 'restored', reason: expect.stringMatching(/last in use at 2026-11-23T05:(30|19):00\.000Z/) as string },
  ]);
  expect((await fetch(`${url}/v1/operations/stop`, { method: 'DELETE', headers })).status).toBe(204);
}

test('a database that was restored from a backup starts with all sending stopped, until a person lets it go on', async () => {
  await copy('template0', 'home');
  expect(await startAt(0, 'home')).toEqual([]);
  await copy('home', 'backup');
  await copy('home', 'moved');
  expect(await startAt(11, 'backup')).toEqual([expect.stringContaining('since 2026-11-23T05:41:00.000Z')]);
  expect(await startAt(12, 'backup')).toHaveLength(1);
  expect(await startAt(13, 'backup', letGo)).toEqual([]);
  expect(await startAt(60, 'backup')).toEqual([]);
  // Moved with a short pause, it has lost nothing; nor has one that stood still for hours.
  expect(await startAt(9, 'moved')).toEqual([]);
  expect(await startAt(180, 'home')).toEqual([]);
});

test('a database that is restored under a running container sends nothing, until a person lets it go on', async () => {
  await world.publish(paymentFailed());
  const someone = customer(1);
  await introduce(world, [someone]);
  expect(await world.sql('select from send_stop')).toEqual([]);
  await world.sql(`update database_home set identity = 'another', seen_at = seen_at - interval '11 minutes'`);
  await world.app.get(NoticeRestores).look();
  await failPayment(world, someone, 0);
  await world.settled();
  await world.clock.startAt((START + minutes(1)) as Instant, 0);
  const due = () => world.sql('select from run where ended_at is null and due_at <= business_now()');
  await until(async () => (await due()).length === 1, 'its first step to be due');
  expect(await world.sql('select scope, actor from send_stop')).toEqual([{ scope: 'all', actor: 'restored' }]);
  const { length: sent } = received(world, someone);
  printFigure('P7 a database restored from a backup', {
    waiting: (await due()).length,
    'sent before a person let it go on': sent,
  });
  expect(sent).toBe(0);
  await letGo(world.app, world.url);
  await world.settled();
  expect(received(world, someone)).toEqual(['push']);
});
