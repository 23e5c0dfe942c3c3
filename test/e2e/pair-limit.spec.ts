import { minutes } from '@wapas/kernel';
import { redisForTests, redisIsAvailable, type TestRedis } from '@wapas/testing/redis';
import { until, World } from '../support/world';

const EVERY_MS = 400;
const journey = (key: string, event: string) => ({
  format: 'wapas.journey/1',
  key,
  name: 'One WhatsApp message',
  trigger: { event },
  correlateBy: ['order'],
  goal: { events: ['Paid'], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps: [
    {
      key: 'only',
      after: '1m',
      maxDelay: '20h',
      channel: 'whatsapp',
      messages: [{ template: { name: 'payment_failed_v1', language: 'en', body: ['{{keys.order}}'] } }],
    },
  ],
});

/** Meta refuses a second message to one person within the time (131056); ours is a little longer, since clocks differ. */
const startWorld = (redisUrl?: string) =>
  World.start({
    redisUrl,
    sandbox: { whatsappPairBurst: 1, whatsappPairEveryMs: EVERY_MS },
    env: { WHATSAPP_PAIR_EVERY_MS: String(EVERY_MS + 100), WAPAS_CAP_PER_DAY: '100' },
  });

/** Three matters of each of these people come due in the same minute. Resolves once all messages are sent. */
async function sendThreeEach(world: World, people: number, urls: readonly string[]): Promise<void> {
  const key = await world.key(['ingest']);
  const events = Array.from({ length: people }, (_, person) =>
    ['Seat Held', 'Cart Held', 'Form Held'].map((event) => ({
      event,
      person: { customerId: `cust_${person}`, phone: `+9198${30_000_000 + person}` },
      keys: { order: `${event.slice(0, 4)}_${person}` },
    })),
  ).flat();
  await Promise.all(
    events.map(async (event, index) => {
      const response = await fetch(`${urls[index % urls.length]}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify(event),
      });
      expect(response.status).toBe(202);
    }),
  );
  await world.settled();
  await world.moveTo(minutes(1));
  const sent = () => world.sql<{ count: number }>(`select count(*)::int as count from message where state = 'sent'`);
  await until(async () => (await sent())[0]?.count === events.length, 'all messages to be sent');
}

const publishAll = async (world: World): Promise<void> => {
  for (const [key, event] of [['seat', 'Seat Held'], ['cart', 'Cart Held'], ['form', 'Form Held']] as const) await world.publish(journey(key, event)); // prettier-ignore
};

async function expectNoRefusal(world: World, messages: number): Promise<void> {
  expect(world.sandbox.ledger.entries().filter(({ accepted }) => !accepted)).toEqual([]);
  const [attempts] = await world.sql<{ count: number }>(`select count(*)::int as count from attempt`);
  expect(attempts?.count).toBe(messages);
}

test('three messages that come due at once for one person go out one after the other, without a refusal', async () => {
  const world = await startWorld();
  try {
    await publishAll(world);
    await sendThreeEach(world, 4, [world.url]);
    await expectNoRefusal(world, 12);
  } finally {
    await world.stop();
  }
});

(redisIsAvailable() ? test : test.skip)('two containers keep it together', async () => {
  const redis = (await redisForTests()) as TestRedis;
  const world = await startWorld(redis.url);
  try {
    await publishAll(world);
    await sendThreeEach(world, 4, [world.url, await world.startAnother()]);
    await expectNoRefusal(world, 12);
  } finally {
    await world.stop();
    await redis.stop();
  }
});
