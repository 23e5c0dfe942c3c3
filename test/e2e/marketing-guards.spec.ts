import { minutes } from '@wapas/kernel';
import { EntityKeys } from '@wapas/entity-keys';
import { KeepPauses } from '../../src/channels/keep-pauses';
import { apiOf } from '../support/api';
import { orderKeys } from '../support/stories';
import { until, World } from '../support/world';

/** One WhatsApp message to somebody who agreed to it, as marketing or about their own transaction. */
const journey = (purpose: 'service' | 'marketing') => ({
  format: 'wapas.journey/1',
  key: `by_${purpose}`,
  name: `One message: ${purpose}`,
  trigger: { event: `Seat Held ${purpose}` },
  correlateBy: ['order'],
  goal: { events: ['Seat Paid'], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps: [
    {
      key: 'only',
      after: '1m',
      channel: 'whatsapp',
      purpose,
      messages: [{ template: { name: 'seat_v1', language: 'en', body: ['{{keys.order}}'] } }],
    },
  ],
});

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start({ env: { WAPAS_CAP_MARKETING_PER_DAY: '100', WAPAS_CAP_MARKETING_PER_WEEK: '100' } });
  api = await apiOf(world);
  for (const purpose of ['service', 'marketing'] as const) await world.publish(journey(purpose));
});
afterAll(() => world?.stop());
beforeEach(() => world.control('mode', { vendor: 'whatsapp', mode: 'normal', receipts: 'normal' }));

let seats = 0;
/** A message becomes due for this person; what became of it once its receipts are in. */
async function write(purpose: 'service' | 'marketing', person: number, country = '+9198'): Promise<string> {
  const order = `seat_${++seats}`;
  await world.moveTo(0);
  const { status } = await api('POST', '/v1/events', {
    event: `Seat Held ${purpose}`,
    person: { customerId: `cust_${person}`, phone: `${country}${40_000_000 + person}` },
    keys: { order },
    consents: [{ purpose: 'marketing', channel: 'whatsapp', state: 'granted' }],
  });
  expect(status).toBe(202);
  await world.settled();
  await world.moveTo(minutes(1));
  const [row] = await world.sql<{ what: string }>(
    `select m.state || coalesce(': ' || m.reason, '') as what from message m
     where m.run_id in (select run_id from run_key where key = any($1::uuid[]))`,
    [orderKeys(world, [order])],
  );
  return row?.what ?? 'none';
}
const failWith = (code: string) => world.control('mode', { vendor: 'whatsapp', receipts: 'failed', code });

test('a number that Meta restricts for spam stops marketing after four reports, and service messages go on', async () => {
  await failWith('131048');
  for (const person of [1, 2, 3, 4]) expect(await write('marketing', person)).toMatch(/^rejected: /);
  await until(() => world.app.get(KeepPauses).known().length > 0, 'the pause');
  await world.control('mode', { vendor: 'whatsapp', receipts: 'normal' });
  expect(await write('marketing', 5)).toBe('rejected: provider_paused');
  expect(await write('service', 5)).toBe('sent');
  await api('POST', '/v1/providers/whatsapp-cloud/resume');
  expect(await write('marketing', 5)).toBe('sent');
});

test('a person who stopped marketing at WhatsApp gets no more of it, and hears about their own order', async () => {
  await failWith('131050');
  expect(await write('marketing', 11)).toMatch(/^rejected: /);
  await world.control('mode', { vendor: 'whatsapp', receipts: 'normal' });
  const key = world.app.get(EntityKeys).keyOf('phone', '+919840000011');
  await until(async () => (await world.sql('select 1 as one from suppression where subject = $1', [key])).length > 0, 'the suppression'); // prettier-ignore
  expect(await write('marketing', 11)).toBe('skipped: suppressed');
  expect(await write('service', 11)).toBe('sent');
  expect(await write('marketing', 12)).toBe('sent');
});
