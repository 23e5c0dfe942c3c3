import { gatewayDefinitions } from '@wapas/gateways';
import { type Sandbox, startSandbox } from '@wapas/sandbox';
import { type Config } from '../config/config';
import { Log } from '../log';
import { Gateways } from './gateways';

let sandbox: Sandbox;
let gateways: Gateways;
beforeEach(async () => {
  sandbox = await startSandbox();
  const configured = gatewayDefinitions.flatMap((definition) => {
    const setup = definition.read({
      RAZORPAY_KEY_ID: 'rzp_1',
      RAZORPAY_KEY_SECRET: 'secret-1',
      RAZORPAY_BASE_URL: `${sandbox.url}/razorpay/v1`,
    });
    return setup.ok ? [{ name: definition.name, create: setup.config }] : [];
  });
  gateways = new Gateways({ gateways: configured } as unknown as Config, new Log('silent'));
});
afterEach(async () => {
  await gateways.onApplicationShutdown();
  await sandbox.close();
});

async function control(what: string, body: unknown): Promise<void> {
  const response = await fetch(`${sandbox.url}/sandbox/${what}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
}
async function calls(): Promise<number> {
  return ((await (await fetch(`${sandbox.url}/sandbox/gateway-calls`)).json()) as { razorpay: number }).razorpay;
}
async function ask(order: string): Promise<unknown> {
  const subject = { source: 'razorpay', order };
  const gateway = gateways.for(subject);
  if (!gateway) throw new Error('Razorpay is not set up.');
  const answer = await gateways.ask(gateway, subject);
  return answer.known ? answer.word.state : answer.reason;
}

it('three who ask about one order at the same time are one call', async () => {
  await control('orders', { gateway: 'razorpay', id: 'order_1', amount: 100 });
  expect(await Promise.all([ask('order_1'), ask('order_1'), ask('order_1')])).toEqual(['open', 'open', 'open']);
  expect(await calls()).toBe(1);
  await ask('order_1');
  expect(await calls()).toBe(2);
});

it('after three failures in a row a gateway is left alone; a failure now and then is forgotten', async () => {
  await control('orders', { gateway: 'razorpay', id: 'order_1', amount: 100 });
  await control('mode', { vendor: 'razorpay', mode: '500', count: 2 });
  expect([await ask('order_1'), await ask('order_1'), await ask('order_1')]).toEqual(['unreachable', 'unreachable', 'open']);
  await control('mode', { vendor: 'razorpay', mode: '500' });
  const before = await calls();
  for (let turn = 0; turn < 10; turn += 1) expect(await ask('order_1')).toBe('unreachable');
  expect((await calls()) - before).toBe(3);
});

it('a gateway that says 429 is left alone at once', async () => {
  await control('mode', { vendor: 'razorpay', mode: '429', delayMs: 60_000 });
  expect([await ask('order_1'), await ask('order_2'), await calls()]).toEqual(['throttled', 'throttled', 1]);
});

it('an order that a gateway does not know is no failure', async () => {
  for (let turn = 0; turn < 5; turn += 1) expect(await ask(`order_${turn}`)).toBe('not_found');
  expect(await calls()).toBe(5);
});
