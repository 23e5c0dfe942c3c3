import { Client } from 'pg';
import { until, World } from '../support/world';

const ASKING = 12;
let world: World;
let reader: string;
let ingest: string;
let other: Client;
beforeAll(async () => {
  world = await World.start({ env: { WAPAS_DATABASE_CONNECTIONS: '8' } });
  reader = await world.key(['read']);
  ingest = await world.key(['ingest']);
  other = new Client({ connectionString: world.databaseUrl });
  await other.connect();
});
afterAll(async () => {
  await other?.end();
  await world?.stop();
});

/** Somebody holds up every report; a dozen people look at one. Gives what an event is answered meanwhile, and what they are in the end. */
async function whileReportsWait(hold: string, letGo: string): Promise<{ event: number; reports: number[] }> {
  await other.query(hold);
  const waiting = async (): Promise<number> =>
    (await other.query<{ count: number }>('select count(*)::int as count from pg_locks where not granted')).rows[0]?.count ?? 0;
  const reports = Promise.all(
    Array.from({ length: ASKING }, () =>
      fetch(`${world.url}/v1/analytics/journeys/payment_failed`, { headers: { authorization: `Bearer ${reader}` } }),
    ),
  );
  await until(async () => (await waiting()) > 0, 'a report to wait');
  const answer = await fetch(`${world.url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ingest}`, 'content-type': 'application/json' },
    body: JSON.stringify({ event: 'Payment Failed', person: { customerId: 'c_1' }, keys: { order: hold } }),
  });
  await other.query(letGo);
  return { event: answer.status, reports: [...new Set((await reports).map(({ status }) => status))] };
}

test('a dozen slow reports leave ingest its connections', async () => {
  const tables = 'begin; lock table entry_daily, recovery_daily, message_daily in access exclusive mode';
  expect(await whileReportsWait(tables, 'commit')).toEqual({ event: 202, reports: [200] });
});

test('so do a dozen that wait for a roll-up', async () => {
  await world.sql(`insert into outcome_stale (journey_key, slot) values ('payment_failed', '2026-11-23T05:30:00Z')`);
  const lock = `hashtextextended('wapas:roll-up', 0)`;
  const answered = await whileReportsWait(`select pg_advisory_lock(${lock})`, `select pg_advisory_unlock(${lock})`);
  expect(answered).toEqual({ event: 202, reports: [200] });
});
