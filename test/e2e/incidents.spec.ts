import { minutes } from '@wapas/kernel';
import { AuditRuns } from '../../src/journeys/audit-runs';
import { Catalogue } from '../../src/journeys/catalogue';
import { lookForIncidents } from '../support/incidents';
import { orderKeys } from '../support/stories';
import { until, World } from '../support/world';

let world: World;
let admin: string;
let ingest: string;
beforeAll(async () => {
  world = await World.start({ env: { WAPAS_INCIDENT_LEAST: '5' } });
  admin = await world.key(['admin']);
  ingest = await world.key(['ingest']);
  for (const journey of [definition('held'), { ...definition('deaf'), incidents: 'ignore' }]) await world.publish(journey);
});
afterAll(() => world?.stop());

const sms = (key: string, after: string, more: object = {}) => ({
  key,
  after,
  channel: 'sms',
  maxDelay: '20m',
  messages: [{ template: { id: '64f0c0ffee00000000000009', variables: { ref: '{{keys.order}}' } } }],
  ...more,
});
const definition = (key: string) => ({
  format: 'wapas.journey/1',
  key,
  name: key,
  trigger: { event: `${key} failed` },
  correlateBy: ['order'],
  goal: { events: [`${key} paid`], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps: [sms('first', '1m'), sms('second', '30m')],
});

async function call(method: string, path: string, body?: unknown, key = admin) {
  const response = await fetch(`${world.url}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, never> };
}
interface Told {
  readonly id: string;
  readonly dimension: string;
  readonly value: string;
  readonly state: string;
  readonly held: number;
}
const incidents = async (): Promise<Told[]> => (await call('GET', 'incidents')).body.incidents as unknown as Told[];
const look = () => lookForIncidents(world);

let next = 0;
/** So many orders of one method fail. Gives their numbers. */
async function fails(many: number, method: string, journey = 'held', more: object = {}): Promise<number[]> {
  const numbers = Array.from({ length: many }, () => (next += 1));
  const events = numbers.map((n) => ({
    event: `${journey} failed`,
    person: { customerId: `ic_${n}`, phone: `+9196${String(10_000_000 + n)}` },
    keys: { order: `io_${n}` },
    occurredAt: new Date(world.clock.now()).toISOString(),
    properties: { method },
    ...more,
  }));
  expect((await call('POST', 'events/batch', { events }, ingest)).status).toBe(202);
  await world.settled();
  return numbers;
}
const forward = async (length: number): Promise<void> => {
  await world.clock.startAt((world.clock.now() + length) as never, 0);
  await world.settled();
};
const received = (numbers: readonly number[]): number =>
  world.sandbox.ledger
    .entries()
    .filter(({ accepted, address }) => accepted && numbers.some((n) => address.endsWith(`96${10_000_000 + n}`))).length;
async function decisions(n: number): Promise<string[]> {
  return (
    await world.sql<{ said: string }>(
      `select concat_ws(' ', d.kind, d.step, d.reason) as said from decision d join run r on r.id = d.run_id
       where r.id in (select run_id from run_key where key = any($1::uuid[])) order by d.seq`,
      [orderKeys(world, [`io_${n}`])],
    )
  ).map(({ said }) => said);
}
/** What is usual, as if it had been counted on the days before: so many failures in the hour around now. */
async function usually(method: string, anHour: number): Promise<void> {
  await world.sql(
    `insert into failure_minute (dimension, value, minute, failures)
     select 'method', $1, date_trunc('minute', business_now()) - make_interval(days => day), $2::int from generate_series(1, 8) as day
     on conflict do nothing`,
    [method, anHour],
  );
}

describe('a mass incident', () => {
  it('a deployment that does not know yet what is usual holds nothing', async () => {
    const numbers = await fails(8, 'upi');
    await look();
    expect(await incidents()).toEqual([]);
    await forward(minutes(1));
    expect(received(numbers)).toBe(8);
    await forward(minutes(15));
  });

  it('holds the runs of the method that fails, says why, and leaves the others alone', async () => {
    await usually('upi', 12);
    await usually('card', 1_200);
    const early = new Date(world.clock.now() - minutes(40)).toISOString();
    await fails(8, 'upi', 'held', { occurredAt: early });
    await look();
    expect(await incidents()).toEqual([]); // What comes in late says nothing of now.
    const upi = await fails(6, 'UPI');
    const card = await fails(6, 'card');
    const deaf = await fails(1, 'upi', 'deaf');
    await look();
    expect(await incidents()).toMatchObject([
      { dimension: 'method', value: 'upi', state: 'open', openedBy: 'watch', failures: 6, usual: 1 },
    ]);
    await forward(minutes(1));
    expect([received(upi), received(card), received(deaf)]).toEqual([0, 6, 1]);
    expect(await decisions(upi[0] as number)).toEqual(['park incident_of_method']);
    expect(await incidents()).toMatchObject([{ value: 'upi', held: 14 }]);
    const health = (await (await fetch(`${world.url}/health/ready`)).json()) as { status: string; attention: string[] };
    expect([health.status, health.attention]).toEqual([
      'ready',
      expect.arrayContaining([expect.stringContaining('runs of method upi are held')]),
    ]);
    const paid = { event: 'held paid', keys: { order: `io_${upi[0]}` }, person: { customerId: `ic_${upi[0]}` } };
    expect((await call('POST', 'events', paid, ingest)).status).toBe(202);
    await world.settled();
    expect(await decisions(upi[0] as number)).toEqual(['park incident_of_method', 'end goal_reached']);
    await forward(minutes(11));
    await look();
    expect(await incidents()).toMatchObject([{ value: 'upi', state: 'over', held: 0 }]);
    await until(() => received(upi) === 5, 'what was still in time');
    expect(await decisions(upi[1] as number)).toEqual(['park incident_of_method', 'send first']);
  });

  it('held by hand until it is released by hand; what is too late by then expires; both are in the audit log', async () => {
    const opened = await call('POST', 'incidents', { dimension: 'bank', value: 'HDFC', reason: 'the bank says so' });
    expect(opened).toMatchObject({ status: 201, body: { value: 'hdfc', state: 'open' } });
    expect((await call('POST', 'incidents', { dimension: 'bank', value: 'hdfc' })).body).toMatchObject({
      code: 'incident_is_open',
    });
    const numbers = await fails(1, 'card', 'held', { properties: { method: 'card', bank: 'HDFC' } });
    await forward(minutes(25));
    await look();
    expect([received(numbers), await decisions(numbers[0] as number)]).toEqual([0, ['park incident_of_bank']]);
    const id = opened.body.id as unknown as string;
    expect((await call('POST', `incidents/${id}/release`, { reason: 'it is back' })).status).toBe(204);
    expect((await call('POST', `incidents/${id}/release`, {})).status).toBe(404);
    await until(async () => (await decisions(numbers[0] as number)).length === 2, 'the run to go on');
    expect(await decisions(numbers[0] as number)).toEqual(['park incident_of_bank', 'expire first too_late']);
    const { entries } = (await call('GET', 'operations/audit')).body as unknown as { entries: { act: string }[] };
    expect(entries.filter(({ act }) => act !== 'key_made')).toMatchObject([
      { act: 'incident_released', subject: 'bank:hdfc', reason: 'it is back' },
      { act: 'incident_held', subject: 'bank:hdfc', reason: 'the bank says so' },
    ]);
  });

  it('what a person has released the count leaves alone for an hour', async () => {
    const upi = await fails(12, 'upi');
    await look();
    const [open] = await incidents();
    expect((await call('POST', `incidents/${open?.id}/release`, {})).status).toBe(204);
    await look();
    expect((await incidents()).filter(({ state }) => state === 'open')).toEqual([]);
    await forward(minutes(1));
    expect(received(upi)).toBe(12);
  });

  const messagesOf = async (numbers: readonly number[]): Promise<string[]> =>
    (
      await world.sql<{ said: string }>(
        `select distinct concat_ws(' ', m.state, m.reason) as said from message m where m.run_id in (select run_id from run_key where key = any($1::uuid[]))`,
        [
          orderKeys(
            world,
            numbers.map((n) => `io_${n}`),
          ),
        ],
      )
    ).map(({ said }) => said);
  /** Planned, and not claimed: somebody pulled the kill switch in between. */
  async function planned(numbers: readonly number[]): Promise<void> {
    expect((await call('PUT', 'operations/stop', { reason: 'a test' })).status).toBe(204);
    await world.clock.startAt((world.clock.now() + minutes(1)) as never, 0);
    await until(async () => (await messagesOf(numbers)).join() === 'planned', 'the messages to be planned');
  }
  const goOn = async (): Promise<void> => {
    expect((await call('DELETE', 'operations/stop')).status).toBe(204);
    await world.sql(`update message set offer_at = clock_timestamp() where state = 'planned' and held_by is null`);
    await world.settled();
  };
  const holdMethod = async (value: string): Promise<string> => {
    const { status, body } = await call('POST', 'incidents', { dimension: 'method', value, reason: 'it is down' });
    expect(status).toBe(201);
    return body.id as unknown as string;
  };
  const letGo = async (id: string): Promise<void> => {
    expect((await call('POST', `incidents/${id}/release`, {})).status).toBe(204);
    await world.settled();
  };

  it('a message that was planned before is held at its claim, says why, and goes out once the method is up again', async () => {
    const numbers = await fails(3, 'wallet');
    const deaf = await fails(1, 'wallet', 'deaf');
    await planned([...numbers, ...deaf]);
    const id = await holdMethod('wallet');
    await goOn();
    await until(async () => (await messagesOf(numbers)).join() === 'planned incident_of_method', 'the messages to be held');
    expect([received(numbers), received(deaf)]).toEqual([0, 1]);
    const story = await world.sql<{ said: string }>(
      `select m.claims -> 0 ->> 'said' as said from message m where m.run_id in (select run_id from run_key where key = any($1::uuid[]))`,
      [orderKeys(world, [`io_${numbers[0]}`])],
    );
    expect(story).toEqual([{ said: 'held:incident_of_method' }]);
    await world.app.get(AuditRuns).look();
    expect(world.app.get(AuditRuns).found).toMatchObject({ unclaimed: 0 });
    await letGo(id);
    await until(() => received(numbers) === 3, 'what was held');
    await world.settled();
    expect((await messagesOf(numbers)).every((said) => said.startsWith('sent'))).toBe(true);
  });

  it('a held message goes through every check of a claim again: who has paid meanwhile hears nothing, what is late expires', async () => {
    const [payer, late] = (await fails(2, 'emi')) as [number, number];
    await planned([payer, late]);
    const id = await holdMethod('emi');
    await goOn();
    await until(async () => (await messagesOf([payer, late])).join() === 'planned incident_of_method', 'the messages to be held');
    const paid = { event: 'held paid', keys: { order: `io_${payer}` }, person: { customerId: `ic_${payer}` } };
    expect((await call('POST', 'events', paid, ingest)).status).toBe(202);
    await forward(minutes(22));
    await until(async () => (await messagesOf([late])).join() === 'expired too_late', 'the late one to expire');
    await letGo(id);
    expect([await messagesOf([payer]), received([payer, late])]).toEqual([['skipped goal_reached'], 0]);
  });

  it.each<[string, string, unknown, number]>([
    ['a dimension there is not', 'incidents', { dimension: 'colour', value: 'x' }, 422],
    ['no value', 'incidents', { dimension: 'method' }, 422],
    ['a control character', 'incidents', { dimension: 'method', value: 'a\u0001' }, 422],
    ['an incident there is not', 'incidents/x/release', {}, 404],
  ])('refuses %s', async (_case, path, body, status) => expect((await call('POST', path, body)).status).toBe(status));

  it('only an admin holds', async () => {
    expect((await call('POST', 'incidents', { dimension: 'method', value: 'upi' }, ingest)).status).toBe(403);
    expect(world.app.get(Catalogue).find('deaf')?.incidents).toBe('ignore');
  });
});

describe('figures for Prometheus', () => {
  const read = async (key?: string) => {
    const response = await fetch(`${world.url}/metrics`, {
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    });
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };

  it('are for keys that may read', async () => {
    const statuses = [await read(), await read(ingest), await read(await world.key(['read']))].map(({ status }) => status);
    expect(statuses).toEqual([401, 403, 200]);
  });

  it('tell what the check found, what waits, how late steps are, what came in, what providers said, what is held', async () => {
    await world.app.get(AuditRuns).look();
    const opened = await call('POST', 'incidents', { dimension: 'gateway', value: 'play "gate"' });
    const { text, type } = await read(admin);
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = text.split('\n');
    const wanted = [
      'wapas_ready 1',
      'wapas_alarms 1',
      'wapas_audit_faults{fault="withoutTimer"} 0',
      'wapas_audit_faults{fault="unclaimed"} 0',
      'wapas_runs_due 0',
      'wapas_incident{dimension="gateway",value="play \\"gate\\""} 1',
      'wapas_queue_jobs{provider="msg91"} 0',
    ];
    expect(wanted.filter((line) => !lines.includes(line))).toEqual([]);
    expect(text).toMatch(/^wapas_events_recorded_total\{event="held failed"\} [1-9]\d+$/m);
    expect(text).toMatch(/^wapas_provider_calls_total\{provider="msg91",outcome="accepted"\} [1-9]\d+$/m);
    expect(text).toMatch(/^wapas_step_lateness_seconds_bucket\{le="\+Inf"\} [1-9]\d+$/m);
    expect((await call('POST', `incidents/${opened.body.id as unknown as string}/release`, {})).status).toBe(204);
  });
});

describe('a gateway that says what is down', () => {
  const says = async (event: 'started' | 'updated' | 'resolved', entity: object, ageMs = 0): Promise<void> => {
    const response = await world.razorpay({
      entity: 'event',
      event: `payment.downtime.${event}`,
      contains: ['payment.downtime'],
      payload: { 'payment.downtime': { entity: { entity: 'payment.downtime', severity: 'high', status: event, ...entity } } },
      created_at: Math.floor((world.clock.now() - ageMs) / 1_000),
    });
    expect(response.status).toBe(202);
    await world.settled();
  };
  const hsbc = { id: 'down_hsbc', method: 'card', instrument: { issuer: 'HSBC' } };
  const open = async (): Promise<string[]> =>
    (await incidents()).filter(({ state }) => state === 'open').map(({ dimension, value }) => `${dimension}:${value}`);
  const byCardOf = (issuer: string) => fails(2, 'card', 'held', { properties: { method: 'card', issuer } });

  it('holds the runs of that issuer before anybody could count them, and lets them go when it says that it is over', async () => {
    await says('started', hsbc);
    expect(await incidents()).toMatchObject([
      {
        dimension: 'issuer',
        value: 'hsbc',
        state: 'open',
        gateway: 'razorpay',
        openedBy: 'source:razorpay',
        reason: 'announced: down_hsbc',
      },
      ...Array<unknown>((await incidents()).length - 1).fill(expect.anything()),
    ]);
    await look();
    const [held, others] = [await byCardOf('HSBC'), await byCardOf('ICIC')];
    await forward(minutes(1));
    expect([received(held), received(others)]).toEqual([0, 2]);
    expect(await decisions(held[0] as number)).toEqual(['park incident_of_issuer']);
    const health = (await (await fetch(`${world.url}/health/ready`)).json()) as { attention: string[] };
    expect(health.attention).toContainEqual(
      expect.stringContaining('runs of issuer hsbc at razorpay are held: razorpay says that it is down'),
    );
    await says('resolved', hsbc);
    expect(await open()).toEqual([]);
    await until(() => received(held) === 2, 'what was still in time');
    expect(await decisions(held[0] as number)).toEqual(['park incident_of_issuer', 'send first']);
  });

  it('is believed by its last word, in whatever order its words come', async () => {
    const amex = { id: 'down_amex', method: 'card', instrument: { network: 'AMEX' } };
    await says('resolved', amex);
    await says('started', amex, 60_000);
    expect(await open()).toEqual([]);
    await forward(1_000);
    await says('started', amex);
    expect(await open()).toEqual(['network:amex']);
    await says('resolved', amex);
    expect(await open()).toEqual([]);
  });

  it('an update keeps the hold going, or ends it when hardly anything fails any more', async () => {
    await forward(minutes(15)); // A rail that its gateway released is left alone for ten minutes.
    const upi = { id: 'down_upi', method: 'upi', instrument: { vpa_handle: 'oksbi' } };
    await says('started', upi);
    await forward(minutes(5 * 60));
    await says('updated', { ...upi, severity: 'medium' });
    await forward(minutes(2 * 60));
    await look();
    expect(await open()).toEqual(['upi_handle:oksbi']);
    await says('updated', { ...upi, severity: 'low' });
    expect(await open()).toEqual([]);
  });

  it('that never says it is over holds nobody for more than six hours', async () => {
    await says('started', { id: 'down_forgotten', method: 'wallet', instrument: { wallet: 'mobikwik' } });
    await forward(minutes(6 * 60 - 1));
    await look();
    expect(await open()).toEqual(['wallet:mobikwik']);
    await forward(minutes(2));
    await look();
    expect(await open()).toEqual([]);
  });

  it('a maintenance that is announced holds when it begins, until it ends', async () => {
    const at = (length: number): number => Math.floor((world.clock.now() + length) / 1_000);
    const times = { begin: at(minutes(60)), end: at(minutes(120)), scheduled: true, status: 'scheduled' };
    await says('started', { id: 'down_planned', method: 'netbanking', instrument: { bank: 'COSB' }, ...times });
    expect(await open()).toEqual([]);
    await forward(minutes(61));
    await look();
    expect(await open()).toEqual(['bank:cosb']);
    await forward(minutes(60));
    await look();
    expect(await open()).toEqual([]);
  });

  it('anybody who watches may say it: the shop, with an event of its own', async () => {
    const said = (name: string) =>
      call('POST', 'events', { event: `Payment Downtime ${name}`, properties: { downtime: 'ours', gateway: 'payu' } }, ingest);
    expect((await said('Started')).status).toBe(202);
    await world.settled();
    expect(await open()).toEqual(['gateway:payu']);
    expect((await said('Resolved')).status).toBe(202);
    await world.settled();
    expect(await open()).toEqual([]);
  });
});
