import { Client } from 'pg';
import { minutes } from '@wapas/kernel';
import { apiOf, personOf } from '../support/api';
import { customer, failPayment, introduce, treatEverybody } from '../support/stories';
import { START, until, World } from '../support/world';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());

async function health() {
  const response = await fetch(`${world.url}/health/ready`);
  return { code: response.status, ...((await response.json()) as { status: string; attention: string[] }) };
}
const NOT_KNOWN = expect.stringContaining('could not be asked') as string;

it('a table that cannot be read makes nobody unready: that it could not be asked is said', async () => {
  await world.sql('alter table quarantine rename to quarantine_away');
  try {
    expect(await health()).toMatchObject({ code: 200, status: 'ready', attention: [NOT_KNOWN] });
  } finally {
    await world.sql('alter table quarantine_away rename to quarantine');
  }
  expect(await health()).toMatchObject({ code: 200, status: 'ready', attention: [] });
});

it('a setting that was misspelt is named there: it changes nothing, and nobody would notice', async () => {
  const url = await world.startAnother({ WAPAS_CAP_PER_DAYS: '1' });
  const { attention } = (await (await fetch(`${url}/health/ready`)).json()) as { attention: string[] };
  expect(attention).toEqual(['WAPAS_CAP_PER_DAYS is no setting and changes nothing: WAPAS_CAP_PER_DAY may be meant']);
});

it('a table that somebody holds keeps no probe waiting, however many ask', async () => {
  const holder = new Client({ connectionString: world.databaseUrl });
  await holder.connect();
  await holder.query('begin; lock table quarantine in access exclusive mode');
  try {
    const answers = await Promise.all(Array.from({ length: 40 }, health));
    for (const answer of answers) expect(answer).toMatchObject({ code: 200, status: 'ready', attention: [NOT_KNOWN] });
    const [held] = await world.sql<{ waiting: number }>(
      `select count(*)::int as waiting from pg_stat_activity where wait_event_type = 'Lock' and query like '/* quarantine_recent */%'`,
    );
    expect(held?.waiting).toBe(1);
  } finally {
    await holder.end();
  }
});

it('a stop that is in force is for a person to look at until it is lifted, and what expires meanwhile says when it did', async () => {
  const api = await apiOf(world);
  const metrics = async () =>
    (await fetch(`${world.url}/metrics`, { headers: { authorization: `Bearer ${await world.key(['read'])}` } })).text();
  await treatEverybody(world);
  await introduce(world, [customer(1)]);
  await failPayment(world, customer(1));
  await world.settled();
  expect((await api('PUT', '/v1/operations/stop', { reason: 'a test' })).status).toBe(204);
  await world.clock.startAt((START + minutes(1)) as typeof START, 0);
  await until(async () => (await world.sql('select from message')).length === 1, 'the push to wait');
  await world.moveTo(minutes(14) + 1_000);
  expect(await health()).toMatchObject({
    code: 200,
    attention: [expect.stringMatching(/^all sending is stopped since .*DELETE/)],
  });
  expect(await metrics()).toContain('\nwapas_sending_stopped 1\n');
  await world.clock.startAt((START + minutes(15)) as typeof START, 0);
  await until(async () => (await world.sql('select from message')).length === 2, 'the WhatsApp to wait');
  const { body } = await api('GET', `/v1/people/${await personOf(api, customer(1).id)}/timeline`);
  const entries = body.timeline as {
    at: string;
    what: string;
    outcome: string;
    step?: string;
    detail?: Record<string, string>;
  }[];
  const entryOf = (step: string, what: string) => entries.find((one) => one.step === step && one.what === what);
  expect(entryOf('push', 'settled')?.outcome).toBe('expired');
  const notAfter = Date.parse(entryOf('push', 'planned')?.detail?.notAfter ?? '');
  expect(Date.parse(entryOf('push', 'settled')?.at ?? '')).toBeGreaterThan(notAfter);
  expect(entryOf('whatsapp', 'planned')?.detail?.template).toMatch(/^payment_/);

  expect((await api('DELETE', '/v1/operations/stop')).status).toBe(204);
  expect(await health()).toMatchObject({ code: 200, attention: [] });
  expect(await metrics()).toContain('\nwapas_sending_stopped 0\n');
});
