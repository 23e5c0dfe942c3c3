import { Client } from 'pg';
import { EntityKeys, lockOf } from '@wapas/entity-keys';
import { type Answer, answerOf, expectProblem } from '../support/refusals';
import { paymentEvent, until, World } from '../support/world';

const PHONE = '+919900112233';

let world: World;
let key: string;
beforeAll(async () => {
  world = await World.start();
  key = await world.key(['ingest', 'read']);
});
afterAll(() => world?.stop());

const about = (order: string, fields: object = {}): object => ({
  event: 'Cart Updated',
  eventId: `evt-${order}`,
  person: { phone: PHONE },
  keys: { order },
  ...fields,
});

describe('one bad row in a flush', () => {
  beforeAll(() => world.sql(`alter table event add constraint no_poison check (name <> 'Poison')`));
  afterAll(() => world.sql('alter table event drop constraint no_poison'));

  test('fails alone: its neighbours are stored, and nothing of the row comes back', async () => {
    const orders = Array.from({ length: 60 }, (_, i) => `poison_${i}`);
    const isGuilty = (order: string) => order === 'poison_17' || order === 'poison_41';
    const answers = await Promise.all(orders.map((order) => post(about(order, isGuilty(order) ? { event: 'Poison' } : {}))));
    answers.forEach((answer, i) => {
      if (isGuilty(orders[i] as string))
        expectProblem(answer, { status: 500, code: 'internal', unspoken: [PHONE, 'Poison', 'no_poison'] });
      else expect(answer.status).toBe(202);
    });
    expect(await countOf('evt-poison_%')).toBe(58);
  });

  test('inside a batch it is one item among 30', async () => {
    const events = Array.from({ length: 30 }, (_, i) => about(`batched_${i}`, i === 11 ? { event: 'Poison' } : {}));
    const answer = await postBatch(events);
    expect(answer.status).toBe(207);
    const results = resultsIn(answer);
    expect(results.map(({ index }) => index)).toEqual(events.map((_, i) => i));
    expect(results[11]).toEqual({
      index: 11,
      outcome: 'refused',
      problem: expect.objectContaining({ status: 500, code: 'internal' }) as object,
    });
    expect(results.filter(({ outcome }) => outcome === 'recorded')).toHaveLength(29);
    expect(await countOf('evt-batched_%')).toBe(29);
    expect(answer.text).not.toContain('Poison');
  });
});

describe('two writers of the same ids in opposite order', () => {
  // Without keys, whose locks would bring the writers into one order before they reach the rows.
  const keyless = (name: string): object => ({ event: 'Cart Updated', eventId: `evt-${name}` });

  test('neither deadlock nor lose: each id is recorded once and a duplicate once', async () => {
    const other = await world.startAnother();
    const events = Array.from({ length: 800 }, (_, i) => keyless(`crossed_${i}`));
    const [one, two] = await Promise.all([postBatch(events), postBatch([...events].reverse(), other)]);
    const outcomes = [...resultsIn(one), ...resultsIn(two).reverse()].map(({ outcome }) => outcome);
    expect([one.status, two.status]).toEqual([202, 202]);
    for (let i = 0; i < events.length; i += 1)
      expect([outcomes[i], outcomes[i + events.length]].sort()).toEqual(['duplicate', 'recorded']);
    expect(await countOf('evt-crossed_%')).toBe(800);
  });

  test.each<[string, (name: string) => object]>([
    ['with keys', (name) => about(name)],
    ['without', keyless],
  ])('a flush that stands in the way of a writer in the other order gives way and is run again (%s)', async (title, event) => {
    const [a, b] = [`way_${title.length}a`, `way_${title.length}b`];
    const rival = await connect();
    await rival.query(`begin; set local deadlock_timeout = '20s'`);
    await insertByHand(rival, `evt-${b}`);
    const answer = postBatch([event(a), event(b)]);
    await until(async () => (await waiting()) > 0, 'the flush to wait for the rival');
    await insertByHand(rival, `evt-${a}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await rival.query('commit');
    await rival.end();
    // The rival's rows have other content: whose id was taken is told so, and nobody that something broke. Which of the two
    // writers gets the first id hangs on how soon the flush gives way.
    const [first, second] = resultsIn(await answer);
    expect([undefined, 'event_id_conflict']).toContain(first?.problem?.code);
    expect(second?.problem?.code).toBe('event_id_conflict');
    expect(await countOf(`evt-way_${title.length}%`)).toBe(2);
  });
});

test('a held key delays only its own events: others flow, and what waits too long gets 503 key_busy', async () => {
  const holder = await connect();
  const held = lockOf(world.app.get(EntityKeys).keyOf('order', 'held'));
  await holder.query('begin');
  await holder.query('select pg_advisory_xact_lock($1)', [held]);
  let answered = 0;
  const stuck = Array.from({ length: 30 }, (_, i) =>
    post(about('held', { eventId: `evt-held-${i}` })).finally(() => (answered += 1)),
  );
  // They share their phone with those that are stuck.
  for (let round = 0; round < 5; round += 1) {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => post(about(`free_${round}_${i}`))));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
  }
  expect(answered).toBe(0);
  for (const answer of await Promise.all(stuck)) {
    expectProblem(answer, { status: 503, code: 'key_busy', unspoken: [PHONE, 'held'] });
    expect(answer.headers['retry-after']).toBe('1');
  }
  expect(await countOf('evt-held-%')).toBe(0);
  await holder.query('rollback');
  await holder.end();
  expect((await post(about('held'))).status).toBe(202);
});

test('an event whose key is freed in time is stored, and nobody was told anything before', async () => {
  const holder = await connect();
  await holder.query('begin');
  await holder.query('select pg_advisory_xact_lock($1)', [lockOf(world.app.get(EntityKeys).keyOf('order', 'freed'))]);
  let answered = false;
  const answer = post(about('freed')).finally(() => (answered = true));
  expect((await post(about('not_concerned'))).status).toBe(202);
  expect(answered).toBe(false);
  await holder.query('commit');
  await holder.end();
  expect((await answer).status).toBe(202);
});

test('a transaction that is slow to commit holds up what it has keys of, and nobody is turned away', async () => {
  const orders = Array.from({ length: 12 }, (_, i) => `claimed_${i}`);
  const holder = await connect();
  await holder.query('begin');
  for (const order of orders)
    await holder.query('select pg_advisory_xact_lock($1)', [lockOf(world.app.get(EntityKeys).keyOf('order', order))]);
  const answers = Promise.all(orders.map((order) => post(about(order))));
  await until(async () => (await waiting()) > 0, 'somebody to wait for the holder');
  await new Promise((resolve) => setTimeout(resolve, 500));
  await holder.query('commit');
  await holder.end();
  expect((await answers).map(({ status }) => status)).toEqual(orders.map(() => 202));
});

describe('while the database is away', () => {
  test('nothing is acknowledged, everything says 503 with Retry-After, and all heals by itself', async () => {
    expect((await post(about('before_outage'))).status).toBe(202);
    await world.settled();
    await world.stopDatabase();
    const refused = await Promise.all([
      post(about('in_outage')),
      postBatch([about('in_outage_1'), about('in_outage_2')]),
      world.razorpay(paymentEvent('payment.failed', { order: 'in_outage_3' })).then(answerOf),
      fetch(`${world.url}/v1/people?customerId=x`, { headers: { authorization: `Bearer ${key}` } }).then(answerOf),
    ]);
    for (const answer of refused) {
      expectProblem(answer, { status: 503, code: 'database_unavailable', unspoken: [PHONE, 'outage'] });
      expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    }
    expect((await fetch(`${world.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${world.url}/health/ready`)).status).toBe(503);
    await world.startDatabase();
    await until(async () => (await fetch(`${world.url}/health/ready`)).status === 200, 'readiness to come back');
    expect((await post(about('in_outage'))).status).toBe(202);
    expect((await post(about('before_outage'))).status).toBe(200);
    expect(await countOf('evt-in_outage%')).toBe(1);
    await world.settled();
  });

  test('one that takes no writes any more is as good as away: 503, not ready, and all heals when it takes them again', async () => {
    const set = async (to: 'on' | 'off') => {
      await world.sql(`alter system set default_transaction_read_only = ${to}`);
      await world.sql('select pg_reload_conf()');
    };
    await set('on');
    await until(async () => (await fetch(`${world.url}/health/ready`)).status === 503, 'readiness to notice');
    const answer = await post(about('in_read_only'));
    expectProblem(answer, { status: 503, code: 'database_unavailable', unspoken: [PHONE, 'read_only'] });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    await set('off');
    await until(async () => (await fetch(`${world.url}/health/ready`)).status === 200, 'readiness to come back');
    expect((await post(about('in_read_only'))).status).toBe(202);
    await world.settled();
  });

  test('a statement that takes too long says 503 with Retry-After too', async () => {
    const locker = await connect();
    await locker.query('begin; lock table person_identifier in access exclusive mode');
    const asked = fetch(`${world.url}/v1/people?customerId=slow`, { headers: { authorization: `Bearer ${key}` } }).then(answerOf);
    // As Postgres does itself after thirty seconds.
    const giveUp = `select pg_cancel_backend(pid) from pg_stat_activity where application_name = 'wapas' and wait_event_type = 'Lock' and query like '%person_identifier%' and pid <> pg_backend_pid()`;
    await until(async () => (await world.sql(giveUp)).length > 0, 'the question to wait');
    const answer = await asked;
    await locker.end();
    expectProblem(answer, { status: 503, code: 'database_slow', unspoken: ['person', 'statement'] });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  });

  test('a flush that takes too long is not tried in halves, each of which would take as long: everybody is told', async () => {
    await world.sql(`create sequence flushes`);
    await world.sql(
      `create function give_up() returns trigger language plpgsql as $$ begin perform nextval('flushes'); raise exception 'canceling statement due to statement timeout' using errcode = '57014'; end $$`,
    );
    await world.sql('create trigger slow before insert on event for each statement execute function give_up()');
    const answer = await postBatch(Array.from({ length: 32 }, (_, i) => about(`slow_${i}`)));
    await world.sql('drop trigger slow on event');
    expectProblem(answer, { status: 503, code: 'database_slow', unspoken: [PHONE, 'statement'] });
    expect(await world.sql('select last_value::int as flushes from flushes')).toEqual([{ flushes: 1 }]);
    expect((await postBatch(Array.from({ length: 32 }, (_, i) => about(`slow_${i}`)))).status).toBe(202);
    expect(await countOf('evt-slow_%')).toBe(32);
  });

  test('connections that are cut in the middle of it cost no acknowledged event', async () => {
    const acknowledged: string[] = [];
    let cuts = 0;
    const writer = async (name: string): Promise<void> => {
      for (let i = 0; i < 60; i += 1) {
        const order = `cut_${name}_${i}`;
        const answer = await post(about(order));
        if (answer.status === 202) acknowledged.push(`evt-${order}`);
        else expectProblem(answer, { status: 503, code: 'database_unavailable' });
      }
    };
    const writing = Promise.all(['a', 'b', 'c', 'd'].map(writer));
    const killer = await connect();
    for (; cuts < 8; cuts += 1) {
      await killer.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'wapas' and pid <> pg_backend_pid()`,
      );
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    await killer.end();
    await writing;
    const found = await world.sql<{ id: string }>(
      `select source_event_id as id from event where source_event_id like 'evt-cut_%'`,
    );
    expect(acknowledged.length).toBeGreaterThan(0);
    expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining(acknowledged));
    await until(async () => (await fetch(`${world.url}/health/ready`)).status === 200, 'readiness to come back');
  });
});

async function post(body: unknown, url = world.url, path = '/v1/events'): Promise<Answer> {
  return answerOf(
    await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    }),
  );
}

const postBatch = (events: readonly unknown[], url = world.url): Promise<Answer> => post({ events }, url, '/v1/events/batch');

interface ItemResult {
  readonly index: number;
  readonly outcome: string;
  readonly problem?: { readonly code: string };
}

const resultsIn = ({ text }: Answer): ItemResult[] => (JSON.parse(text) as { results: ItemResult[] }).results;

async function countOf(eventIds: string): Promise<number> {
  const [row] = await world.sql<{ n: number }>('select count(*)::int as n from event where source_event_id like $1', [eventIds]);
  return row?.n ?? 0;
}

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: world.databaseUrl, application_name: 'somebody else' });
  await client.connect();
  return client;
}

/** Sessions of the application that wait for another transaction. */
async function waiting(): Promise<number> {
  const [row] = await world.sql<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where application_name = 'wapas' and wait_event_type = 'Lock'`,
  );
  return row?.n ?? 0;
}

function insertByHand(client: Client, eventId: string): Promise<unknown> {
  return client.query(
    `insert into event (id, source, source_event_id, content_hash, name, occurred_at, received_at, test, content)
     values (gen_random_uuid(), 'api', $1, 'x', 'By Hand', now(), now(), false, '{}') on conflict do nothing`,
    [eventId],
  );
}
