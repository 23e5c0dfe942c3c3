import { PassThrough } from 'node:stream';
import { hours, minutes } from '@wapas/kernel';
import { Log } from '../../src/log';
import { customer, failPayment, introduce, pay, received } from '../support/stories';
import { World } from '../support/world';

let world: World;
let written = '';
beforeAll(async () => {
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => (written += chunk.toString()));
  world = await World.start({ log: new Log('debug', stream) });
});
afterAll(() => world?.stop());

test('logs hold no number, no token, no name and no text of a message, also when a vendor refuses', async () => {
  const everybody = [1, 2, 3, 4, 5].map(customer);
  await introduce(world, everybody);
  for (const one of everybody) await failPayment(world, one);
  await world.settled();
  await world.moveTo(minutes(1));
  await world.control('mode', { vendor: 'all', mode: 'refused' });
  await world.moveTo(minutes(15));
  await world.control('mode', { vendor: 'all', mode: 'normal' });
  await world.moveTo(hours(2));
  await pay(world, everybody[0] as (typeof everybody)[0], hours(2));
  await fetch(`${world.url}/webhooks/providers/whatsapp-cloud`, {
    method: 'POST',
    body: JSON.stringify({ from: everybody[0]?.phone }),
  });
  await world.settled();
  expect(everybody.flatMap((one) => received(world, one)).length).toBeGreaterThan(0);
  expect(written).not.toBe('');
  for (const secret of [
    ...everybody.map(({ phone }) => phone.slice(1)),
    'token-9198',
    'Asha',
    'asha@example.com',
    "didn't go through",
    world.env.WAPAS_SECRET,
    world.env.WHATSAPP_ACCESS_TOKEN,
  ]) {
    expect(written.includes(secret as string)).toBe(false);
  }
});
