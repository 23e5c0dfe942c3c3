import { minutes } from '@wapas/kernel';
import { paymentEvent, World } from '../support/world';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());

test('a failed payment brings a push, a WhatsApp and an SMS, and paying ends it', async () => {
  const key = await world.key(['ingest', 'read']);
  const response = await fetch(`${world.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({
      event: 'App Opened',
      person: { customerId: 'cust_1', pushTokens: [{ token: 'tok-1', platform: 'android' }] },
    }),
  });
  expect(response.status).toBe(202);
  await world.settled();
  expect((await world.razorpay(paymentEvent('payment.failed', { order: 'order_1' }))).status).toBe(202);
  await world.settled();
  await world.moveTo(minutes(1));
  await world.moveTo(minutes(15));
  await world.moveTo(minutes(120));
  console.log(
    await world.sql('select step, channel, state, reason from message'),
    await world.sql('select * from refusal'),
    await world.sql('select * from run'),
  );
  console.log(JSON.stringify(world.sandbox.ledger.entries(), null, 1));
});
