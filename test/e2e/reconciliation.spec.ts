import { EntityKeys } from '@wapas/entity-keys';
import { SourcePulse } from '../../src/ingestion/ingestion.api';
import { printFigure } from '../support/figures';
import { paymentFailed } from '../support/journeys';
import { type Customer, customer, endOfRun, failPayment, introduce, outcomes, received } from '../support/stories';
import { paymentEvent, until, World } from '../support/world';

const MINUTE = 60_000;

let world: World;
beforeEach(async () => {
  world = await World.start({ gateways: true, env: { WAPAS_SOURCE_QUIET_AFTER_S: '3600' } });
  await world.publish(paymentFailed());
});
afterEach(() => world.stop());

/** A customer whose order is open at the gateway and whose payment has just failed. */
async function failed(number: number, at = 0): Promise<Customer> {
  const someone = customer(number);
  await world.control('orders', {
    gateway: 'razorpay',
    id: someone.order,
    amount: 149_900,
    customer: { id: someone.id, phone: someone.phone },
  });
  await introduce(world, [someone]);
  await failPayment(world, someone, at);
  await world.settled();
  return someone;
}

const webhooks = (receipts: 'none' | 'normal'): Promise<void> => world.control('mode', { vendor: 'razorpay', receipts });
const atGateway = ({ order }: Customer, outcome = 'captured'): Promise<void> =>
  world.control(`orders/razorpay/${order}/pay`, { outcome });
/** Payments that failed, as the shop itself reports them; nobody of theirs was introduced. */
async function postFailures(customers: readonly Customer[], gateway: string): Promise<void> {
  const authorization = `Bearer ${await world.key(['ingest'])}`;
  const events = customers.map(({ id, phone, order }) => ({
    event: 'Payment Failed',
    person: { customerId: id, phone },
    keys: { order },
    amount: { value: 149_900, currency: 'INR' },
    reason: { class: 'user_error' },
    properties: { gateway },
  }));
  for (let start = 0; start < events.length; start += 500) {
    const response = await fetch(`${world.url}/v1/events/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ events: events.slice(start, start + 500) }),
    });
    expect(response.status).toBe(202);
  }
}
async function asked(): Promise<number> {
  const calls = (await (await fetch(`${world.sandbox.url}/sandbox/gateway-calls`)).json()) as Record<string, number>;
  return calls.razorpay ?? 0;
}
async function messageOf({ phone }: Customer, channel: string): Promise<string> {
  const [message] = await world.sql<{ what: string }>(
    `select m.state || coalesce(':' || m.reason, '') as what from message m
     join person_address a on a.person_id = m.person_id and a.kind = 'phone' where a.key = $1 and m.channel = $2`,
    [world.app.get(EntityKeys).keyOf('phone', phone), channel],
  );
  return message?.what ?? 'none';
}

it('a webhook that was switched off does not nag people who have paid, and their run ends by its goal', async () => {
  const some = [];
  for (let number = 1; number <= 5; number += 1) some.push(await failed(number));
  await world.moveTo(MINUTE);
  await webhooks('none');
  for (const one of some.slice(0, 4)) await atGateway(one);
  await world.moveTo(15 * MINUTE);
  expect(some.map((one) => received(world, one))).toEqual([['push'], ['push'], ['push'], ['push'], ['push', 'whatsapp']]);
  for (const one of some.slice(0, 4)) expect(await endOfRun(world, one)).toBe('goal_reached');
  await world.moveTo(120 * MINUTE);
  expect(received(world, some[4] as Customer)).toEqual(['push', 'whatsapp', 'sms']);
  printFigure('rule 25, webhook switched off', { paid: 4, 'messages to them afterwards': 0 });
});

it('a word that is a minute old is good enough; an older one is not', async () => {
  const one = await failed(1);
  await world.moveTo(MINUTE);
  await world.moveTo(14.5 * MINUTE);
  await failPayment(world, one, 14.5 * MINUTE);
  await world.moveTo(15 * MINUTE);
  expect([received(world, one), await asked()]).toEqual([['push', 'whatsapp'], 0]);
  const two = await failed(2, 15 * MINUTE);
  await world.moveTo(16 * MINUTE);
  await world.moveTo(30 * MINUTE);
  expect(received(world, two)).toEqual(['push', 'whatsapp']);
  expect(await asked()).toBeGreaterThan(0);
});

it('before a push nobody is asked while the source is heard; once it has gone quiet everybody is', async () => {
  const one = await failed(1);
  await world.moveTo(MINUTE);
  expect([received(world, one), await asked()]).toEqual([['push'], 0]);
  const two = await failed(2, MINUTE);
  await webhooks('none');
  await atGateway(two);
  // Business time cannot pass an hour without its push being late: the source was last heard two hours ago instead.
  await world.sql(`update source_pulse set heard_at = heard_at - interval '2 hours'`);
  await until(async () => (await world.app.get(SourcePulse).quiet()).has('razorpay'), 'the silence to be noticed');
  await world.moveTo(2 * MINUTE + 1_000);
  expect([received(world, two), await endOfRun(world, two)]).toEqual([[], 'goal_reached']);
});

it('while its source is silent a run is asked about although no step of it is due, and a person is told', async () => {
  const one = await failed(1);
  const two = await failed(2);
  for (const minute of [1, 15, 120]) await world.moveTo(minute * MINUTE);
  await webhooks('none');
  await atGateway(one);
  await world.moveTo(200 * MINUTE);
  await world.sql(`update source_pulse set heard_at = heard_at - interval '13 hours'`);
  await until(async () => (await endOfRun(world, one)) === 'goal_reached', 'the run to end by its goal');
  expect(await endOfRun(world, two)).toBeUndefined();
  const health = async () => (await (await fetch(`${world.url}/health/ready`)).json()) as { status: string; attention: string[] };
  await until(async () => (await health()).attention.length > 0, 'a person to be told');
  const { status, attention } = await health();
  expect([status, attention]).toEqual(['ready', [expect.stringContaining('the source razorpay has gone quiet')]]);
});

it('an order of which the gateway says what nobody can read keeps nobody behind it waiting', async () => {
  const many = Array.from({ length: 510 }, (_, index) => customer(index + 10));
  await world.control('orders', { gateway: 'razorpay', id: many[0]?.order, amount: 149_900, status: 'mystery' });
  await postFailures(many, 'razorpay');
  await world.settled();
  await world.moveTo(MINUTE / 2);
  const last = await failed(1, MINUTE / 2);
  await webhooks('none');
  await atGateway(last);
  await world.moveTo(90 * MINUTE);
  await until(async () => (await endOfRun(world, last)) === 'goal_reached', 'the run behind it to end by its goal', 20_000);
  expect((await world.runs()).filter(({ isLive }) => isLive).length).toBe(many.length);
});

it('an order that the gateway does not know is judged by what was heard', async () => {
  const one = customer(1);
  await introduce(world, [one]);
  await failPayment(world, one);
  await world.settled();
  await world.moveTo(MINUTE);
  await world.moveTo(15 * MINUTE);
  expect(received(world, one)).toEqual(['push', 'whatsapp']);
  expect(await asked()).toBeGreaterThan(0);
});

it('a gateway that fails for two minutes costs the paid messages, says so, and brings nothing forward', async () => {
  const one = await failed(1);
  await world.moveTo(MINUTE);
  await world.control('mode', { vendor: 'razorpay', mode: '500' });
  await world.moveTo(15 * MINUTE);
  expect(await messageOf(one, 'whatsapp')).toBe('planned');
  await world.moveTo(17 * MINUTE);
  await until(async () => (await messageOf(one, 'whatsapp')) !== 'planned', 'the message to be given up');
  expect(await messageOf(one, 'whatsapp')).toBe('skipped:status_unknown');
  await world.moveTo(60 * MINUTE);
  expect(received(world, one)).toEqual(['push']);
  expect(await outcomes(world, one)).not.toHaveProperty('sms');
});

it('a gateway that fails for a moment costs nothing', async () => {
  const one = await failed(1);
  await world.moveTo(MINUTE);
  await world.control('mode', { vendor: 'razorpay', mode: '429', delayMs: 300, count: 1 });
  await world.moveTo(15 * MINUTE);
  await until(async () => (await messageOf(one, 'whatsapp')) === 'sent', 'the message to be sent');
  expect(received(world, one)).toEqual(['push', 'whatsapp']);
});

it('an order that is authorised at the gateway gets no message', async () => {
  const one = await failed(1);
  await world.moveTo(MINUTE);
  await webhooks('none');
  await atGateway(one, 'authorised');
  await world.moveTo(15 * MINUTE);
  expect([received(world, one), await messageOf(one, 'whatsapp')]).toEqual([['push'], 'skipped:silenced']);
});

it('a webhook that said "authorised" a moment ago is believed, also by a journey that does not name it', async () => {
  await world.publish(paymentFailed({ silence: [] }));
  const one = await failed(1);
  await world.moveTo(MINUTE);
  await world.moveTo(14.5 * MINUTE);
  const { id, phone, order } = one;
  await world.razorpay(paymentEvent('payment.authorized', { order, phone, customer: id, at: 14.5 * MINUTE }));
  await world.moveTo(15 * MINUTE);
  expect([received(world, one), await messageOf(one, 'whatsapp'), await asked()]).toEqual([['push'], 'skipped:silenced', 0]);
});

it('a first-party order at Cashfree: held while its attempt is with the bank, given up once the order has expired', async () => {
  const some = [customer(1), customer(2)];
  await introduce(world, some);
  for (const { order } of some) await world.control('orders', { gateway: 'cashfree', id: order, amount: 149_900 });
  await postFailures(some, 'cashfree');
  await world.settled();
  await world.moveTo(MINUTE);
  const [one, two] = some as [Customer, Customer];
  await world.control(`orders/cashfree/${one.order}/pay`, { outcome: 'pending' });
  await world.control('orders', { gateway: 'cashfree', id: two.order, amount: 149_900, state: 'expired' });
  await world.moveTo(15 * MINUTE);
  expect([await messageOf(one, 'whatsapp'), await messageOf(two, 'whatsapp')]).toEqual(['planned', 'skipped:order_expired']);
  expect(some.map((each) => received(world, each))).toEqual([['push'], ['push']]);
});
