import { until, World, paymentEvent } from '../support/world';
import { hours, minutes, toIso } from '@wapas/kernel';
import { PassThrough } from 'node:stream';
import { KeepQuarantined } from '../../src/ingestion/quarantine/keep-quarantined';
import { ReplayQuarantined } from '../../src/ingestion/quarantine/replay-quarantined';
import { Log } from '../../src/log';
import { type ApiAnswer, apiOf, personOf } from '../support/api';
import { printFigure } from '../support/figures';
import { START } from '../support/world';

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
let written = '';
beforeAll(async () => {
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => (written += chunk.toString()));
  world = await World.start({ log: new Log('info', stream) });
  api = await apiOf(world);
});
afterAll(() => world?.stop());

/** As a mapping of yesterday kept it: today's can read it. */
const keptAs = (source: string, reason: string, body: string | Buffer | object, headers: Record<string, string> = {}) =>
  world.app.get(KeepQuarantined).keep({
    source,
    reason,
    headers,
    rawBody: Buffer.from(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)),
  });
const failed = (order: string, fields: { at?: number; phone?: string; customer?: string } = {}) =>
  paymentEvent('payment.failed', { order, phone: '+919900112233', ...fields }) as object;
const bodies = ({ body }: ApiAnswer) => body.bodies as Record<string, unknown>[];
const replayed = async (filter: object): Promise<Record<string, unknown>> => {
  const { status, body } = await api('POST', '/v1/quarantine/replay', filter);
  expect(status).toBe(202);
  return ended(body.id as string);
};
const ended = async (id: string): Promise<Record<string, unknown>> => {
  let last: Record<string, unknown> = {};
  await until(async () => {
    last = (await api('GET', `/v1/quarantine/replays/${id}`)).body;
    return last.endedAt !== null;
  }, 'the replay to end');
  return last;
};

test('what was signed and unusable is listed, by source, reason, time and page, and no answer holds a body', async () => {
  await world.razorpay({ event: 'payment.failed', payload: {}, phone: '+919812345678' });
  await world.moveTo(minutes(10));
  for (let count = 0; count < 3; count += 1)
    await world.razorpay({ event: 'payment.failed', payload: { payment: { entity: { id: 7, contact: '9812345678', count } } } });
  const all = await api('GET', '/v1/quarantine');
  expect(bodies(all)).toHaveLength(4);
  expect(bodies(all)[0]).toEqual({
    id: expect.any(String) as string,
    source: 'razorpay',
    reason: 'no_time',
    state: 'waiting',
    receivedAt: toIso((START + minutes(10)) as typeof START),
    replayedAt: null,
    eventIds: [],
    headers: { 'content-type': 'application/json', 'x-razorpay-event-id': expect.any(String) as string },
  });
  const count = async (query: string): Promise<number> => bodies(await api('GET', `/v1/quarantine?${query}`)).length;
  expect(await count('reason=no_entity')).toBe(1);
  expect(await count('source=cashfree')).toBe(0);
  expect(await count(`from=${encodeURIComponent(toIso((START + minutes(5)) as typeof START))}`)).toBe(3);
  expect(await count(`to=${encodeURIComponent(toIso((START + minutes(5)) as typeof START))}`)).toBe(1);
  expect(await count('state=recorded')).toBe(0);
  const first = await api('GET', '/v1/quarantine?limit=3');
  const second = await api('GET', `/v1/quarantine?limit=3&cursor=${first.body.nextCursor as string}`);
  expect([...bodies(first), ...bodies(second)]).toEqual(bodies(all));
  expect(second.body.nextCursor).toBeNull();
  expect((await api('GET', '/v1/quarantine/counts')).body).toMatchObject({
    counts: [
      { source: 'razorpay', reason: 'no_time', count: 3 },
      { source: 'razorpay', reason: 'no_entity', count: 1 },
    ],
  });
  expect(JSON.stringify([all.body, first.body])).not.toContain('9812345678');
});

test.each([
  ['GET', '/v1/quarantine?cursor=nonsense', 422],
  ['GET', '/v1/quarantine?limit=1e9', 422],
  ['GET', '/v1/quarantine?state=lost', 422],
  ['GET', '/v1/quarantine?from=yesterday', 422],
  ['GET', '/v1/quarantine/undefined', 400],
  ['GET', '/v1/quarantine/019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', 404],
  ['GET', '/v1/quarantine/019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a/body', 404],
  ['POST', '/v1/quarantine/019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a/replay', 404],
  ['GET', '/v1/quarantine/replays/019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', 404],
])('%s %s is %d', async (method, path, status) => {
  expect((await api(method, path)).status).toBe(status);
});

test('a body is shown to an administrator only: its beginning, masked, and the look is logged', async () => {
  const id = await keptAs('razorpay', 'old', failed('order_shown', { phone: '+919800000077' }));
  const { status, body } = await api('GET', `/v1/quarantine/${id}/body`);
  expect(status).toBe(200);
  expect(body.masked).toContain('"event":"payment.failed"');
  expect(body.masked).toContain('"order_id":"order_shown"');
  expect(body.masked).toContain('"contact":"••••0077"');
  expect(body.masked).not.toMatch(/9800000077|Asha|asha@/);
  expect(written).toContain(`"quarantineId":"${id}"`);
  const reader = await world.key(['read']);
  for (const [method, path] of [['GET', 'body'], ['POST', 'replay']] as const) // prettier-ignore
    expect((await fetch(`${world.url}/v1/quarantine/${id}/${path}`, { method, headers: { authorization: `Bearer ${reader}` } })).status).toBe(403); // prettier-ignore
});

test('one that can be read now is an event with the time of its first arrival; again it is the same event', async () => {
  await world.moveTo(minutes(20));
  const id = await keptAs('razorpay', 'old', failed('order_late', { at: minutes(19), customer: 'cust_late' }), { 'x-razorpay-event-id': 'evt_late' }); // prettier-ignore
  await world.moveTo(minutes(200));
  const answer = await api('POST', `/v1/quarantine/${id}/replay`);
  expect(answer).toEqual({ status: 200, body: { outcome: 'recorded', eventIds: [expect.any(String)] } });
  expect(await api('POST', `/v1/quarantine/${id}/replay`)).toEqual(answer);
  const [event] = await world.events(`source = 'razorpay' and source_event_id = 'evt_late'`);
  expect(event).toMatchObject({
    name: 'Payment Failed',
    occurredAt: START + minutes(19),
    receivedAt: START + minutes(20),
    content: { keys: { order: 'order_late' } },
  });
  expect((await api('GET', `/v1/quarantine/${id}`)).body).toMatchObject({ state: 'recorded', eventIds: [event?.id] });
  expect((await api('GET', `/v1/quarantine/${id}/body`)).status).toBe(410);
  await world.settled();
  expect(await personOf(api, 'cust_late')).toEqual(expect.any(String));
});

test('one whose event came another way meanwhile is a duplicate; one that is still unusable says why; one of no use is ignored', async () => {
  const same = failed('order_twice');
  expect((await world.razorpay(same, { eventId: 'evt_twice' })).status).toBe(202);
  const outcomes = [];
  for (const body of [same, { event: 'payment.failed', created_at: 1, payload: {} }, { event: 'invoice.expired' }])
    outcomes.push((await api('POST', `/v1/quarantine/${await keptAs('razorpay', 'old', body)}/replay`)).body);
  expect(outcomes).toEqual([
    { outcome: 'duplicate', eventIds: [expect.any(String)] },
    { outcome: 'still_unusable', reason: 'no_entity', eventIds: [] },
    { outcome: 'ignored', eventIds: [] },
  ]);
});

test('a message of the tracking API that broke a schema is recorded once the schema is gone, by its own time', async () => {
  const key = await world.key(['ingest']);
  const schema = { type: 'object', required: ['amount'] };
  expect((await api('PUT', '/v1/event-schemas/Cart%20Priced', { mode: 'enforce', schema })).status).toBe(204);
  const sent = await fetch(`${world.url}/v1/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ batch: [{ type: 'track', event: 'Cart Priced', userId: 'u1' }] }),
  });
  const [{ quarantineId, reason }] = ((await sent.json()) as { results: [Record<string, string>] }).results;
  expect(reason).toBe('schema_violated');
  const replay = async () => (await api('POST', `/v1/quarantine/${quarantineId}/replay`)).body;
  expect(await replay()).toMatchObject({ outcome: 'still_unusable', reason: 'schema_violated' });
  await api('DELETE', '/v1/event-schemas/Cart%20Priced');
  expect(await replay()).toMatchObject({ outcome: 'recorded' });
  expect(await world.events(`name = 'Cart Priced'`)).toHaveLength(1);
});

test('a filtered set is replayed in the background, with a figure of its progress; the rest waits as before', async () => {
  for (let n = 0; n < 100; n += 1) await keptAs('razorpay', 'bulk', failed(`order_bulk_${n}`), { 'x-razorpay-event-id': `evt_bulk_${n}` }); // prettier-ignore
  for (const n of [1, 2, 3]) await keptAs('razorpay', 'bulk', { event: 'payment.failed', created_at: 1, payload: { n } });
  await world.razorpay(failed('order_bulk_7'), { eventId: 'evt_bulk_7' });
  const other = await keptAs('razorpay', 'kept_apart', failed('order_other'));
  const done = await replayed({ source: 'razorpay', reason: 'bulk' });
  // The words of every other replay.
  expect([done.createdAt, done.endedAt]).toEqual([expect.any(String), expect.any(String)]);
  expect(done).toMatchObject({ state: 'done', progress: 1, total: 103, done: 103, recorded: 99, duplicate: 1, stillUnusable: 3 });
  expect(done.examples).toEqual(Array.from({ length: 3 }, () => ({ id: expect.any(String) as string, reason: 'no_entity' })));
  expect(await world.events(`source_event_id like 'evt_bulk_%'`)).toHaveLength(100);
  expect((await api('GET', `/v1/quarantine/${other}`)).body).toMatchObject({ state: 'waiting' });
  expect(await replayed({ reason: 'bulk' })).toMatchObject({ total: 0, done: 0 });
  expect((await api('GET', '/v1/quarantine/replays')).body.replays).toHaveLength(2);
});

test('a replay that was cut off by a restart goes on where it was, and none of it is stored twice', async () => {
  for (let n = 0; n < 70; n += 1) await keptAs('razorpay', 'cut', failed(`order_cut_${n}`), { 'x-razorpay-event-id': `evt_cut_${n}` }); // prettier-ignore
  const replays = world.app.get(ReplayQuarantined);
  await replays.stop();
  const { body } = await api('POST', '/v1/quarantine/replay', { reason: 'cut' });
  // As a process leaves it that died in its second step, after storing half of it and before saying so.
  replays.start();
  await until(async () => ((await api('GET', `/v1/quarantine/replays/${body.id as string}`)).body.done as number) > 0, 'a step');
  await replays.stop();
  await world.sql(`update quarantine_replay set state = 'running', finished_at = null, done = 32, recorded = 32, lease_until = null,
    after_id = (select id from quarantine where reason = 'cut' order by id offset 31 limit 1) where id = $1`, [body.id]); // prettier-ignore
  expect((await api('GET', `/v1/quarantine/replays/${body.id as string}`)).body).toMatchObject({
    state: 'running',
    progress: 0.457,
  });
  replays.start();
  expect(await ended(body.id as string)).toMatchObject({ state: 'done' });
  const [stored] = await world.sql<{ count: number }>(
    `select count(*)::int as count from event where source_event_id like 'evt_cut_%'`,
  );
  printFigure('quarantine replay', { bodies: 70, events: stored?.count ?? 0 });
  expect(stored?.count).toBe(70);
});

test('a replay that is cancelled stays where it is', async () => {
  const waiting = await keptAs('razorpay', 'cancelled', failed('order_cancelled'));
  const replays = world.app.get(ReplayQuarantined);
  await replays.stop();
  const { body } = await api('POST', '/v1/quarantine/replay', { reason: 'cancelled' });
  expect((await api('POST', `/v1/quarantine/replays/${body.id as string}/cancel`)).body).toMatchObject({ state: 'cancelled' });
  replays.start();
  expect(await replayed({ reason: 'nothing_at_all' })).toMatchObject({ total: 0 });
  expect((await api('GET', `/v1/quarantine/${waiting}`)).body).toMatchObject({ state: 'waiting' });
});

test('the same bytes that come again unusable wait again under their first id', async () => {
  const body = failed('order_again');
  const id = await keptAs('razorpay', 'old', body);
  await api('POST', `/v1/quarantine/${id}/replay`);
  expect(await keptAs('razorpay', 'newer', body)).toBe(id);
  expect((await api('GET', `/v1/quarantine/${id}`)).body).toMatchObject({ state: 'waiting', reason: 'newer' });
});

test('credentials and signatures are not kept with a body', async () => {
  const id = await keptAs('razorpay', 'old', 'x', {
    authorization: 'Basic c2VjcmV0',
    cookie: 'a=b',
    'x-api-key': 'secret',
    'x-webhook-signature': 'secret',
    'x-verify-token': 'secret',
    'x-shopify-topic': 'orders/paid',
    'ce-type': 'kyc.rejected',
  });
  expect((await api('GET', `/v1/quarantine/${id}`)).body.headers).toEqual({
    'x-shopify-topic': 'orders/paid',
    'ce-type': 'kyc.rejected',
  });
});

test('erasing a person takes the bodies that name them, whatever the fields are called; others stay', async () => {
  const phone = '+919855544433';
  await world.razorpay(failed('order_erased', { phone, customer: 'cust_erased' }));
  await world.settled();
  const theirs = [
    await keptAs('razorpay', 'erasable', { anything: { deep: ['98555 44433'] } }),
    await keptAs('segment', 'erasable', { userId: 'cust_erased' }),
    await keptAs('razorpay', 'erasable', 'udf1=cust_erased&status=failure'),
  ];
  const other = await keptAs('razorpay', 'erasable', { contact: '+919855544434' });
  const person = await personOf(api, 'cust_erased');
  expect((await api('POST', `/v1/people/${person}/erasure`)).status).toBeLessThan(300);
  // Others share the address of their e-mail: what the next tests keep must not come while it is under way.
  await until(async () => (await api('GET', `/v1/people/${person}/erasure`)).body.state === 'done', 'the erasure');
  const left = bodies(await api('GET', '/v1/quarantine?reason=erasable')).map(({ id }) => id);
  expect(left).toEqual([other]);
  expect(theirs).not.toContain(other);
});

test('a replay of what came days ago starts no run', async () => {
  // Five minutes after an erasure what names the person is looked for once more: this names somebody else, by e-mail too.
  const body = JSON.stringify(failed('order_ancient')).replace('asha@', 'ravi@');
  const id = await keptAs('razorpay', 'old', body);
  await world.moveTo(hours(72));
  expect((await api('POST', `/v1/quarantine/${id}/replay`)).body).toMatchObject({ outcome: 'recorded' });
  await world.settled();
  expect((await world.runs()).filter(({ facts }) => facts.keys.order === 'order_ancient')).toEqual([]);
});
