import { minutes } from '@wapas/kernel';
import { redisForTests, redisIsAvailable } from '@wapas/testing/redis';
import { AppProcess } from '../support/app-process';
import { customer, failPayment, introduce, pay, received } from '../support/stories';
import { printFigure } from '../support/figures';
import { freePort, until, World } from '../support/world';

/** One step, one channel: what is sent here is about sending, not about journeys. */
async function startWorld(channel: 'whatsapp' | 'push', options: Parameters<typeof World.start>[0] = {}): Promise<World> {
  const world = await World.start(options);
  await world.publish({
    format: 'wapas.journey/1',
    key: 'payment_failed',
    name: 'One message',
    trigger: { event: 'Payment Failed' },
    correlateBy: ['order'],
    goal: { events: ['Payment Captured'], by: ['order'] },
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
              channel === 'push'
                ? { title: 'Hello', body: '{{keys.order}}' }
                : { name: 'payment_failed_v1', language: 'en', body: ['{{keys.order}}'] },
          },
        ],
      },
    ],
  });
  return world;
}

const people = (count: number) => Array.from({ length: count }, (_, index) => customer(index + 1));

async function failAll(world: World, customers: ReturnType<typeof people>): Promise<void> {
  for (let start = 0; start < customers.length; start += 64)
    await Promise.all(customers.slice(start, start + 64).map((one) => failPayment(world, one)));
  await world.settled();
}

const acceptedBy = (world: World): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const entry of world.sandbox.ledger.entries())
    if (entry.accepted) counts.set(entry.address, (counts.get(entry.address) ?? 0) + 1);
  return counts;
};

describe('a goal and a send that meet', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld('whatsapp');
  });
  afterAll(() => world?.stop());

  test('a goal that is being stored while the send is claimed wins: the claim waits for its lock and then sees it', async () => {
    const asha = customer(1);
    await failAll(world, [asha]);
    const [key] = await world.sql<{ key: string; lock: string }>(
      `select key, ('x' || substr(replace(key::text, '-', ''), 1, 16))::bit(64)::bigint::text as lock from run_key`,
    );
    const goal = await world.database.pool.connect();
    await goal.query('begin');
    await goal.query('select pg_advisory_xact_lock($1::bigint)', [key?.lock]);
    await goal.query(
      `insert into event_mark (key, event_name, occurred_at, event_id) values ($1, 'Payment Captured', business_now(), gen_random_uuid())`,
      [key?.key],
    );
    await world.clock.startAt((world.clock.now() + minutes(1)) as never, 0);
    await until(
      async () => (await world.sql(`select 1 from pg_locks where locktype = 'advisory' and not granted`)).length > 0,
      'the claim to wait for the goal',
    );
    await goal.query('commit');
    goal.release();
    await world.settled();
    expect(received(world, asha)).toEqual([]);
    expect(await world.sql('select state, reason from message')).toEqual([{ state: 'skipped', reason: 'goal_reached' }]);
  });
});

describe('a database that takes too long', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld('whatsapp');
  });
  afterAll(() => world?.stop());

  test('to write down how a call ended is asked once more: the message is sent and not unknown', async () => {
    const asha = customer(1);
    await failAll(world, [asha]);
    await world.sql('create sequence tries');
    // No rollback takes back what was counted.
    await world.sql(
      `create function give_up() returns trigger language plpgsql as $$ begin
         if nextval('tries') = 1 then raise exception 'canceling statement due to statement timeout' using errcode = '57014'; end if; return new; end $$`,
    );
    await world.sql('create trigger slow before insert on attempt for each row execute function give_up()');
    await world.clock.startAt((world.clock.now() + minutes(1)) as never, 0);
    await world.settled();
    expect(received(world, asha)).toHaveLength(1);
    const attempts = () => world.sql('select fence, outcome from attempt');
    await until(async () => (await attempts()).length > 0, 'the outcome to be written down');
    expect(await attempts()).toEqual([{ fence: 1, outcome: 'accepted' }]);
    const [message] = await world.sql<{ state: string }>('select state from message');
    expect(message?.state).not.toBe('unknown');
  });
});

describe('a backlog behind a rate limit', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld('whatsapp', { env: { WHATSAPP_MAX_PER_SECOND: '80' } });
  });
  afterAll(() => world?.stop());

  test('a backlog of 5,000 sends at 80 a second sends nothing to those who pay meanwhile', async () => {
    const everybody = people(5_000);
    await introduce(world, everybody);
    await failAll(world, everybody);
    await world.run(minutes(1));
    await until(() => acceptedBy(world).size >= 100, 'the first hundred sends');
    const reached = acceptedBy(world);
    const waiting = everybody.filter(({ phone }) => !reached.has(phone.slice(1)));
    const patient = waiting.slice(-300);
    const payers = waiting.slice(0, -300);
    for (let start = 0; start < payers.length; start += 64)
      await Promise.all(payers.slice(start, start + 64).map((one) => pay(world, one)));
    await world.settled();
    // Claim and goal hold the same lock when they look at the database's clock, so the two times tell which came first.
    const startedAfterTheGoal = await world.sql(
      `select 1 from message m join run r on r.id = m.run_id join event e on e.id = r.end_event_id where m.called_at > e.received_at`,
    );
    const sent = acceptedBy(world);
    printFigure('P5 no send after the goal', {
      goals: payers.length,
      'sends started after their 2xx': startedAfterTheGoal.length,
    });
    expect(startedAfterTheGoal).toEqual([]);
    expect(patient.filter(({ phone }) => sent.get(phone.slice(1)) !== 1)).toEqual([]);
    expect([...sent.values()].filter((count) => count > 1)).toEqual([]);
    expect(payers.filter(({ phone }) => !sent.has(phone.slice(1))).length).toBeGreaterThan(3_000);
  });
});

const onRedis = redisIsAvailable() ? describe : describe.skip;

onRedis('with Redis between containers', () => {
  let world: World;
  let redis: NonNullable<Awaited<ReturnType<typeof redisForTests>>>;
  beforeAll(async () => {
    redis = (await redisForTests()) as typeof redis;
    world = await startWorld('push', { redisUrl: redis.url, env: { FCM_MAX_PER_SECOND: '200' } });
  });
  afterAll(async () => {
    await world?.stop();
    await redis?.stop();
  });

  test('with Redis flushed while 1,000 sends wait, every message still goes out once', async () => {
    const everybody = people(1_000);
    await introduce(world, everybody);
    await failAll(world, everybody);
    await world.run(minutes(1));
    await until(() => acceptedBy(world).size >= 50, 'the first fifty sends');
    await redis.flushAll();
    // What was offered before is offered again after half a minute; the test does not wait for it.
    await world.sql(`update message set offer_at = clock_timestamp() where state in ('planned', 'retryable')`);
    await world.settled();
    const sent = acceptedBy(world);
    printFigure('P6 Redis is disposable', {
      waiting: 1_000,
      lost: 1_000 - sent.size,
      doubled: [...sent.values()].filter((count) => count > 1).length,
    });
    expect(sent.size).toBe(1_000);
    expect([...sent.values()].filter((count) => count > 1)).toEqual([]);
    expect(await world.sql(`select state, count(*)::int as count from message group by state`)).toEqual([
      { state: 'sent', count: 1_000 },
    ]);
  });

  test('while Redis is away the health body says so, and what was due meanwhile goes out once when it is back', async () => {
    const attention = async () =>
      ((await (await fetch(`${world.url}/health/ready`)).json()) as { attention: string[] }).attention.join('\n');
    expect(await attention()).not.toContain('Redis');
    await redis.stop();
    const meanwhile = people(1_050).slice(1_000);
    await world.moveTo(0);
    await introduce(world, meanwhile);
    await failAll(world, meanwhile);
    await world.run(minutes(1));
    expect(await attention()).toMatch(
      /Redis \(REDIS_URL\) is out of reach, or refuses what it is told, since 20\d\d-.*: nothing is sent until it is back/,
    );
    await redis.restart();
    await until(async () => !(await attention()).includes('Redis'), 'Redis is seen to be back', 10_000);
    await world.sql(`update message set offer_at = clock_timestamp() where state in ('planned', 'retryable')`);
    await world.settled();
    const sent = acceptedBy(world);
    expect([sent.size, [...sent.values()].filter((count) => count > 1)]).toEqual([1_050, []]);
  });
});

describe('a process that dies', () => {
  let world: World;
  let other: AppProcess;
  beforeAll(async () => {
    world = await startWorld('whatsapp', { sandbox: { receiptsSentAfterMs: 60_000, receiptsDeliveredAfterMs: 60_000 } });
  });
  afterAll(async () => {
    await other?.kill();
    await world?.stop();
  });

  test('killed between provider call and record: one message, state unknown, settled by its receipt', async () => {
    const asha = customer(1);
    await failAll(world, [asha]);
    // The vendor takes the message and never answers; whoever called it dies while waiting.
    await world.control('mode', { vendor: 'whatsapp', mode: 'hang-after-accept' });
    await world.pause();
    other = await AppProcess.start({
      ...world.env,
      PORT: String(await freePort()),
      WAPAS_CLOCK_START: new Date(world.clock.now() + minutes(1)).toISOString(),
    });
    await until(() => acceptedBy(world).size === 1, 'the vendor to have the message');
    await other.kill();
    world.resume();
    await world.sql(`update message set lease_until = clock_timestamp() where state = 'calling'`);
    await until(
      async () => (await world.sql(`select 1 from message where state = 'unknown'`)).length === 1,
      'the message to be unknown',
    );
    const [shown] = world.sandbox.ledger.entries();
    await world.control('mode', { vendor: 'whatsapp', mode: 'normal' });
    await fetch(`${world.sandbox.url}/sandbox/handset/${encodeURIComponent(shown?.vendorId ?? '')}/read`, { method: 'POST' });
    await until(
      async () => (await world.sql(`select 1 from message where state = 'sent'`)).length === 1,
      'the receipt to settle it',
    );
    expect([...acceptedBy(world).values()]).toEqual([1]);
  });

  test('killed under load three times over, it loses nothing that it acknowledged', async () => {
    const key = await world.key(['ingest']);
    const acknowledged: string[] = [];
    const port = String(await freePort());
    for (let round = 0; round < 3; round += 1) {
      other = await AppProcess.start({ ...world.env, PORT: port, WAPAS_CLOCK_START: '', WAPAS_CLOCK_RATE: '' });
      const wanted = acknowledged.length + 300;
      const load = Array.from({ length: 16 }, async (_, lane) => {
        for (let count = 0; acknowledged.length < wanted + 200; count += 1) {
          const eventId = `kill-${round}-${lane}-${count}`;
          const response = await fetch(`${other.url}/v1/events`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
            body: JSON.stringify({ event: 'Cart Updated', eventId, keys: { cart: eventId } }),
          }).catch(() => undefined);
          if (!response) return;
          if (response.status === 202) acknowledged.push(eventId);
        }
      });
      await until(() => acknowledged.length >= wanted, 'load');
      await other.kill();
      await Promise.all(load);
    }
    const [found] = await world.sql<{ count: number }>(
      `select count(*)::int as count from event where source_event_id = any($1::text[])`,
      [acknowledged],
    );
    printFigure('P1 a 2xx means committed', {
      kills: 3,
      acknowledged: acknowledged.length,
      lost: acknowledged.length - (found?.count ?? 0),
    });
    expect(found?.count).toBe(acknowledged.length);
    expect(acknowledged.length).toBeGreaterThanOrEqual(900);
  });
});
