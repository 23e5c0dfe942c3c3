import { minutes } from '@wapas/kernel';
import { customer, failPayment, introduce, received } from '../support/stories';
import { World } from '../support/world';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());

test('a payment that a test key reports stops no live message, and takes nobody’s push token', async () => {
  const everybody = Array.from({ length: 10 }, (_, index) => customer(index + 1));
  await introduce(world, everybody);
  for (const one of everybody) await failPayment(world, one);
  const key = await world.key(['ingest'], true);
  for (const { id, phone, order } of everybody) {
    const response = await fetch(`${world.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({
        event: 'Payment Captured',
        keys: { order },
        person: { customerId: `test ${id}`, phone, pushTokens: [{ token: `token-${phone.slice(1)}`, platform: 'android' }] },
      }),
    });
    expect(response.status).toBe(202);
  }
  await world.settled();
  const [live] = await world.sql<{ treated: number; ended: number }>(
    `select count(*) filter (where arm = 'treated')::int as treated, count(ended_at)::int as ended from run`,
  );
  await world.moveTo(minutes(1));
  expect(live?.ended).toBe(0);
  expect(everybody.filter((one) => received(world, one).includes('push')).length).toBe(live?.treated);
});
