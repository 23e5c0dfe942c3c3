import { Client } from 'pg';
import { RollUpOutcomes } from '../../src/analytics/roll-up-outcomes';
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

test('a report that has more to count than anybody waits for says how much is left, and answers when it is counted', async () => {
  const report = async () => {
    const answer = await fetch(`${world.url}/v1/analytics/journeys/payment_failed`, {
      headers: { authorization: `Bearer ${reader}` },
    });
    const { code, detail } = (await answer.json()) as { code?: string; detail?: string };
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), code, detail };
  };
  const rollUp = world.app.get(RollUpOutcomes);
  await rollUp.stop();
  await world.sql(
    `insert into outcome_stale (journey_key, slot) select 'payment_failed', timestamptz '2026-11-01T00:00:00Z' + n * interval '15 minutes' from generate_series(1, 230) n`,
  );
  const patience = rollUp.patienceMs;
  Object.assign(rollUp, { patienceMs: 0 });
  expect(await report()).toEqual({
    status: 503,
    retryAfter: '5',
    code: 'counting_again',
    detail: expect.stringMatching(/^230 quarters .* Ask again/) as string,
  });
  Object.assign(rollUp, { patienceMs: patience });
  expect(await report()).toMatchObject({ status: 200 });
  expect(await world.sql('select from outcome_stale')).toEqual([]);
});
