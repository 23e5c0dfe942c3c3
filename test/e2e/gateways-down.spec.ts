import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { minutes, toIso } from '@wapas/kernel';
import { lookForIncidents } from '../support/incidents';
import { orderKeys } from '../support/stories';
import { paymentEvent, START, until, World } from '../support/world';

const CASHFREE_SECRET = 'cashfree-webhook-secret';

let world: World;
/** No journeys but ours: those that come with the product start with failed payments, too. */
const noJourneys = mkdtempSync(join(tmpdir(), 'wapas-journeys-'));
let admin: string;
let ingest: string;
beforeAll(async () => {
  world = await World.start({
    env: { WAPAS_INCIDENT_LEAST: '5', CASHFREE_WEBHOOK_SECRET: CASHFREE_SECRET, WAPAS_JOURNEYS_DIR: noJourneys },
  });
  admin = await world.key(['admin']);
  ingest = await world.key(['ingest']);
  await world.publish({
    format: 'wapas.journey/1',
    key: 'pay',
    name: 'pay',
    trigger: { event: 'Payment Failed' },
    correlateBy: ['order'],
    goal: { events: ['Payment Captured'], by: ['order'] },
    window: '24h',
    holdoutPercent: 0,
    steps: [
      {
        key: 'first',
        after: '1m',
        channel: 'sms',
        maxDelay: '20m',
        messages: [{ template: { id: '64f0c0ffee00000000000009', variables: { ref: '{{keys.order}}' } } }],
      },
    ],
  });
});
afterAll(async () => {
  await world?.stop();
  rmSync(noJourneys, { recursive: true });
});

async function call(method: string, path: string, body?: unknown, key = admin) {
  const response = await fetch(`${world.url}/${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, body: (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, never> };
}

/** Posts a webhook as Cashfree does, signed over its time and its bytes. */
async function cashfree(type: string, data: object): Promise<void> {
  const raw = JSON.stringify({ type, event_time: toIso(world.clock.now()), data });
  const timestamp = String(Date.now());
  const response = await fetch(`${world.url}/webhooks/sources/cashfree`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-webhook-timestamp': timestamp,
      'x-webhook-signature': createHmac('sha256', CASHFREE_SECRET).update(`${timestamp}${raw}`).digest('base64'),
    },
    body: raw,
  });
  expect(response.status).toBe(202);
}

/** Who failed to pay: the number of their order and phone. */
type Payer = number;
let last = 0;
const phoneOf = (payer: Payer): string => `+9197${String(10_000_000 + payer)}`;
const orderOf = (payer: Payer): string => `order_${payer}`;
const payers = (many: number): Payer[] => Array.from({ length: many }, () => (last += 1));

/** Each fails to pay by UPI, as the webhook of the gateway says that it was tried at. */
const fail: Readonly<Record<'razorpay' | 'cashfree' | 'nobody knows where', (payer: Payer) => Promise<unknown>>> = {
  razorpay: (payer) =>
    world.razorpay(
      paymentEvent('payment.failed', {
        order: orderOf(payer),
        phone: phoneOf(payer),
        customer: `c_${payer}`,
        at: world.clock.now() - START,
      }),
    ),
  cashfree: (payer) =>
    cashfree('PAYMENT_FAILED_WEBHOOK', {
      order: { order_id: orderOf(payer), order_amount: 1499.5, order_currency: 'INR' },
      payment: {
        cf_payment_id: `cf_${payer}`,
        payment_status: 'FAILED',
        payment_amount: 1499.5,
        payment_currency: 'INR',
        payment_group: 'upi',
      },
      customer_details: { customer_id: `c_${payer}`, customer_phone: phoneOf(payer) },
    }),
  'nobody knows where': (payer) =>
    call(
      'POST',
      'v1/events',
      {
        event: 'Payment Failed',
        person: { customerId: `c_${payer}`, phone: phoneOf(payer) },
        keys: { order: orderOf(payer) },
        properties: { method: 'upi' },
      },
      ingest,
    ),
};
async function failing(where: keyof typeof fail, many = 1): Promise<Payer[]> {
  const all = payers(many);
  for (const payer of all) await fail[where](payer);
  await world.settled();
  return all;
}

/** Razorpay tells of a downtime of all UPI. */
async function razorpayPosts(event: 'started' | 'resolved', id: string): Promise<void> {
  const entity = { id, entity: 'payment.downtime', method: 'upi', severity: 'high', status: event, instrument: {} };
  const response = await world.razorpay({
    entity: 'event',
    event: `payment.downtime.${event}`,
    contains: ['payment.downtime'],
    payload: { 'payment.downtime': { entity } },
    created_at: Math.floor(world.clock.now() / 1_000),
  });
  expect(response.status).toBe(202);
}
async function razorpaySays(event: 'started' | 'resolved', id: string): Promise<void> {
  await razorpayPosts(event, id);
  await world.settled();
}
async function cashfreeSays(status: 'OPEN' | 'RESOLVED', id: string): Promise<void> {
  await cashfree('HEALTH_ALERT', { incident: { id, status, impact: 'HIGH' }, instruments: { upi: {} } });
  await world.settled();
}

const forward = async (length: number): Promise<void> => {
  await world.clock.startAt((world.clock.now() + length) as never, 0);
  await world.settled();
};
const received = (all: readonly Payer[]): number =>
  world.sandbox.ledger
    .entries()
    .filter(({ accepted, address }) => accepted && all.some((one) => phoneOf(one).endsWith(address.slice(-10)))).length;

interface Told {
  readonly id: string;
  readonly dimension: string;
  readonly value: string;
  readonly gateway: string | null;
  readonly state: string;
  readonly held: number;
}
const open = async (): Promise<Told[]> =>
  ((await call('GET', 'v1/incidents')).body.incidents as unknown as Told[]).filter(({ state }) => state === 'open');
const openOnes = async (): Promise<string[]> =>
  (await open()).map(({ dimension, value, gateway }) => `${dimension} ${value} at ${gateway ?? 'every gateway'}`).sort();
const look = () => lookForIncidents(world);
async function reasonsOf(all: readonly Payer[]): Promise<string[]> {
  const rows = await world.sql<{ said: string }>(
    `select distinct concat_ws(' ', d.kind, d.step, d.reason) as said from decision d where d.run_id in (select run_id from run_key where key = any($1::uuid[]))`,
    [orderKeys(world, all.map(orderOf))],
  );
  return rows.map(({ said }) => said).sort();
}
async function messagesOf(all: readonly Payer[]): Promise<string[]> {
  const rows = await world.sql<{ said: string }>(
    `select distinct concat_ws(' ', m.state, m.reason) as said from message m where m.run_id in (select run_id from run_key where key = any($1::uuid[]))`,
    [orderKeys(world, all.map(orderOf))],
  );
  return rows.map(({ said }) => said).sort();
}

describe('a gateway that says its UPI is down', () => {
  it('holds who failed over that gateway, and who failed nobody knows where; who failed over another one hears at once', async () => {
    await razorpaySays('started', 'down_1');
    await look();
    const [here, there, somewhere] = [
      await failing('razorpay', 2),
      await failing('cashfree', 2),
      await failing('nobody knows where', 2),
    ];
    await forward(minutes(1));
    expect([received(here), received(there), received(somewhere)]).toEqual([0, 2, 0]);
    expect([await reasonsOf(here), await reasonsOf(there), await reasonsOf(somewhere)]).toEqual([
      ['park incident_of_method'],
      ['send first'],
      ['park incident_of_method'],
    ]);
    await razorpaySays('resolved', 'down_1');
    await until(() => received(here) + received(somewhere) === 4, 'what was still in time');
    expect(await open()).toEqual([]);
    await forward(minutes(11)); // What a gateway called over is left alone for ten minutes.
  });

  it('holds their messages that were planned before as well, and no others', async () => {
    const [here, there, somewhere] = [
      await failing('razorpay', 2),
      await failing('cashfree', 2),
      await failing('nobody knows where', 2),
    ];
    // Planned, and not claimed: somebody pulled the kill switch in between.
    expect((await call('PUT', 'v1/operations/stop', { reason: 'a test' })).status).toBe(204);
    await world.clock.startAt((world.clock.now() + minutes(1)) as never, 0);
    await until(async () => (await messagesOf([...here, ...there, ...somewhere])).join() === 'planned', 'messages to be planned');
    await razorpayPosts('started', 'down_2');
    await until(async () => (await openOnes()).join() === 'method upi at razorpay', 'the downtime to be heard');
    await look();
    expect((await call('DELETE', 'v1/operations/stop')).status).toBe(204);
    await world.sql(`update message set offer_at = clock_timestamp() where state = 'planned' and held_by is null`);
    await until(() => received(there) === 2, "Cashfree's customers to hear");
    await until(
      async () => (await messagesOf([...here, ...somewhere])).join() === 'planned incident_of_method',
      'the others to be held',
    );
    expect([received(here), received(somewhere)]).toEqual([0, 0]);
    await razorpaySays('resolved', 'down_2');
    await until(() => received(here) + received(somewhere) === 4, 'what was held');
    await forward(minutes(11));
  });

  it('is told of by name: in the list with how many wait for it, in the health body, in the figures; each gateway for itself', async () => {
    await razorpaySays('started', 'down_3');
    await cashfreeSays('OPEN', 'alert_3');
    await look();
    const [here, there] = [await failing('razorpay', 2), await failing('cashfree', 1)];
    await forward(minutes(1));
    expect(await openOnes()).toEqual(['method upi at cashfree', 'method upi at razorpay']);
    expect((await open()).map(({ gateway, held }) => [gateway, held]).sort()).toEqual([
      ['cashfree', 1],
      ['razorpay', 2],
    ]);
    const { attention } = (await call('GET', 'health/ready')).body as unknown as { attention: string[] };
    expect(attention).toContainEqual(
      expect.stringContaining('runs of method upi at razorpay are held: razorpay says that it is down'),
    );
    expect((await call('GET', 'metrics')).text).toContain('wapas_incident{dimension="method",value="upi",gateway="razorpay"} 1');
    await cashfreeSays('RESOLVED', 'alert_3');
    await until(() => received(there) === 1, "Cashfree's customer to hear");
    expect([await openOnes(), received(here)]).toEqual([['method upi at razorpay'], 0]);
    await razorpaySays('resolved', 'down_3');
    await until(() => received(here) === 2, "Razorpay's customers to hear");
    await forward(minutes(11));
  });

  it('and whose customers go on failing while it says so: the count holds nobody at another gateway for it', async () => {
    await usually({ razorpay: 12, cashfree: 12 });
    await razorpaySays('started', 'down_4');
    await failing('razorpay', 15);
    await look();
    expect(await openOnes()).toEqual(['method upi at razorpay']);
    const there = await failing('cashfree', 1);
    await forward(minutes(1));
    expect(received(there)).toBe(1);
    await razorpaySays('resolved', 'down_4');
    await look();
    expect(await openOnes()).toEqual([]); // What failed while it was down does not count against the others either.
    await forward(minutes(11));
  });
});

/** What is usual by UPI, as if it had been counted on the days before: so many failures in the hour around now at each gateway. */
async function usually(hours: Readonly<Record<string, number>>): Promise<void> {
  await world.sql(`delete from failure_minute`);
  await world.sql(`delete from failure_minute_at_gateway`);
  for (const [gateway, anHour] of Object.entries(hours))
    await world.sql(
      `with days as (select date_trunc('minute', business_now()) - make_interval(days => day) as minute from generate_series(1, 8) as day),
            parts as (insert into failure_minute_at_gateway (dimension, value, gateway, minute, failures)
                      select d.dimension, d.value, $1, days.minute, $2::int from days, (values ('method', 'upi'), ('gateway', $1)) as d (dimension, value))
       insert into failure_minute (dimension, value, minute, failures)
       select d.dimension, d.value, days.minute, $2::int from days, (values ('method', 'upi'), ('gateway', $1)) as d (dimension, value)
       on conflict (dimension, value, minute) do update set failures = failure_minute.failures + excluded.failures`,
      [gateway, anHour],
    );
}

describe('UPI that fails far more often than usual', () => {
  it('at one gateway alone holds nobody at the other one', async () => {
    await usually({ razorpay: 12, cashfree: 60 });
    const [here, there] = [await failing('razorpay', 30), await failing('cashfree', 2)];
    await look();
    expect(await openOnes()).toEqual(['method upi at razorpay']);
    await forward(minutes(1));
    expect([received(here), received(there)]).toEqual([0, 2]);
    await forward(minutes(11));
    await look();
    expect(await openOnes()).toEqual([]);
    await until(() => received(here) === 30, 'what was still in time');
  });

  it('a person who lets one gateway go is not overruled by the count over all of them', async () => {
    await usually({ razorpay: 12, cashfree: 12 });
    const here = await failing('razorpay', 30);
    await look();
    for (const { id } of await open()) expect((await call('POST', `v1/incidents/${id}/release`, {})).status).toBe(204);
    await look();
    expect(await openOnes()).toEqual([]);
    await forward(minutes(1));
    expect(received(here)).toBe(30);
    await forward(minutes(61));
  });

  it('at both, and where nobody knows: holds everybody', async () => {
    await usually({ razorpay: 12, cashfree: 12 });
    const all = [
      ...(await failing('razorpay', 15)),
      ...(await failing('cashfree', 15)),
      ...(await failing('nobody knows where', 15)),
    ];
    await look();
    expect(await openOnes()).toEqual(['method upi at cashfree', 'method upi at every gateway', 'method upi at razorpay']);
    await forward(minutes(1));
    expect(received(all)).toBe(0);
    await forward(minutes(11));
    await look();
    await until(() => received(all) === 45, 'what was still in time');
  });
});

describe('a gateway that is new', () => {
  it('is not judged by days on which nobody knew it', async () => {
    await usually({ razorpay: 1_200 });
    const all = await failing('cashfree', 12);
    await look();
    expect(await openOnes()).toEqual([]);
    await forward(minutes(1));
    expect(received(all)).toBe(12);
    await forward(minutes(11));
  });
});

describe('held by hand', () => {
  it('a method at one gateway, until it is let go by hand', async () => {
    const hold = { dimension: 'method', value: 'UPI', gateway: 'Razorpay', reason: 'their dashboard says so' };
    const opened = await call('POST', 'v1/incidents', hold);
    expect(opened).toMatchObject({ status: 201, body: { value: 'upi', gateway: 'razorpay', state: 'open' } });
    expect((await call('POST', 'v1/incidents', hold)).status).toBe(409);
    const wide = await call('POST', 'v1/incidents', { dimension: 'method', value: 'emi' });
    expect(wide).toMatchObject({ status: 201, body: { gateway: null } });
    const [here, there] = [await failing('razorpay'), await failing('cashfree')];
    await forward(minutes(1));
    expect([received(here), received(there)]).toEqual([0, 1]);
    for (const { id } of [opened.body, wide.body] as unknown as Told[])
      expect((await call('POST', `v1/incidents/${id}/release`, {})).status).toBe(204);
    await until(() => received(here) === 1, 'who was held');
    const { entries } = (await call('GET', 'v1/operations/audit')).body as unknown as { entries: { subject: string }[] };
    expect(entries.map(({ subject }) => subject)).toContain('method:upi@razorpay');
  });

  it('refuses a gateway at a gateway, and says what to do', async () => {
    const { status, body } = await call('POST', 'v1/incidents', { dimension: 'gateway', value: 'razorpay', gateway: 'cashfree' });
    expect([status, body.code]).toEqual([422, 'gateway_of_a_gateway']);
  });
});
