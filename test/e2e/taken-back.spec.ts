import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { hours, minutes } from '@wapas/kernel';
import { rebuildOutcomes } from '../../src/analytics/rebuild-outcomes';
import { apiOf } from '../support/api';
import { paymentFailed } from '../support/journeys';
import { customer, failPayment, introduce, pay } from '../support/stories';
import { paymentEvent, START, World } from '../support/world';

interface Arm {
  readonly entered: number;
  readonly recovered: number;
  readonly revenue: { currency: string; amount: number }[];
  readonly runs: { entered: string; recovered: string };
}
type Row = Arm & { readonly part: string };

const PRICE = 149_900;
const DAY = hours(24);
let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start();
  api = await apiOf(world);
});
afterAll(() => world?.stop());

const report = async () => (await api('GET', '/v1/analytics/journeys/payment_failed')).body.treated as Arm;
const listed = async (url: string): Promise<number> => ((await api('GET', url)).body.runs as object[]).length;

test('money that goes back within a week takes the recovery back, whole or in part; later it does not, and nothing counts twice', async () => {
  await world.publish(paymentFailed());
  const everybody = [whole, part, late, kept].map((number) => customer(number));
  await introduce(world, everybody);
  for (const one of everybody) await failPayment(world, one);
  await world.settled();
  await world.moveTo(minutes(1));
  for (const one of everybody) await pay(world, one, minutes(1));
  await world.settled();
  expect(await report()).toMatchObject({ recovered: 4, revenue: [{ currency: 'INR', amount: 4 * PRICE }] });

  const refund = async (number: number, at: number, amount: number, eventId: string): Promise<void> => {
    const { id, phone, order } = customer(number);
    const body = paymentEvent('refund.processed', { order, phone, customer: id, at, amount });
    expect((await world.razorpay(body, { eventId })).ok).toBe(true);
  };
  await world.moveTo(3 * DAY);
  await refund(whole, 3 * DAY, PRICE, 'refund-1');
  await refund(whole, 3 * DAY, PRICE, 'refund-1');
  await refund(part, 3 * DAY, 40_000, 'refund-2');
  await refund(part, 3 * DAY, 9_900, 'refund-3');
  await world.settled();
  await world.moveTo(8 * DAY);
  await refund(late, 8 * DAY, PRICE, 'refund-4');
  await world.settled();

  const left = { entered: 4, recovered: 3, revenue: [{ currency: 'INR', amount: 3 * PRICE - 49_900 }] };
  const treated = await report();
  expect(treated).toMatchObject(left);
  expect(await listed(treated.runs.recovered)).toBe(3);
  await rebuildOutcomes(world.database);
  expect(await report()).toMatchObject(left);
});

test('what was drawn where texts have variants is told apart, and leads to its runs', async () => {
  const variants = ['plain', 'warm'].map((key) => ({ key, percent: 50, template: { title: key, body: 'Tap to try again.' } }));
  await world.publish(paymentFailed({ steps: [{ key: 'push', after: '1m', channel: 'push', messages: [{ variants }] }] }));
  const everybody = Array.from({ length: 24 }, (_, index) => customer(100 + index));
  await introduce(world, everybody);
  for (const one of everybody) await failPayment(world, one, 8 * DAY);
  await world.settled();
  await world.moveTo(8 * DAY + minutes(1));
  for (const one of everybody.slice(0, 12)) await pay(world, one, 8 * DAY + minutes(1));
  await world.settled();
  const sent = await world.sql<{ variant: string; count: number }>(
    `select 'push:' || (detail ->> 'variant') as variant, count(*)::int as count from decision where kind = 'send' and detail ? 'variant' group by 1 order by 1`,
  );
  expect(sent.map(({ variant }) => variant)).toEqual(['push:plain', 'push:warm']);
  const rows = async () => ((await api('GET', '/v1/analytics/journeys/payment_failed/series?breakdown=variant')).body.rows as Row[]).filter(({ part: drawn }) => drawn !== ''); // prettier-ignore
  const before = await rows();
  expect(before.map(({ part: variant, entered }) => ({ variant, count: entered }))).toEqual(sent);
  expect(before.reduce((sum, { recovered }) => sum + recovered, 0)).toBe(12);
  for (const { entered, recovered, runs } of before)
    expect([await listed(runs.entered), await listed(runs.recovered)]).toEqual([entered, recovered]);
  await rebuildOutcomes(world.database);
  expect(await rows()).toEqual(before);
});

/** A starter journey without a holdout. */
async function publishStarter(name: string): Promise<void> {
  const text = readFileSync(join(__dirname, `../../src/journeys/starter/${name}.yaml`), 'utf8');
  await world.publish({ ...(parseYaml(text) as object), holdoutPercent: 0 });
}
const occurredAt = (at: number): string => new Date(START + at).toISOString();
const amount = { value: PRICE, currency: 'INR' };

test.each([
  {
    name: 'cart_abandoned',
    about: 'a cart',
    at: 9 * DAY,
    trigger: (n: number) => ({ event: 'Cart Abandoned', person: { customerId: `cart_${n}`, phone: `+9197000000${n}` }, keys: { cart: `cart_${n}` }, amount, properties: { itemIds: [`sku_${n}`] } }), // prettier-ignore
    goal: (n: number) => ({ event: 'Order Placed COD', person: { customerId: `cart_${n}` }, keys: { order: `cart_order_${n}` }, amount, properties: { itemIds: [`sku_${n}`, 'sku'] } }), // prettier-ignore
  },
  {
    name: 'checkout_abandoned_guest',
    about: 'a guest at the checkout',
    at: 20 * DAY,
    trigger: (n: number) => ({ event: 'Checkout Abandoned', person: { phone: `+9197000001${n}` }, keys: { checkout: `chk_${n}` }, amount, properties: { marketing_consent: true } }), // prettier-ignore
    goal: (n: number) => ({ event: 'Order Paid', person: { phone: `+9197000001${n}` }, keys: { order: `chk_order_${n}` }, amount }), // prettier-ignore
  },
])(
  'money of the order that recovered $about is taken back when it goes back or the order is cancelled, in whichever order that is heard',
  async ({ name, at, trigger, goal }) => {
    await publishStarter(name);
    await world.moveTo(at);
    const post = async (event: object, after: number): Promise<void> =>
      expect((await api('POST', '/v1/events', { ...event, occurredAt: occurredAt(at + after) })).status).toBe(202);
    const reported = async (): Promise<Arm> => (await api('GET', `/v1/analytics/journeys/${name}`)).body.treated as Arm;
    const [back, some, cancelled, reordered, another, stays] = [10, 11, 12, 13, 14, 15] as const;
    const everybody = [back, some, cancelled, reordered, another, stays];
    for (const one of everybody) await post(trigger(one), 0);
    await world.settled();
    await world.moveTo(at + hours(6));
    const keysOf = (one: number): object => ({ keys: goal(one).keys });
    // Its refund is heard of before the payment.
    await post({ event: 'Payment Refunded', ...keysOf(reordered), amount }, minutes(3));
    await world.settled();
    for (const one of everybody) await post(goal(one), minutes(2));
    await world.settled();
    expect(await reported()).toMatchObject({ entered: 6, recovered: 5, revenue: [{ currency: 'INR', amount: 5 * PRICE }] });

    await post({ event: 'Payment Refunded', ...keysOf(back), amount }, hours(5));
    await post({ event: 'Payment Refunded', ...keysOf(some), amount: { ...amount, value: 50_000 } }, hours(5));
    // Of a cancelled order nothing is left, whatever amount it names.
    await post({ event: 'Order Cancelled', ...keysOf(cancelled), amount: { ...amount, value: 100 } }, hours(5));
    // The same customer's other order is another story.
    await post({ event: 'Payment Refunded', person: goal(another).person, keys: { order: `other_${name}` }, amount }, hours(5));
    await world.settled();
    const left = { entered: 6, recovered: 3, revenue: [{ currency: 'INR', amount: 3 * PRICE - 50_000 }] };
    expect(await reported()).toMatchObject(left);
    await rebuildOutcomes(world.database);
    expect(await reported()).toMatchObject(left);
  },
);

const [whole, part, late, kept] = [1, 2, 3, 4] as const;
