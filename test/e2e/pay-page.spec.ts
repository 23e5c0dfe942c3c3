import { type PlayedOrder } from '../../libs/sandbox/gateways/payment-book';
import { printFigure } from '../support/figures';
import { paymentFailed, threeLinks } from '../support/journeys';
import { DESKTOP, formWith, linksOf, open, PHONE, press, type Seen } from '../support/links';
import { type Customer, customer, endOfRun, failPayment, introduce, received } from '../support/stories';
import { until, World } from '../support/world';

const MINUTE = 60_000;

let world: World;
let next = 1;
beforeAll(async () => {
  world = await World.start({ gateways: true, env: { WAPAS_PAY_URL: '', WAPAS_SHOP_NAME: 'Asha & Sons' } });
  await world.publish(threeLinks);
});
beforeEach(() => world.moveTo(0));
afterEach(() => world.control('mode', { vendor: 'all', mode: 'normal', receipts: 'normal' }));
afterAll(() => world.stop());

/** Somebody whose Razorpay payment failed and who has all three messages. */
async function withRazorpay(): Promise<{ someone: Customer; links: string[] }> {
  const someone = customer(next++);
  await world.control('orders', {
    gateway: 'razorpay',
    id: someone.order,
    amount: 149_900,
    customer: { id: someone.id, phone: someone.phone },
  });
  await introduce(world, [someone]);
  await failPayment(world, someone);
  return { someone, links: await messaged(someone) };
}

async function withCashfree(amount = 149_900): Promise<{ someone: Customer; links: string[] }> {
  const someone = customer(next++);
  await world.control('orders', { gateway: 'cashfree', id: someone.order, amount });
  await introduce(world, [someone]);
  const event = {
    event: 'Payment Failed',
    person: { customerId: someone.id, phone: someone.phone },
    keys: { order: someone.order, payment: `pay_${someone.order}` },
    amount: { value: amount, currency: 'INR' },
    properties: { gateway: 'cashfree' },
  };
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await world.key(['ingest'])}` };
  expect((await fetch(`${world.url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(event) })).status).toBe(202);
  return { someone, links: await messaged(someone) };
}

async function messaged(someone: Customer): Promise<string[]> {
  await world.settled();
  for (const minute of [1, 5, 10]) await world.moveTo(minute * MINUTE);
  expect(received(world, someone)).toEqual(['push', 'whatsapp', 'sms']);
  return linksOf(world, someone);
}

async function orderAt(gateway: string, { order }: Customer): Promise<PlayedOrder> {
  return (await (await fetch(`${world.sandbox.url}/sandbox/orders/${gateway}/${order}`)).json()) as PlayedOrder;
}

/** Those that Razorpay was asked to make. */
const paymentLinks = async () =>
  (await (await fetch(`${world.sandbox.url}/sandbox/payment-links`)).json()) as {
    notes: { wapas_payment?: string };
    state: string;
    notifies: boolean;
  }[];

function expectPlainPage(page: Seen): void {
  expect(Buffer.byteLength(page.text)).toBeLessThan(30 * 1024);
  expect(page.text).not.toMatch(/<script|javascript:|onclick|<img|src=/i);
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(page.text).toContain('Asha &amp; Sons');
}

test('Razorpay: a link shows what is due now and hands over to the checkout of the same order; once paid it says so', async () => {
  const { someone, links } = await withRazorpay();
  const page = await open(links[0] as string);
  expectPlainPage(page);
  expect([page.status, page.text]).toEqual([200, expect.stringContaining('₹1,499.00')]);
  const form = formWith(page, 'Pay now');
  expect([form.action, form.fields.order_id, form.fields.amount]).toEqual([
    `${world.sandbox.url}/razorpay/v1/checkout/embedded`,
    someone.order,
    '149900',
  ]);

  const checkout = await press(form);
  const paid = await press(formWith(checkout, 'Pay'), { outcome: 'captured' });
  const back = await press(formWith(paid, 'Back to the shop'));
  expect([back.status, back.headers.get('location')]).toEqual([303, expect.stringMatching(/\/status$/)]);
  const after = await open(`${world.url}${back.headers.get('location')}`);
  expect([after.status, after.text]).toEqual([200, expect.stringContaining('Already paid')]);
  await world.settled();
  expect(await endOfRun(world, someone)).toBe('goal_reached');
  for (const link of links) expect((await open(link)).text).toContain('Already paid');
});

test('three links of one order opened at once: one capture', async () => {
  const { someone, links } = await withRazorpay();
  expect(new Set(links).size).toBe(3);
  const pages = await Promise.all(links.map((link) => open(link)));
  const checkouts = await Promise.all(pages.map((page) => press(formWith(page, 'Pay now'))));
  const ends = await Promise.all(checkouts.map((checkout) => press(formWith(checkout, 'Pay'), { outcome: 'captured' })));
  expect(ends.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  const { payments } = await orderAt('razorpay', someone);
  expect(payments.filter(({ state }) => state === 'captured')).toHaveLength(1);
  await world.settled();
  expect(await endOfRun(world, someone)).toBe('goal_reached');
  printFigure('rule 27, three links of one order at once', { captures: 1 });
});

test('looking changes nothing at the gateway, however often and by whomever', async () => {
  const { someone, links } = await withCashfree();
  const before = await orderAt('cashfree', someone);
  for (const link of links)
    for (const path of ['', '/status'])
      for (const agent of [PHONE, DESKTOP, 'WhatsApp/2.24']) await open(`${link}${path}`, {}, agent);
  await open(links[0] as string, { method: 'HEAD' });
  expect(await orderAt('cashfree', someone)).toEqual(before);
});

test('who comes back to a button’s address by GET is led to the page, and no attempt begins', async () => {
  const { someone, links } = await withCashfree();
  for (const button of ['upi', 'link', 'return']) {
    const answer = await fetch(`${links[0]}/${button}`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${new URL(links[0] as string).pathname}/status`]);
  }
  expect((await orderAt('cashfree', someone)).payments).toEqual([]);
});

test('Cashfree: UPI opens an app on a phone and is a QR code on a desktop, with what the gateway gave for this order', async () => {
  const { someone, links } = await withCashfree();
  const page = await open(links[1] as string);
  expectPlainPage(page);
  expect(page.text).not.toContain('upi://');
  const onPhone = await press(formWith(page, 'Pay by UPI'));
  expectPlainPage(onPhone);
  const intent = /href="(upi:\/\/pay[^"]+)"/.exec(onPhone.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const given = new URL(intent).searchParams;
  expect([given.get('am'), given.get('cu'), given.get('pa')]).toEqual(['1499.00', 'INR', 'cf.sandbox@cashfree']);

  // Pressing again, here or there, shows the attempt that was begun.
  const again = await press(formWith(page, 'Pay by UPI'));
  expect(again.text).toContain(intent.replaceAll('&', '&amp;'));
  expect((await orderAt('cashfree', someone)).payments).toHaveLength(1);

  const onDesktop = await press(formWith(page, 'Pay by UPI'), {}, DESKTOP);
  expectPlainPage(onDesktop);
  expect(onDesktop.text).toContain('<svg');
  expect(onDesktop.text).not.toContain('href="upi:');

  // The app pays the attempt it was given; Cashfree's webhook never comes, the gateway is asked instead.
  await world.control('mode', { vendor: 'cashfree', receipts: 'none' });
  const app = await fetch(`${world.sandbox.url}/cashfree/pay`, {
    method: 'POST',
    body: new URLSearchParams({ cf_payment_id: given.get('tr') ?? '', outcome: 'captured' }),
  });
  expect(app.status).toBe(200);
  expect((await open(`${links[1]}/status`)).text).toContain('Already paid');
  await world.settled();
  expect(await endOfRun(world, someone)).toBe('goal_reached');
});

test('Cashfree: after an attempt that failed pressing again begins another one', async () => {
  const { someone, links } = await withCashfree();
  await world.control('mode', { vendor: 'cashfree', receipts: 'none' });
  const attempt = async (): Promise<string> => {
    const page = await press(formWith(await open(links[1] as string), 'Pay by UPI'));
    const intent = /href="(upi:\/\/pay[^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? 'none';
    return new URL(intent).searchParams.get('tr') ?? '';
  };
  const first = await attempt();
  const body = new URLSearchParams({ cf_payment_id: first, outcome: 'failed' });
  expect((await fetch(`${world.sandbox.url}/cashfree/pay`, { method: 'POST', body })).status).toBe(200);
  const second = await attempt();
  expect(second).not.toBe(first);
  expect(await attempt()).toBe(second);
  expect((await orderAt('cashfree', someone)).payments).toHaveLength(2);
});

test('a template with a link can be tried out: the link of a test leads to the page, which has nothing to take up', async () => {
  const someone = customer(next++);
  await introduce(world, [someone]);
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await world.key(['admin'], true)}` };
  const ask = {
    channel: 'sms',
    template: { id: '64f0c0ffee00000000000001', variables: { order: '{{keys.order}}', url: '{{link}}' } },
    facts: { keys: { order: someone.order } },
    to: someone.phone,
  };
  const sent = await fetch(`${world.url}/v1/templates/test-send`, { method: 'POST', headers, body: JSON.stringify(ask) });
  expect(sent.status).toBe(202);
  await world.settled();
  expect(received(world, someone)).toEqual(['sms']);
  const [link] = linksOf(world, someone);
  const page = await open(link as string);
  expect([page.forms, page.text]).toEqual([[], expect.stringContaining('has expired')]);
});

test('where nobody can tell which gateway has the order, the messages are left out and a person is told how to mend it', async () => {
  const someone = customer(next++);
  await introduce(world, [someone]);
  const event = {
    event: 'Payment Failed',
    person: { customerId: someone.id, phone: someone.phone },
    keys: { order: someone.order },
    amount: { value: 149_900, currency: 'INR' },
  };
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await world.key(['ingest'])}` };
  expect((await fetch(`${world.url}/v1/events`, { method: 'POST', headers, body: JSON.stringify(event) })).status).toBe(202);
  await world.settled();
  for (const minute of [1, 5, 10]) await world.moveTo(minute * MINUTE);
  expect(received(world, someone)).toEqual([]);
  const { attention } = (await (await fetch(`${world.url}/health/ready`)).json()) as { attention: string[] };
  expect(attention).toContainEqual(
    expect.stringMatching(
      /^\d+ message\(s\) were left out \(missing_link\).*properties\.gateway: razorpay, cashfree.*WAPAS_PAY_URL/,
    ),
  );
});

test('the amount is read at click time', async () => {
  const { someone, links } = await withCashfree();
  await world.control('orders', { gateway: 'cashfree', id: someone.order, amount: 12_345_600 });
  expect((await open(links[0] as string)).text).toContain('₹1,23,456.00');
});

test.each([
  ['authorised', 'Your bank is confirming'],
  ['failed', 'Pay now'],
])('an order whose last attempt is %s: %s', async (outcome, words) => {
  const { someone, links } = await withRazorpay();
  await world.control('mode', { vendor: 'razorpay', receipts: 'none' });
  await world.control(`orders/razorpay/${someone.order}/pay`, { outcome });
  const page = await open(links[2] as string);
  expect(page.text).toContain(words);
  expect(page.forms.length > 0).toBe(outcome === 'failed');
});

test('an order that has expired at the gateway says so kindly', async () => {
  const { someone, links } = await withCashfree();
  await world.control('orders', { gateway: 'cashfree', id: someone.order, amount: 149_900, state: 'expired' });
  const page = await open(links[0] as string);
  expect([page.status, page.forms, page.text]).toEqual([200, [], expect.stringContaining('expired')]);
});

test('a gateway that does not answer shows no button: nobody is asked to pay what may be paid', async () => {
  const { links } = await withRazorpay();
  await world.control('mode', { vendor: 'razorpay', mode: '500', count: 1 });
  const page = await open(links[0] as string);
  expect([page.status, page.forms]).toEqual([503, []]);
  expect(page.headers.get('retry-after')).not.toBeNull();
});

test('while the database is away an open order can still be paid: the gateway knows it', async () => {
  const { links } = await withRazorpay();
  await open(links[0] as string);
  await world.stopDatabase();
  const page = await open(links[0] as string);
  await world.startDatabase();
  expect([page.status, formWith(page, 'Pay now').action]).toEqual([200, expect.stringContaining('/checkout/embedded')]);
  await until(async () => (await fetch(`${world.url}/health/ready`)).ok, 'the database to be back');
});

test('a UPI address for another amount is not shown; the checkout is', async () => {
  const { someone, links } = await withCashfree();
  await world.control('orders', { gateway: 'cashfree', id: someone.order, amount: 149_900, upiAmount: 1_499_000 });
  const page = await press(formWith(await open(links[0] as string), 'Pay by UPI'));
  expect(page.text).not.toContain('upi://');
  expect(formWith(page, 'Pay now').action).toContain('/cashfree/pg/view/sessions/checkout');
});

test('a payment without an order: one payment link a payment, its own reminders off, cancelled once it is paid elsewhere', async () => {
  const someone = customer(next++);
  await world.control('orders', { gateway: 'razorpay', id: `none_${someone.id}`, amount: 149_900, payment: `pay_${someone.id}` });
  await introduce(world, [someone]);
  const failed = {
    entity: 'event',
    event: 'payment.failed',
    payload: {
      payment: {
        entity: {
          id: `pay_${someone.id}`,
          amount: 149_900,
          currency: 'INR',
          status: 'failed',
          order_id: null,
          contact: someone.phone,
          notes: { customer_id: someone.id },
        },
      },
    },
    created_at: Math.floor(world.clock.now() / 1_000),
  };
  expect((await world.razorpay(failed)).status).toBe(202);
  const links = await messaged(someone);
  const pages = await Promise.all(links.map((link) => open(link)));
  const left = await Promise.all(pages.map((page) => press(formWith(page, 'Pay now'))));
  const addresses = left.map(({ status, headers }) => `${status} ${headers.get('location')}`);
  expect(new Set(addresses)).toEqual(new Set([expect.stringMatching(/^303 http:.*\/razorpay\/l\/plink_/) as string]));
  const made = async () => (await paymentLinks()).filter(({ notes }) => notes.wapas_payment === `pay_${someone.id}`);
  expect(await made()).toMatchObject([{ state: 'created', notifies: false }]);

  const captured = {
    ...failed,
    event: 'payment.captured',
    payload: { payment: { entity: { ...failed.payload.payment.entity, status: 'captured' } } },
  };
  expect((await world.razorpay(captured)).status).toBe(202);
  await until(async () => (await made())[0]?.state === 'cancelled', 'the payment link to be cancelled');
});

test('a payment link that is paid ends the run it was made for', async () => {
  const someone = customer(next++);
  await world.control('orders', { gateway: 'razorpay', id: `none_${someone.id}`, amount: 149_900, payment: `pay_${someone.id}` });
  await introduce(world, [someone]);
  const entity = {
    id: `pay_${someone.id}`,
    amount: 149_900,
    currency: 'INR',
    status: 'failed',
    order_id: null,
    contact: someone.phone,
    notes: { customer_id: someone.id },
  };
  const failed = {
    entity: 'event',
    event: 'payment.failed',
    payload: { payment: { entity } },
    created_at: Math.floor(world.clock.now() / 1_000),
  };
  expect((await world.razorpay(failed)).status).toBe(202);
  const [link] = await messaged(someone);
  const left = await press(formWith(await open(link as string), 'Pay now'));
  const checkout = await open(left.headers.get('location') ?? '');
  await press(formWith(checkout, 'Pay'), { outcome: 'captured' });
  await world.settled();
  expect(await endOfRun(world, someone)).toBe('goal_reached');
});

/** What the shop itself says; the gateway has heard nothing of it. */
async function shopSays(event: string, person: object, keys: object, more: object = {}): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await world.key(['ingest'])}` };
  const body = JSON.stringify({ event, person, keys, ...more });
  expect((await fetch(`${world.url}/v1/events`, { method: 'POST', headers, body })).status).toBe(202);
}

test.each([
  ['Order Placed COD', 200, 'Already paid'],
  ['Order Cancelled', 410, 'expired'],
])(
  'a page that is open still asks for nothing after %s: the shop knows what the gateway does not',
  async (event, status, words) => {
    const { someone, links } = await withCashfree();
    const page = await open(links[0] as string);
    await shopSays(event, { customerId: someone.id }, { order: someone.order });
    const seen = [await open(`${links[0]}/status`), await press(formWith(page, 'Pay by UPI')), await open(links[0] as string)];
    for (const one of seen) expect([one.status, one.text, one.forms]).toEqual([status, expect.stringContaining(words), []]);
    expect((await orderAt('cashfree', someone)).payments).toEqual([]);
  },
);

test('a payment link is cancelled, and no other one made, once the customer has paid by an order of another name', async () => {
  await world.publish(
    paymentFailed({
      key: 'any_order',
      trigger: { event: 'Instalment Refused' },
      goal: { events: ['Payment Captured', 'Order Paid'], by: ['payment'], or: [{ events: ['Order Paid'], by: ['customer'] }] },
      steps: (threeLinks as { steps: object[] }).steps,
    }),
  );
  const someone = customer(next++);
  const payment = `pay_${someone.id}`;
  await world.control('orders', { gateway: 'razorpay', id: `none_${someone.id}`, amount: 149_900, payment });
  await introduce(world, [someone]);
  const person = { customerId: someone.id, phone: someone.phone };
  const more = { amount: { value: 149_900, currency: 'INR' }, properties: { gateway: 'razorpay' } };
  await shopSays('Instalment Refused', person, { payment }, more);
  const [link] = await messaged(someone);
  const page = await open(link as string);
  const made = async () => (await paymentLinks()).filter(({ notes }) => notes.wapas_payment === payment);
  expect((await press(formWith(page, 'Pay now'))).status).toBe(303);
  expect(await made()).toMatchObject([{ state: 'created' }]);

  await shopSays('Order Paid', { customerId: someone.id }, { order: 'order_of_another_name' });
  await until(async () => (await made())[0]?.state === 'cancelled', 'the payment link to be cancelled');
  expect((await press(formWith(page, 'Pay now'))).text).toContain('Already paid');
});
