import { createHttpClient } from '@wapas/egress';
import { type Sandbox, startSandbox } from '@wapas/sandbox';
import { majorMoney } from './ask';
import { type Gateway, type StatusAnswer } from './contract';
import { gatewayDefinitions } from './registry';

let sandbox: Sandbox;
const http = createHttpClient();
beforeAll(async () => {
  sandbox = await startSandbox({
    razorpayKeyId: 'rzp_test_1',
    razorpayKeySecret: 'razorpay-key-secret',
    cashfreeClientId: 'cf-app',
    cashfreeClientSecret: 'cashfree-secret',
    stripeSecretKey: 'rk_test_1',
  });
});
afterEach(() => control('mode', { vendor: 'all', mode: 'normal' }));
afterAll(async () => {
  await http.close();
  await sandbox.close();
});

const settings = (): Record<string, string> => ({
  RAZORPAY_KEY_ID: 'rzp_test_1',
  RAZORPAY_KEY_SECRET: 'razorpay-key-secret',
  RAZORPAY_BASE_URL: `${sandbox.url}/razorpay/v1`,
  CASHFREE_CLIENT_ID: 'cf-app',
  CASHFREE_CLIENT_SECRET: 'cashfree-secret',
  CASHFREE_BASE_URL: `${sandbox.url}/cashfree/pg`,
  STRIPE_SECRET_KEY: 'rk_test_1',
  STRIPE_BASE_URL: `${sandbox.url}/stripe/v1`,
});

function gateway(name: string, changes: Record<string, string> = {}): Gateway {
  const definition = gatewayDefinitions.find((one) => one.name === name);
  const setup = definition?.read({ ...settings(), ...changes });
  if (!setup?.ok) throw new Error(`No ${name}: ${setup?.problems.join()}`);
  return setup.config(http);
}

async function control(what: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${sandbox.url}/sandbox/${what}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

let orders = 0;
/** An order of 1,499 rupees at the gateway; its id. */
async function order(name: string, more: Record<string, unknown> = {}): Promise<string> {
  orders += 1;
  const id = typeof more.id === 'string' ? more.id : `${name === 'stripe' ? 'pi' : 'order'}_${orders}`;
  await control('orders', { gateway: name, amount: 149_900, ...more, id });
  return id;
}
const pay = (name: string, id: string, outcome: string): Promise<unknown> => control(`orders/${name}/${id}/pay`, { outcome });
const stateOf = (answer: StatusAnswer): unknown => (answer.known ? answer.word.state : answer.reason);

describe.each(['razorpay', 'cashfree', 'stripe'])('%s', (name) => {
  it('an order nobody has paid is open, with its amount in minor units', async () => {
    const id = await order(name);
    const answer = await gateway(name).status.ask({ order: id });
    expect(answer).toMatchObject({
      known: true,
      word: { state: 'open', order: id, amount: { amount: 149_900, currency: 'INR' } },
    });
  });

  it('an order whose payment failed is still open; once paid it is paid, and says by which payment', async () => {
    const id = await order(name);
    await pay(name, id, 'failed');
    expect(stateOf(await gateway(name).status.ask({ order: id }))).toBe('open');
    await pay(name, id, 'captured');
    const answer = await gateway(name).status.ask({ order: id });
    expect(answer).toMatchObject({
      known: true,
      word: { state: 'paid', payment: expect.any(String) as string, amount: { amount: 149_900 } },
    });
  });

  it('money that the bank has not confirmed is neither open nor paid', async () => {
    const id = await order(name);
    await pay(name, id, 'authorised');
    expect(['authorised', 'pending']).toContain(stateOf(await gateway(name).status.ask({ order: id })));
  });

  it('an order it does not know is an answer, not a failure', async () => {
    const unknown = name === 'stripe' ? 'pi_unknown' : 'order_unknown';
    expect(await gateway(name).status.ask({ order: unknown })).toMatchObject({ known: false, reason: 'not_found' });
  });

  it.each(['../payments', 'order_1/../../x', '', 'a b', 'x'.repeat(65), 'a?b=c', 'order%2f1'])(
    'an id like %j never reaches the address',
    async (id) => expect(await gateway(name).status.ask({ order: id })).toEqual({ known: false, reason: 'not_found' }),
  );

  it.each([
    ['429', 'throttled'],
    ['500', 'unreachable'],
    ['reset-before', 'unreachable'],
    ['refused', 'refused'],
    ['bad-json', 'unreadable'],
    ['200-with-error', 'unreadable'],
  ])('when it fails in the manner of %s nothing is known: %s', async (mode, reason) => {
    const id = await order(name, { state: 'paid' });
    await control('mode', { vendor: name, mode, delayMs: 2_000 });
    const answer = await gateway(name).status.ask({ order: id });
    expect(answer).toMatchObject({ known: false, reason });
    if (mode === '429') expect(answer).toMatchObject({ retryAfterMs: 2_000 });
  });

  it('a gateway that cannot be reached is a failure, and never an exception', async () => {
    const away = gateway(
      name,
      Object.fromEntries(
        Object.keys(settings())
          .filter((key) => key.endsWith('_BASE_URL'))
          .map((key) => [key, 'http://127.0.0.1:9']),
      ),
    );
    expect(await away.status.ask({ order: name === 'stripe' ? 'pi_1' : 'order_1' })).toMatchObject({
      known: false,
      reason: 'unreachable',
    });
  });

  it('names what is missing from its settings and repeats no secret', () => {
    const definition = gatewayDefinitions.find((one) => one.name === name);
    for (const { name: setting, secret, required } of definition?.settings ?? []) {
      if (required)
        expect(definition?.read({ ...settings(), [setting]: ' ' })).toMatchObject({
          ok: false,
          problems: [expect.stringContaining(setting)],
        });
      if (!secret) continue;
      const setup = definition?.read({ ...settings(), [setting]: 'two words-4f9a' });
      expect(JSON.stringify(setup)).not.toContain('4f9a');
      expect(setup?.ok).toBe(false);
    }
  });
});

describe('razorpay', () => {
  it('looks a payment up where there is no order, and the order where the payment has one', async () => {
    await order('razorpay', { id: 'none_1', payment: 'pay_alone' });
    const razorpay = gateway('razorpay');
    expect(await razorpay.status.ask({ payment: 'pay_alone' })).toMatchObject({
      word: { state: 'open', payment: 'pay_alone', amount: { amount: 149_900 } },
    });
    const id = await order('razorpay', { payment: 'pay_first' });
    await pay('razorpay', id, 'captured');
    expect(await razorpay.status.ask({ payment: 'pay_first' })).toMatchObject({ word: { state: 'paid', order: id } });
  });

  it('hands the customer over with the order that exists', async () => {
    const id = await order('razorpay');
    const razorpay = gateway('razorpay');
    const answer = await razorpay.status.ask({ order: id });
    const form =
      answer.known && razorpay.checkout?.handOver(answer.word, { returnUrl: 'https://wapas.example/back', title: 'Shop' });
    expect(form).toMatchObject({
      fields: { order_id: id, key_id: 'rzp_test_1', amount: '149900', callback_url: 'https://wapas.example/back' },
    });
    expect(JSON.stringify(form)).not.toContain('razorpay-key-secret');
  });

  it('makes one payment link a reference, with every message of its own switched off, and cancels it', async () => {
    const links = gateway('razorpay').links;
    const request = {
      reference: 'run-1',
      amount: { amount: 149_900, currency: 'INR' },
      title: 'Your payment',
      returnUrl: 'https://wapas.example/back',
      notes: { wapas_payment: 'pay_1' },
      expiresAt: Date.now() + 86_400_000,
    };
    const [one, two, three] = await Promise.all([links?.makeLink(request), links?.makeLink(request), links?.makeLink(request)]);
    expect(one).toMatchObject({ ok: true, state: 'open' });
    expect([two, three]).toEqual([one, one].map((link) => expect.objectContaining({ id: link?.ok && link.id }) as object));
    const played = (await (await fetch(`${sandbox.url}/sandbox/payment-links`)).json()) as {
      reference: string;
      notifies: boolean;
      state: string;
    }[];
    expect(played.filter(({ reference }) => reference === 'run-1')).toMatchObject([{ notifies: false, state: 'created' }]);
    const id = one?.ok ? one.id : '';
    expect(await links?.cancelLink(id)).toBe(true);
    expect(await links?.cancelLink(id)).toBe(true);
    expect(await links?.makeLink(request)).toMatchObject({ ok: true, state: 'cancelled' });
  });
});

describe('stripe', () => {
  it.each([
    ['cs_test_', 'open', 'open'],
    ['cs_test_', 'paid', 'paid'],
    ['cs_test_', 'expired', 'expired'],
    ['in_', 'open', 'open'],
    ['in_', 'paid', 'paid'],
    ['in_', 'cancelled', 'cancelled'],
    ['pi_', 'cancelled', 'cancelled'],
  ])('what %s names is looked up as what it is: %s → %s', async (prefix, state, expected) => {
    const id = await order('stripe', { id: `${prefix}${state}` });
    await control('orders', { gateway: 'stripe', id, amount: 149_900, state });
    expect(await gateway('stripe').status.ask({ order: id })).toMatchObject({
      word: { state: expected, amount: { amount: 149_900, currency: 'INR' } },
    });
  });

  it('a session that is complete and not paid waits for the bank', async () => {
    const id = await order('stripe', { id: 'cs_test_bank' });
    await pay('stripe', id, 'pending');
    expect(stateOf(await gateway('stripe').status.ask({ order: id }))).toBe('pending');
  });

  it('an order of the shop that is none of Stripe is not asked for; its payment is', async () => {
    const id = await order('stripe');
    expect(stateOf(await gateway('stripe').status.ask({ order: 'order_42', payment: id }))).toBe('open');
  });
});

describe('cashfree', () => {
  it('gives the UPI address that it made for the order, and nothing once the order is paid', async () => {
    const id = await order('cashfree');
    const cashfree = gateway('cashfree');
    const answer = await cashfree.status.ask({ order: id });
    if (!answer.known) throw new Error(answer.reason);
    expect(await cashfree.checkout?.startUpi?.(answer.word)).toMatchObject({
      ok: true,
      intent: expect.stringMatching(/^upi:\/\/pay\?.*am=1499\.00/) as string,
    });
    await pay('cashfree', id, 'captured');
    expect(await cashfree.checkout?.startUpi?.(answer.word)).toMatchObject({ ok: false });
  });

  it.each([
    [170, 'INR', 17_000],
    [170.5, 'INR', 17_050],
    [1499.99, 'INR', 149_999],
    [0.01, 'INR', 1],
    [500, 'JPY', 500],
  ])('%d %s is %d minor units', (major, currency, minor) => {
    expect(majorMoney(major, currency)).toEqual({ amount: minor, currency });
  });

  it.each([
    [1.005, 'INR'],
    [0.5, 'JPY'],
    [-1, 'INR'],
    [Number.NaN, 'INR'],
    [1e21, 'INR'],
    ['170', 'INR'],
    [170, 'rupees'],
  ])('%j %s is not guessed at', (major, currency) => {
    expect(majorMoney(major, currency)).toBeUndefined();
  });
});
