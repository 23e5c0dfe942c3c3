import { createHmac } from 'node:crypto';
import { hours, minutes, newId } from '@wapas/kernel';
import { type HttpVendorStub, startVendorStub, type VendorStub } from '@wapas/provider-testing';
import { FAILURES_BEFORE_REST } from '../../src/webhooks/rules/retry';
import { deliveryStore } from '../../src/webhooks/store/delivery.store';
import { apiOf, personOf } from '../support/api';
import { AppProcess } from '../support/app-process';
import { customer, failPayment, introduce, pay, treatEverybody } from '../support/stories';
import { freePort, until, World } from '../support/world';

interface Delivery {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly tries: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
}
interface Post {
  readonly id: string;
  readonly type: string;
  readonly data: Record<string, unknown>;
}

let world: World;
let team: HttpVendorStub;
let api: Awaited<ReturnType<typeof apiOf>>;

beforeAll(async () => {
  team = await startVendorStub();
  team.answer({ status: 204, body: '' });
  world = await World.start({ env: { WAPAS_WEBHOOKS_ALLOW_PRIVATE: 'on' } });
  api = await apiOf(world);
  await treatEverybody(world);
});
afterAll(async () => {
  await world?.stop();
  await team?.close();
});
beforeEach(async () => {
  for (const { id } of (await api('GET', '/v1/webhooks')).body.endpoints as { id: string }[])
    await api('DELETE', `/v1/webhooks/${id}`);
  team.forget();
  team.answer({ status: 204, body: '' });
});

async function endpointFor(kinds: string[], path = '/hooks'): Promise<{ id: string; secret: string }> {
  const { status, body } = await api('POST', '/v1/webhooks', { url: `${team.url}${path}`, kinds });
  expect(status).toBe(201);
  return { id: (body.endpoint as { id: string }).id, secret: body.secret as string };
}
const deliveries = async (id: string, query = ''): Promise<Delivery[]> =>
  (await api('GET', `/v1/webhooks/${id}/deliveries${query}`)).body.deliveries as Delivery[];
const posts = (): Post[] =>
  team.received.map(({ headers, body }) => ({ id: headers['webhook-id'] as string, ...(JSON.parse(body) as Omit<Post, 'id'>) }));
/** Pauses of deliveries and rests of endpoints are over. */
const nextTry = async (): Promise<void> => {
  await world.sql(`update webhook_endpoint set rests_until = null`);
  await world.sql(`update webhook_delivery set due_at = clock_timestamp() where due_at is not null and last_error is not null`);
};
/** So many things that the team is told of, as the bus writes them down. */
const tell = (endpointId: string, count: number): Promise<unknown> =>
  world.database.transaction((tx) =>
    deliveryStore.add(
      tx,
      Array.from({ length: count }, () => ({ id: newId(), endpointId, kind: 'run.ended', body: '{"type":"run.ended","data":{}}', subject: null, isPersonal: false, isAskedFor: false })), // prettier-ignore
    ),
  );
const testPost = async (id: string): Promise<string> => (await api('POST', `/v1/webhooks/${id}/test`)).body.deliveryId as string;
const stateOf = async (id: string, delivery: string): Promise<Delivery | undefined> =>
  (await deliveries(id)).find((one) => one.id === delivery);

/** The signature as the specification of Standard Webhooks describes it, written here from its text and not with our own code. */
function isSignedWith(secret: string, { headers, body }: VendorStub['received'][number]): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = `${headers['webhook-id'] as string}.${headers['webhook-timestamp'] as string}.${body}`;
  const expected = createHmac('sha256', key).update(signed).digest('base64');
  const isFresh = Math.abs(Date.now() / 1_000 - Number(headers['webhook-timestamp'])) < 300;
  return isFresh && (headers['webhook-signature'] as string).split(' ').includes(`v1,${expected}`);
}

test('a recovery is told from its messages to its end, with ids and amounts and nothing of the person', async () => {
  const { id, secret } = await endpointFor([]);
  const one = customer(1);
  await introduce(world, [one]);
  await failPayment(world, one);
  await world.settled();
  await world.moveTo(minutes(1));
  await world.moveTo(minutes(15));
  await pay(world, one, minutes(15));
  await world.settled();
  await until(() => posts().some(({ type }) => type === 'recovery.counted'), 'the recovery');
  await until(async () => (await deliveries(id)).every(({ state }) => state === 'delivered'), 'all to be delivered');
  expect(team.received.every((post) => isSignedWith(secret, post))).toBe(true);
  const told = posts();
  expect(told.filter(({ type }) => type === 'message.settled').map(({ data }) => `${String(data.channel)} ${String(data.state)}`).sort()).toEqual(
    ['push sent', 'whatsapp sent'],
  ); // prettier-ignore
  const personId = await personOf(api, one.id);
  expect(told.find(({ type }) => type === 'message.settled')?.data).toMatchObject({ journeyKey: 'payment_failed', personId, test: false }); // prettier-ignore
  expect(told.find(({ type }) => type === 'run.ended')?.data).toMatchObject({ journeyKey: 'payment_failed', arm: 'treated', personId, reason: 'goal_reached', test: false }); // prettier-ignore
  expect(told.find(({ type }) => type === 'recovery.counted')?.data).toMatchObject({
    personId,
    amount: 149_900,
    currency: 'INR',
  });
  for (const { body } of team.received)
    for (const personal of [one.phone.slice(1), 'Asha', 'asha@example.com']) expect(body).not.toContain(personal);
});

test('whoever says stop is told of, in each of the ways to say it, once', async () => {
  await endpointFor(['person.opted_out']);
  const one = customer(2);
  await introduce(world, [one]);
  const personId = await personOf(api, one.id);
  const withdrawal = { person: { customerId: one.id }, purpose: 'marketing', channel: 'sms', state: 'withdrawn', at: new Date(world.clock.now()).toISOString() }; // prettier-ignore
  for (let time = 0; time < 2; time++) await api('POST', '/v1/consents', { consents: [withdrawal] });
  for (let time = 0; time < 2; time++)
    await api('POST', '/v1/inbound-messages', { channel: 'sms', phone: one.phone, text: 'STOP', id: 'stop-1' });
  await until(() => posts().length === 2, 'both');
  expect(posts().map(({ data }) => data)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ personId, purpose: 'marketing', channel: 'sms', how: 'consent_withdrawn', source: 'api' }),
      expect.objectContaining({ personId, purpose: 'all', channel: 'all', how: 'stop_word', source: 'inbound_sms' }),
    ]),
  );
});

test('through failures, a hanging receiver, a killed process and a restart every event arrives, with one id for all its tries', async () => {
  const { id } = await endpointFor(['run.ended']);
  const customers = Array.from({ length: 40 }, (_, index) => customer(100 + index));
  let calls = 0;
  team.answer(() => {
    calls += 1;
    return calls % 3 === 0 ? { status: 429, body: '', headers: { 'retry-after': '1' } } : { status: 500, body: '' };
  });
  await introduce(world, customers);
  for (const one of customers) await failPayment(world, one, minutes(16));
  await world.settled();
  for (const one of customers) await pay(world, one, minutes(16));
  await world.settled();
  await until(async () => (await deliveries(id)).length === customers.length, 'all to be written down');
  await until(() => calls >= 5, 'failures');
  team.hang();
  await nextTry();
  await until(() => team.received.length > calls, 'a post that hangs');

  // Another process of the same deployment takes posts up, is killed with them open, and starts again.
  const env = { ...world.env, PORT: String(await freePort()), WAPAS_CLOCK_START: '', WAPAS_CLOCK_RATE: '' };
  const other = await AppProcess.start(env);
  await other.kill();
  team.answer({ status: 204, body: '' });
  const again = await AppProcess.start(env);
  await until(
    async () => {
      // Leases of posts that nobody waits for any more are over too.
      await world.sql(`update webhook_endpoint set rests_until = null`);
      await world.sql(`update webhook_delivery set due_at = clock_timestamp() where due_at is not null`);
      return (await deliveries(id)).every(({ state }) => state === 'delivered');
    },
    'everything to arrive',
    60_000,
  );
  await again.stop();
  const ended = (await world.sql<{ id: string }>(`select id from run where ended_at is not null and id in (select (run_id)::uuid from outcome where end_reason = 'goal_reached')`)).map(({ id: run }) => run); // prettier-ignore
  const arrived = posts().filter(({ data }) => ended.includes(data.runId as string));
  const idsOfRun = new Map<unknown, Set<string>>();
  for (const { id: post, data } of arrived) idsOfRun.set(data.runId, (idsOfRun.get(data.runId) ?? new Set()).add(post));
  expect(idsOfRun.size).toBe(customers.length);
  expect([...idsOfRun.values()].filter((ids) => ids.size !== 1)).toEqual([]);
  expect((await deliveries(id)).some(({ tries }) => tries > 1)).toBe(true);
});

test('an endpoint that hangs does not hold up another', async () => {
  const slow = await endpointFor(['run.ended'], '/slow');
  const quick = await endpointFor(['run.ended'], '/quick');
  team.hang();
  team.fixed('/quick', { status: 204, body: '' });
  await Promise.all(Array.from({ length: 20 }, () => testPost(slow.id)));
  await until(() => team.received.length >= 16, 'its places to be taken');
  const delivery = await testPost(quick.id);
  await until(async () => (await stateOf(quick.id, delivery))?.state === 'delivered', 'the other');
  // None of those that hang had been given up by then.
  expect((await deliveries(slow.id)).filter(({ lastError }) => lastError !== null)).toEqual([]);
});

describe('whichever container looks', () => {
  const look = (id: string) => deliveryStore.take(world.database, new Map([[id, 16]]), FAILURES_BEFORE_REST);

  test('an endpoint that has been failing gets one post at a time, also while that one hangs', async () => {
    const { id } = await endpointFor([]);
    await world.sql(`update webhook_endpoint set failures = $2, failing_since = clock_timestamp() where id = $1`, [id, FAILURES_BEFORE_REST]); // prettier-ignore
    const answer = team.answerLater();
    await tell(id, 4);
    await until(() => team.received.length > 0, 'the one post');
    expect([await look(id), await look(id)]).toEqual([[], []]);
    expect(team.received).toHaveLength(1);
    answer({ status: 204, body: '' });
    await until(async () => (await deliveries(id, '?state=delivered')).length === 4, 'the others');
    expect(new Set(posts().map((one) => one.id)).size).toBe(posts().length);
  });

  test('a delivery that is asked for again while it is being posted is not posted twice at once', async () => {
    const { id } = await endpointFor([]);
    const answer = team.answerLater();
    const delivery = await testPost(id);
    await until(() => team.received.length > 0, 'the post');
    expect((await api('POST', `/v1/webhooks/${id}/deliveries/${delivery}/resend`)).status).toBe(202);
    expect(await look(id)).toEqual([]);
    answer({ status: 204, body: '' });
    await until(async () => (await stateOf(id, delivery))?.state === 'delivered', 'the delivery');
    expect(posts()).toHaveLength(1);
  });
});

describe('an outage', () => {
  const restOf = async (id: string): Promise<{ rests: number; seconds: number } | undefined> =>
    (
      await world.sql<{ rests: number; seconds: number }>(
        `select rests, extract(epoch from rest_ends_at - clock_timestamp())::float8 as seconds from webhook_endpoint where id = $1`,
        [id],
      )
    )[0];
  /** An endpoint that has been failing for long, and rests for another ten minutes. */
  const silence = (id: string): Promise<unknown> =>
    world.sql(
      `update webhook_endpoint set failures = 40, failing_since = clock_timestamp() - interval '1 hour', rests = 10,
              rests_until = clock_timestamp() + interval '10 minutes', rest_ends_at = clock_timestamp() + interval '10 minutes' where id = $1`,
      [id],
    );

  test('that a burst of posts ran into is over seconds after the endpoint is back, and everything that waits goes out', async () => {
    const { id } = await endpointFor([]);
    team.answer({ status: 503, body: '' });
    await tell(id, 400);
    await until(async () => ((await restOf(id))?.rests ?? 0) > 0 && team.received.length >= 16, 'the endpoint to rest');
    expect((await restOf(id))?.seconds).toBeLessThan(5);
    team.answer({ status: 204, body: '' });
    await until(async () => (await world.sql(`select from webhook_delivery where state <> 'delivered'`)).length === 0, 'everything to arrive', 25_000); // prettier-ignore
    expect((await api('GET', `/v1/webhooks/${id}`)).body).toMatchObject({ failuresInARow: 0, failingSince: null });
  });

  test('does not keep a test that is asked for waiting, nor what is resent, and the first of them that arrives takes all others along', async () => {
    const { id } = await endpointFor([]);
    await silence(id);
    await tell(id, 100);
    team.answer({ status: 503, body: '' });
    const failing = await testPost(id);
    await until(async () => (await stateOf(id, failing))?.lastStatus === 503, 'the test to be tried');
    expect(team.received).toHaveLength(1);
    expect(await restOf(id)).toMatchObject({ rests: 10 });
    const [first] = await world.sql<{ id: string }>(`select id from webhook_delivery where kind = 'run.ended' limit 1`);
    team.answer({ status: 204, body: '' });
    expect((await api('POST', `/v1/webhooks/${id}/deliveries/${first?.id as string}/resend`)).status).toBe(202);
    await until(async () => (await stateOf(id, first?.id as string))?.state === 'delivered', 'what was resent');
    await until(async () => (await world.sql(`select from webhook_delivery where state <> 'delivered'`)).length === 0, 'everything to arrive', 15_000); // prettier-ignore
  });

  test('is over for an endpoint that is given another address: what waits is tried there at once, whatever the old one asked for', async () => {
    const { id } = await endpointFor([]);
    await silence(id);
    await tell(id, 3);
    await world.sql(
      `update webhook_delivery set tries = 6, last_error = 'http_503', last_ms = 5, first_failed_at = clock_timestamp() - interval '2 hours',
              due_at = clock_timestamp() + interval '1 hour', not_before = clock_timestamp() + interval '1 hour' where endpoint_id = $1`,
      [id],
    );
    await tell(id, 3);
    // Nothing of it is about where it is.
    expect((await api('PATCH', `/v1/webhooks/${id}`, { description: 'of the shop', url: `${team.url}/hooks` })).status).toBe(200);
    expect(await restOf(id)).toMatchObject({ rests: 10 });
    const { body } = await api('PATCH', `/v1/webhooks/${id}`, { url: `${team.url}/elsewhere` });
    expect(body).toMatchObject({ failuresInARow: 0, failingSince: null });
    await until(async () => (await world.sql(`select from webhook_delivery where state <> 'delivered'`)).length === 0, 'everything to arrive', 15_000); // prettier-ignore
    expect(team.received).toHaveLength(6);
  });

  test('lets go of the long pauses of what failed in it; what failed before as well, or was asked for later, keeps its own', async () => {
    const { id } = await endpointFor([]);
    await silence(id);
    await tell(id, 3);
    const [innocent, notorious, later] = (await deliveries(id)).map((one) => one.id) as [string, string, string];
    await world.sql(
      `update webhook_delivery set tries = 6, last_error = 'http_503', last_ms = 5, due_at = clock_timestamp() + interval '1 hour',
              first_failed_at = clock_timestamp() - case when id = $1 then interval '2 hours' else interval '50 minutes' end,
              not_before = case when id = $2 then clock_timestamp() + interval '30 minutes' end where endpoint_id = $3`,
      [notorious, later, id],
    );
    await testPost(id);
    await until(async () => (await stateOf(id, innocent))?.state === 'delivered', 'what had no fault of its own');
    const rows = await world.sql<{ id: string; minutes: number }>(
      `select id, round(extract(epoch from due_at - clock_timestamp()) / 60)::int as minutes from webhook_delivery where state = 'waiting'`,
    );
    expect(new Map(rows.map((row) => [row.id, row.minutes]))).toEqual(new Map([[notorious, 60], [later, 30]])); // prettier-ignore
  });
});

test('nothing is promised to an endpoint that is switched off: what is asked for again, parked or a test is refused with what to do', async () => {
  const { id } = await endpointFor([]);
  const delivery = await testPost(id);
  await until(async () => (await stateOf(id, delivery))?.state === 'delivered', 'the delivery');
  expect((await api('PATCH', `/v1/webhooks/${id}`, { state: 'off' })).status).toBe(200);
  for (const path of [`deliveries/${delivery}/resend`, 'parked-deliveries/resend', 'test']) {
    const { status, body } = await api('POST', `/v1/webhooks/${id}/${path}`);
    expect([path, status, body.code]).toEqual([path, 409, 'endpoint_off']);
    expect(body.detail).toContain(`PATCH /v1/webhooks/${id}`);
  }
  expect((await deliveries(id)).map(({ state }) => state)).toEqual(['delivered']);
  const nobody = '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a';
  expect((await api('POST', `/v1/webhooks/${id}/deliveries/${nobody}/resend`)).status).toBe(404);
  expect((await api('PATCH', `/v1/webhooks/${id}`, { state: 'on' })).status).toBe(200);
  expect((await api('POST', `/v1/webhooks/${id}/deliveries/${delivery}/resend`)).status).toBe(202);
  await until(() => posts().length === 2, 'it once more');
});

test('while the secret is changed posts are signed with both, and with the new one alone once the old one has leaked', async () => {
  const { id, secret } = await endpointFor(['run.ended']);
  const second = (await api('POST', `/v1/webhooks/${id}/secret`, {})).body.secret as string;
  await testPost(id);
  await until(() => team.received.length === 1, 'a post');
  expect([secret, second].map((one) => isSignedWith(one, team.received[0] as never))).toEqual([true, true]);
  const third = (await api('POST', `/v1/webhooks/${id}/secret`, { keepOldForHours: 0 })).body.secret as string;
  await testPost(id);
  await until(() => team.received.length === 2, 'another');
  expect([secret, second, third].map((one) => isSignedWith(one, team.received[1] as never))).toEqual([false, false, true]);
  const [row] = await world.sql<{ row: string }>(`select e::text as row from webhook_endpoint e`);
  expect(row?.row).not.toContain(third);
  expect(row?.row).not.toContain(Buffer.from(team.url).toString('hex'));
});

test('what did not arrive in three days is parked and comes when it is asked for; an endpoint that took nothing is off, and says so', async () => {
  const { id } = await endpointFor(['run.ended']);
  team.answer({ status: 503, body: '' });
  const delivery = await testPost(id);
  await until(async () => (await stateOf(id, delivery))?.lastStatus === 503, 'a failure');
  await world.sql(`update webhook_delivery set told_at = told_at - interval '71 hours 59 minutes 59.9 seconds'`);
  await nextTry();
  await until(async () => (await stateOf(id, delivery))?.state === 'parked', 'it to be parked');
  expect((await api('GET', `/v1/webhooks/${id}`)).body).toMatchObject({ state: 'on', failuresInARow: 2 });

  await world.sql(`update webhook_endpoint set failing_since = failing_since - interval '72 hours'`);
  const last = await testPost(id);
  await until(async () => (await api('GET', `/v1/webhooks/${id}`)).body.state === 'off', 'it to be switched off');
  expect(await stateOf(id, last)).toMatchObject({ state: 'parked' });
  await until(
    async () => JSON.stringify((await api('GET', '/health/ready')).body.attention).includes(`${id} took nothing for three days`),
    'the alarm',
  );
  expect((await api('GET', '/health/ready')).status).toBe(200);

  team.answer({ status: 204, body: '' });
  expect((await api('PATCH', `/v1/webhooks/${id}`, { state: 'on' })).body).toMatchObject({
    state: 'on',
    offBecause: null,
    failuresInARow: 0,
  });
  expect((await api('POST', `/v1/webhooks/${id}/parked-deliveries/resend`)).body).toEqual({ resent: 2 });
  await until(async () => (await deliveries(id)).every(({ state }) => state === 'delivered'), 'both');
  const [newest, ...older] = await deliveries(id);
  expect([older.length > 0, await deliveries(id, `?cursor=${String(newest?.id)}`)]).toEqual([true, older]);
  team.forget();
  expect((await api('POST', `/v1/webhooks/${id}/deliveries/${delivery}/resend`)).status).toBe(202);
  await until(() => posts().length === 1, 'one once more');
  expect(posts()).toMatchObject([{ id: delivery, type: 'webhook.test' }]);
});

test('410 Gone switches an endpoint off at once', async () => {
  const { id } = await endpointFor(['run.ended']);
  team.answer({ status: 410, body: '' });
  await testPost(id);
  await until(async () => (await api('GET', `/v1/webhooks/${id}`)).body.offBecause === 'gone', 'it to be off');
});

test('a 410 from where an endpoint was before says nothing of where it is now, and what it was told comes there', async () => {
  const { id } = await endpointFor(['run.ended']);
  const answerNow = team.answerLater();
  const delivery = await testPost(id);
  await until(() => team.received.length === 1, 'the post');
  expect((await api('PATCH', `/v1/webhooks/${id}`, { url: `${team.url}/new` })).status).toBe(200);
  answerNow({ status: 410, body: '' });
  team.answer({ status: 204, body: '' });
  await until(async () => (await stateOf(id, delivery))?.state !== 'waiting', 'it to have come somewhere');
  expect(await stateOf(id, delivery)).toMatchObject({ state: 'delivered', tries: 2 });
  expect(team.received.map(({ path }) => path)).toEqual(['/hooks', '/new']);
  expect((await api('GET', `/v1/webhooks/${id}`)).body).toMatchObject({ state: 'on', failuresInARow: 0 });
});

test('who had what delivered again stands in the audit log', async () => {
  const { id } = await endpointFor(['run.ended']);
  team.answer({ status: 410, body: '' });
  const delivery = await testPost(id);
  await until(async () => (await stateOf(id, delivery))?.state === 'parked', 'it to be parked');
  expect((await api('POST', `/v1/webhooks/${id}/parked-deliveries/resend`)).status).toBe(409);
  await api('PATCH', `/v1/webhooks/${id}`, { state: 'on' });
  team.answer({ status: 204, body: '' });
  for (const path of ['parked-deliveries/resend', `deliveries/${delivery}/resend`, 'parked-deliveries/resend'])
    expect((await api('POST', `/v1/webhooks/${id}/${path}`)).status).toBe(202);
  const { body } = await api('GET', '/v1/operations/audit');
  const resent = (body.entries as { act: string; subject: string }[]).filter(
    ({ act, subject }) => act === 'webhook_resent' && subject.startsWith(id),
  );
  expect(resent.map(({ subject }) => subject)).toEqual([`${id} (${delivery})`, `${id} (1 parked)`]);
});

test('what arrives after its endpoint was switched off has arrived, and is not there to be resent', async () => {
  const { id } = await endpointFor(['run.ended']);
  const answerNow = team.answerLater();
  const slow = await testPost(id);
  await until(() => team.received.length === 1, 'the post');
  team.answer({ status: 410, body: '' });
  await testPost(id);
  await until(async () => (await stateOf(id, slow))?.state === 'parked', 'the endpoint to be off');
  answerNow({ status: 204, body: '' });
  await until(async () => (await stateOf(id, slow))?.state === 'delivered', 'it to have arrived');
});

test('a redirect is not followed', async () => {
  const { id } = await endpointFor(['run.ended']);
  team.answer({ status: 307, body: '', headers: { location: `${team.url}/elsewhere` } });
  const delivery = await testPost(id);
  await until(async () => (await stateOf(id, delivery))?.lastError === 'http_307', 'the answer');
  expect(team.received.map(({ path }) => path)).toEqual(['/hooks']);
});

test('an endpoint, or a delivery, that cannot be opened keeps nobody waiting but itself, and goes on once it can', async () => {
  const [lost, other] = [await endpointFor(['run.ended'], '/lost'), await endpointFor(['run.ended'], '/other')];
  // Done twice it is undone.
  const damage = (table: string, column: string, id: string) =>
    world.sql(`update ${table} set ${column} = set_byte(${column}, 3, get_byte(${column}, 3) # 1) where id = $1`, [id]);
  await damage('webhook_endpoint', 'sealed', lost.id);
  const waiting = await testPost(lost.id);
  const delivery = await testPost(other.id);
  await until(async () => (await stateOf(other.id, delivery))?.state === 'delivered', 'the other one to be told');
  expect((await api('GET', `/v1/webhooks/${lost.id}`)).body).toMatchObject({ url: '', state: 'on' });
  expect(await fetch(`${world.url}/health/ready`).then((answer) => answer.text())).toContain(`${lost.id} cannot be opened`);
  // What cannot be read must not be written over.
  expect((await api('PATCH', `/v1/webhooks/${lost.id}`, { url: `${team.url}/new` })).status).toBe(422);
  expect((await api('POST', `/v1/webhooks/${lost.id}/secret`, {})).status).toBe(422);
  expect((await api('PATCH', `/v1/webhooks/${lost.id}`, { description: 'lost' })).status).toBe(200);
  await damage('webhook_endpoint', 'sealed', lost.id);
  await until(async () => (await stateOf(lost.id, waiting))?.state === 'delivered', 'the lost one to be told');

  team.answer({ status: 500, body: '' });
  const damaged = await testPost(other.id);
  await until(async () => (await stateOf(other.id, damaged))?.lastStatus === 500, 'a try');
  await damage('webhook_delivery', 'content', damaged);
  team.answer({ status: 204, body: '' });
  const next = await testPost(other.id);
  await nextTry();
  await until(async () => (await stateOf(other.id, next))?.state === 'delivered', 'the next one to be told');
  await until(async () => (await stateOf(other.id, damaged))?.lastError === 'not_openable', 'the damaged one to say why');
  expect(await stateOf(other.id, damaged)).toMatchObject({ state: 'waiting' });
  await damage('webhook_delivery', 'content', damaged);
  await nextTry();
  await until(async () => (await stateOf(other.id, damaged))?.state === 'delivered', 'the damaged one');
});

test('nobody who asks to be told of nothing costs anything: no packet is written for whoever is not there', async () => {
  await world.pause();
  await failPayment(world, customer(3), hours(1));
  const waiting = await world.sql<{ handler: string }>(`select handler from bus_outbox where handler like '%Tell%'`);
  world.resume();
  await world.settled();
  expect(waiting).toEqual([]);
});

describe('refused', () => {
  test.each([
    [{ url: 'not an address' }, 'bad_url'],
    [{ url: 'ftp://crm.example/' }, 'bad_url'],
    [{ url: 'https://user:secret@crm.example/' }, 'bad_url'],
    [{ url: 'https://crm.example/#part' }, 'bad_url'],
    [{ url: 'https://crm.example/', kinds: ['run.began'] }, 'bad_value'],
    [{ url: 'https://crm.example/', kinds: ['run.ended', 'run.ended'] }, 'repeated'],
    [{ url: 'https://crm.example/', colour: 'red' }, 'unknown_field'],
    [{}, 'missing_field'],
  ])('an endpoint of %j: %s', async (body, code) => {
    const answer = await api('POST', '/v1/webhooks', body);
    expect(answer.status).toBe(422);
    expect((answer.body.faults as { code: string }[]).map((fault) => fault.code)).toContain(code);
  });

  test.each([
    ['GET', '', 404],
    ['GET', '/deliveries', 404],
    ['POST', '/test', 404],
    ['POST', '/parked-deliveries/resend', 404],
    ['DELETE', '', 404],
  ])('%s …%s of an endpoint that is not there', async (method, path, status) => {
    expect((await api(method, `/v1/webhooks/019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a${path}`)).status).toBe(status);
    expect((await api(method, `/v1/webhooks/x${path}`)).status).toBe(400);
  });

  test('more than twenty endpoints, and any of a caller without the scope', async () => {
    const made: number[] = [];
    for (let count = 0; count < 21; count++)
      made.push((await api('POST', '/v1/webhooks', { url: 'https://crm.example/' })).status);
    expect(made).toEqual([...Array<number>(20).fill(201), 409]);
    const headers = { authorization: `Bearer ${await world.key(['read', 'ingest'])}` };
    expect((await fetch(`${world.url}/v1/webhooks`, { headers })).status).toBe(403);
  });
});
