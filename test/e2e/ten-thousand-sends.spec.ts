import { minutes } from '@wapas/kernel';
import { printFigure } from '../support/figures';
import { until, World } from '../support/world';

jest.setTimeout(180_000);

const EACH = 5_000;

/** One step on one channel; WhatsApp gives our reference back in its receipts, MSG91 does not. */
const journey = (channel: 'whatsapp' | 'sms') => ({
  format: 'wapas.journey/1',
  key: `one_${channel}`,
  name: 'One message',
  trigger: { event: 'Seat Held', where: [{ field: 'properties.channel', in: [channel] }] },
  correlateBy: ['order'],
  goal: { events: ['Seat Paid'], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps: [
    {
      key: 'only',
      after: '1m',
      maxDelay: '20h',
      channel,
      messages: [
        {
          template:
            channel === 'sms'
              ? { id: '64f0c0ffee00000000000001', variables: { order: '{{keys.order}}' } }
              : { name: 'payment_failed_v1', language: 'en', body: ['{{keys.order}}'] },
        },
      ],
    },
  ],
});

let world: World;
beforeAll(async () => {
  world = await World.start({
    env: { WHATSAPP_MAX_PER_SECOND: '100000', MSG91_MAX_PER_SECOND: '100000' },
    sandbox: { receiptsSentAfterMs: 1, receiptsDeliveredAfterMs: 2 },
  });
  for (const channel of ['whatsapp', 'sms'] as const) await world.publish(journey(channel));
});
afterAll(() => world?.stop());

/** So many people, each with a number of their own, hold a seat. */
async function holdSeats(channel: 'whatsapp' | 'sms', first: number): Promise<void> {
  const key = await world.key(['ingest']);
  for (let start = first; start < first + EACH; start += 500) {
    const events = Array.from({ length: 500 }, (_none, index) => ({
      event: 'Seat Held',
      person: { customerId: `cust_${start + index}`, phone: `+9198${String(20_000_000 + start + index)}` },
      keys: { order: `seat_${start + index}` },
      properties: { channel },
    }));
    const response = await fetch(`${world.url}/v1/events/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ events }),
    });
    expect(response.status).toBe(202);
  }
}

const countOf = async (condition: string): Promise<number> =>
  (await world.sql<{ count: number }>(`select count(*)::int as count from message where ${condition}`))[0]?.count ?? -1;
const STUCK = `state in ('planned', 'retryable', 'calling')`;

test('of 10,000 sends one in ten is accepted and then reset: none is doubled, none is stuck, and what stays unknown is listed', async () => {
  await world.control('mode', { vendor: 'whatsapp', mode: 'reset-after-accept', share: 0.1, seed: 7 });
  // A report that names nothing but a number would settle these too, one message being all it can mean: here none comes.
  await world.control('mode', { vendor: 'msg91', mode: 'reset-after-accept', share: 0.1, seed: 11 });
  await world.control('mode', { vendor: 'msg91', receipts: 'none' });
  await holdSeats('whatsapp', 0);
  await holdSeats('sms', EACH);
  await until(async () => (await world.sql('select 1 from run limit 10001')).length === 2 * EACH, 'every run', 120_000);
  await world.clock.startAt((world.clock.now() + minutes(1)) as never, 0);
  await until(async () => (await countOf('true')) === 2 * EACH && (await countOf(STUCK)) === 0, 'every call to end', 120_000);
  await until(async () => (await countOf(`channel = 'whatsapp' and state = 'unknown'`)) === 0, 'the receipts', 60_000);

  const taken = world.sandbox.ledger.entries().filter((entry) => entry.accepted);
  const perAddress = new Map<string, number>();
  for (const { address } of taken) perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
  const [reset] = await world.sql<{ whatsapp: number; sms: number }>(
    `select count(*) filter (where provider = 'whatsapp-cloud')::int as whatsapp, count(*) filter (where provider = 'msg91')::int as sms
     from attempt where outcome = 'unknown_outcome'`,
  );
  const unknown = await countOf(`state = 'unknown'`);
  const health = (await (await fetch(`${world.url}/health/ready`)).json()) as { attention: string[] };
  printFigure('P4 accepted, then reset', {
    sends: taken.length,
    reset: (reset?.whatsapp ?? 0) + (reset?.sms ?? 0),
    doubled: [...perAddress.values()].filter((count) => count > 1).length,
    stuck: await countOf(STUCK),
    'settled by receipts': reset?.whatsapp ?? 0,
    'unknown and listed': unknown,
  });
  expect(perAddress.size).toBe(2 * EACH);
  expect(taken.length).toBe(2 * EACH);
  expect(reset?.whatsapp).toBeGreaterThan(EACH / 20);
  expect(reset?.sms).toBeGreaterThan(EACH / 20);
  // WhatsApp gives our reference back: each of its unknowns is known by now. MSG91 does not: each of its own is listed.
  expect(unknown).toBe(reset?.sms);
  expect(health.attention).toContain(`${unknown} message(s) have an unknown outcome`);
  expect(await countOf(`state = 'sent'`)).toBe(2 * EACH - unknown);
});
