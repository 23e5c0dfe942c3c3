import { gzipSync } from 'node:zlib';
import { type Answer, answerOf, expectProblem, expectRefusal, storedRows } from '../support/refusals';
import { World } from '../support/world';

let world: World;
let key: string;
beforeAll(async () => {
  world = await World.start();
  key = await world.key(['ingest']);
});
afterAll(() => world?.stop());

interface Call {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer | object;
}
const basic = (user: string, password = ''): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

async function post({ path = 'track', headers, body }: Call): Promise<Answer> {
  const raw = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const sent = { 'content-type': 'application/json', ...(headers ?? basic(key)) };
  return answerOf(await fetch(`${world.url}/v1/${path}`, { method: 'POST', headers: sent, body: raw }));
}
const results = ({ text }: Answer) => (JSON.parse(text) as { results: Record<string, unknown>[] }).results;
const track = (fields: object = {}): object => ({ event: 'Cart Updated', userId: 'u1', ...fields });
const batchOf = (...messages: unknown[]): object => ({ batch: messages });
const item = (fields: object = {}): object => ({ type: 'track', ...track(fields) });
const stored = (messageId: string) => world.events(`source = 'segment' and source_event_id = $1`, [messageId]);

describe('authentication', () => {
  it.each<[string, () => Call]>([
    ['the write key as user name', () => ({ headers: basic(key), body: track() })],
    ['whatever the password', () => ({ headers: basic(key, 'secret'), body: track() })],
    ['a bearer key', () => ({ headers: { authorization: `Bearer ${key}` }, body: track() })],
    ['a browser: text/plain and the key in the body', () => ({ headers: { 'content-type': 'text/plain' }, body: track({ writeKey: key }) })], // prettier-ignore
    ['a browser batch', () => ({ path: 'batch', headers: { 'content-type': 'text/plain;charset=UTF-8' }, body: { ...batchOf(item()), writeKey: key } })], // prettier-ignore
  ])('%s is let in', async (_title, call) => expect((await post(call())).status).toBe(200));

  it.each<[string, () => Call]>([
    ['no key', () => ({ headers: {}, body: track() })],
    ['an unknown key', () => ({ headers: basic(`wps_live_${'0'.repeat(16)}_${'A'.repeat(43)}`), body: track() })],
    ['a malformed header beside a good key in the body', () => ({ headers: { authorization: 'Basic %%%' }, body: track({ writeKey: key }) })], // prettier-ignore
    ['a bad header beside a good key in the body', () => ({ headers: basic('nobody'), body: track({ writeKey: key }) })],
    ['a key that is no text', () => ({ headers: {}, body: track({ writeKey: { a: 1 } }) })],
  ])('%s is not, and nothing is kept', async (_title, call) => {
    await expectRefusal(world, () => post(call()), { status: 401, code: 'not_authenticated' });
  });

  it('whoever has no key is told of both ways to send one; elsewhere of the one that there is', async () => {
    const ask = (path: string) => fetch(`${world.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }); // prettier-ignore
    const segment = await ask('/v1/track');
    expect(segment.headers.get('www-authenticate')).toBe('Basic realm="Wapas", Bearer realm="Wapas"');
    expect(((await segment.json()) as { detail: string }).detail).toContain('Authorization: Basic');
    const events = await ask('/v1/events');
    expect(events.headers.get('www-authenticate')).toBe('Bearer realm="Wapas"');
    expect(((await events.json()) as { detail: string }).detail).not.toContain('Basic');
  });

  it('a key of another scope is not', async () => {
    const reader = await world.key(['read']);
    await expectRefusal(world, () => post({ headers: basic(reader), body: track() }), { status: 403, code: 'scope_missing' });
  });

  it('the key in the body opens the Segment routes only', async () => {
    const body = JSON.stringify({ event: 'Cart Updated', writeKey: key });
    const ask = async () =>
      answerOf(await fetch(`${world.url}/v1/events`, { method: 'POST', headers: { 'content-type': 'application/json', ...basic(key) }, body })); // prettier-ignore
    await expectRefusal(world, ask, { status: 401, code: 'not_authenticated' });
  });
});

it.each(['track', 'identify', 'page', 'screen', 'group', 'alias'])('/v1/%s records one event', async (path) => {
  const answer = await post({ path, body: track({ messageId: `call-${path}`, name: 'Cart', groupId: 'g1', previousId: 'p1' }) });
  expect(JSON.parse(answer.text)).toMatchObject({ success: true, outcome: 'recorded' });
  expect(await stored(`call-${path}`)).toHaveLength(1);
});

it.each(['batch', 'import'])('/v1/%s answers for every message in its place, compressed or not', async (path) => {
  const body = gzipSync(JSON.stringify(batchOf(item({ messageId: `${path}-1` }), item({ messageId: `${path}-2`, userId: undefined }), item({ messageId: `${path}-1` })))); // prettier-ignore
  const answer = await post({ path, headers: { ...basic(key), 'content-encoding': 'gzip' }, body });
  expect(answer.status).toBe(200);
  expect(results(answer).map(({ index, outcome, reason }) => ({ index, outcome, reason }))).toEqual([
    { index: 0, outcome: 'recorded', reason: undefined },
    { index: 1, outcome: 'quarantined', reason: 'missing_user_id' },
    { index: 2, outcome: 'duplicate', reason: undefined },
  ]);
});

it('the same messageId acts once, whatever else has changed', async () => {
  expect(JSON.parse((await post({ body: track({ messageId: 'once' }) })).text)).toMatchObject({ outcome: 'recorded' });
  for (const fields of [{}, { properties: { a: 1 } }, { event: 'Other' }])
    expect(JSON.parse((await post({ body: track({ messageId: 'once', ...fields }) })).text)).toMatchObject({
      outcome: 'duplicate',
    });
  expect(await stored('once')).toHaveLength(1);
});

it('a customer who was identified is reached by what came over Segment', async () => {
  const body = { userId: 'seg_1', messageId: 'identify-1', traits: { phone: '+919812300001', name: 'Asha' } };
  expect((await post({ path: 'identify', body })).status).toBe(200);
  await world.settled();
  const reader = await world.key(['read']);
  const response = await fetch(`${world.url}/v1/people?customerId=seg_1`, { headers: { authorization: `Bearer ${reader}` } });
  expect(response.status).toBe(200);
});

it('a key that sends too fast is told when to come again', async () => {
  const slow = await World.start({ env: { WAPAS_INGEST_MAX_PER_SECOND: '2' } });
  try {
    const headers = { 'content-type': 'application/json', ...basic(await slow.key(['ingest'])) };
    const body = JSON.stringify(batchOf(item(), item(), item()));
    const ask = async () => answerOf(await fetch(`${slow.url}/v1/batch`, { method: 'POST', headers, body }));
    await ask();
    const answer = await ask();
    expectProblem(answer, { status: 429, code: 'rate_limited' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  } finally {
    await slow.stop();
  }
});

const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const tooMany = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`k${i}`, i]));

/** Bad input B and C as far as it reaches these routes. Refused are only calls that cannot be read at all. */
describe('a call that cannot be read is refused whole', () => {
  it.each<[string, Call, string]>([
    ['B12 an empty body', { body: '' }, 'empty_body'],
    ['B12 null', { body: 'null' }, 'not_an_object'],
    ['B12 an array', { body: '[]' }, 'not_an_object'],
    ['B12 a text', { body: '"x"' }, 'not_an_object'],
    ['B12 truncated JSON', { body: '{"event":"Cart' }, 'not_json'],
    ['B12 truncated JSON as text/plain', { headers: { 'content-type': 'text/plain' }, body: '{"event":"Cart' }, 'not_json'],
    ['B13 a call over 32 KB', { body: track({ properties: { a: 'x'.repeat(32 * 1024) } }) }, 'body_too_large'],
    ['B20 NaN', { body: '{"event":"A","userId":"u","properties":{"total":NaN}}' }, 'not_json'],
    ['C35 a batch that is none', { path: 'batch', body: { batch: {} } }, 'not_a_batch'],
    ['C35 no batch', { path: 'batch', body: {} }, 'not_a_batch'],
    ['C35 2,501 messages', { path: 'batch', body: { batch: Array(2_501).fill(1) } }, 'batch_too_large'],
    ['C35 more than 500 KB', { path: 'batch', body: batchOf(item({ a: 'x'.repeat(500 * 1024) })) }, 'body_too_large'],
    ['A5 a gzip bomb', { path: 'batch', headers: { 'content-encoding': 'gzip' }, body: gzipSync('a'.repeat(20_000_000)) }, 'body_too_large'], // prettier-ignore
    ['A5 no gzip at all', { path: 'batch', headers: { 'content-encoding': 'gzip' }, body: 'plain' }, 'bad_gzip'],
  ])('%s', async (_title, call, code) => {
    const headers = { ...basic(key), ...call.headers };
    await expectRefusal(world, () => post({ ...call, headers }), { status: 400, code });
  });
});

describe('a message that cannot be an event is kept, and its neighbours are recorded', () => {
  it.each<[string, string, string]>([
    ['B14 nested 21 deep', `{"type":"track","event":"A","userId":"u","properties":{"a":${nested(20)}}}`, 'too_deep'],
    ['B14 nested 20,000 deep', `{"type":"track","event":"A","userId":"u","properties":{"a":${nested(20_000)}}}`, 'too_deep'],
    ['B15 U+0000', JSON.stringify(item({ properties: { a: '\u0000' } })), 'nul_character'],
    ['B16 a lone surrogate', '{"type":"track","event":"A","userId":"u","properties":{"a":"\\ud800"}}', 'lone_surrogate'],
    ['B18 __proto__', '{"type":"track","event":"A","userId":"u","properties":{"__proto__":{"a":1}}}', 'forbidden_key'],
    ['B18 constructor.prototype', JSON.stringify(item({ properties: { 'constructor.prototype': 1 } })), 'forbidden_key'],
    ['B19 an id beyond 2^53', '{"type":"track","event":"A","userId":9007199254740993}', 'number_not_exact'],
    ['B20 1e400', '{"type":"track","event":"A","userId":"u","properties":{"total":1e400}}', 'number_out_of_range'],
    ['B24 2,000 properties', JSON.stringify(item({ properties: tooMany })), 'too_many_fields'],
    ['B24 a name of 1,000 characters', JSON.stringify(item({ properties: { ['k'.repeat(1_000)]: 1 } })), 'too_many_fields'],
    ['B25 the year 1970', JSON.stringify(item({ timestamp: '1970-01-02T00:00:00Z' })), 'time_out_of_range'],
    ['B31 a name of 300 characters', JSON.stringify(item({ event: 'A'.repeat(300) })), 'bad_event_name'],
    ['B31 a name with control characters', JSON.stringify(item({ event: 'Cart\u0007Updated' })), 'bad_event_name'],
    ['B31 __proto__ as name', JSON.stringify(item({ event: '__proto__' })), 'bad_event_name'],
    ['B31 a name that only looks the same', JSON.stringify(item({ event: 'Cаrt Updated' })), 'bad_event_name'],
    ['a message over 32 KB', JSON.stringify(item({ properties: { a: 'x'.repeat(33 * 1024) } })), 'message_too_large'],
    ['no type', JSON.stringify(track()), 'missing_type'],
    ['a type of its own', JSON.stringify(item({ type: 'delete' })), 'unknown_type'],
    ['no event', JSON.stringify(item({ event: undefined })), 'missing_event'],
    ['nobody', JSON.stringify(item({ userId: '', anonymousId: null })), 'missing_user_id'],
    ['a person who is an object', JSON.stringify(item({ userId: { a: 1 } })), 'bad_user_id'],
    ['a messageId that is an object', JSON.stringify(item({ messageId: {} })), 'bad_message_id'],
    ['a text instead of a message', '"x"', 'not_an_object'],
    ['null instead of a message', 'null', 'not_an_object'],
  ])('%s', async (_title, message, reason) => {
    const neighbour = JSON.stringify(item());
    const answer = await post({ path: 'batch', body: `{"batch":[${neighbour},${message},${neighbour}],"writeKey":"${key}"}` });
    expect({ status: answer.status, outcomes: results(answer).map(({ outcome }) => outcome) }).toEqual({
      status: 200,
      outcomes: ['recorded', 'quarantined', 'recorded'],
    });
    expect(results(answer)[1]).toMatchObject({ reason });
    const [kept] = await world.sql<{ id: string; source: string; reason: string; sealed: Buffer }>(
      `select id, source, reason, sealed from quarantine where id = $1`,
      [results(answer)[1]?.quarantineId],
    );
    expect(kept).toMatchObject({ source: 'segment', reason });
    expect(world.database.seals.openText('quarantine.sealed', kept?.sealed as Buffer)).not.toContain(key);
  });

  it('an empty batch is taken, as Segment takes it', async () =>
    expect(results(await post({ path: 'batch', body: batchOf() }))).toEqual([]));

  it('C38 500 messages about one order go through without waiting for each other', async () => {
    const messages = Array.from({ length: 500 }, (_, i) =>
      item({ messageId: `one-order-${i}`, properties: { order_id: 'o500' } }),
    );
    const answer = await post({ path: 'batch', body: batchOf(...messages) });
    expect(results(answer).every(({ outcome }) => outcome === 'recorded')).toBe(true);
  });

  it('B30 what looks like code is data', async () => {
    const name = '{{7*7}}${x}<script>=HYPERLINK()\u202e';
    await post({ path: 'identify', body: { userId: 'u30', messageId: 'b30', traits: { name } } });
    expect((await stored('b30'))[0]?.content).toMatchObject({ person: { name } });
  });
});

it('while the database is away the answer is 503 with Retry-After, and nothing is lost when the call is repeated', async () => {
  await world.settled();
  const before = await storedRows(world);
  const call = { path: 'batch', body: batchOf(item({ messageId: 'away-1' }), item({ messageId: 'away-2' })) };
  await world.stopDatabase();
  const refused = await post(call).finally(() => world.startDatabase());
  expectProblem(refused, {
    status: 503,
    code: refused.status === 503 ? (JSON.parse(refused.text) as { code: string }).code : '',
  });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  let answer = await post(call);
  for (let i = 0; answer.status === 503 && i < 50; i += 1) answer = await post(call);
  expect(answer.status).toBe(200);
  expect(await stored('away-1')).toHaveLength(1);
  expect(await storedRows(world)).not.toEqual(before);
});
