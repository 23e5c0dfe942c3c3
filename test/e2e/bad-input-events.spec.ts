import { EntityKeys } from '@wapas/entity-keys';
import { minutes, toIso } from '@wapas/kernel';
import { apiOf } from '../support/api';
import { type Answer, answerOf, expectProblem, expectRefusal, storedRows } from '../support/refusals';
import { eventReader } from '../../src/ingestion/ingestion.api';
import { START, World } from '../support/world';

const PHONE = '+919900112233';
const EVENT = { event: 'Cart Updated', person: { phone: PHONE } };
const iso = (at: number): string => toIso((START + at) as typeof START);
const DAY = minutes(24 * 60);

let world: World;
let key: string;
beforeAll(async () => {
  world = await World.start();
  key = await world.key(['ingest', 'read']);
});
afterAll(() => world?.stop());

interface Refused {
  readonly title: string;
  /** A text goes as it is; anything else as its JSON. */
  readonly body: unknown;
  readonly status?: number;
  readonly code: string;
  /** Where the fault lies, for bodies that were understood. */
  readonly at?: string;
  readonly unspoken?: readonly string[];
}

const row = (title: string, body: unknown, code: string, at?: string, unspoken: readonly string[] = []): Refused => ({
  title,
  body,
  code,
  at,
  unspoken,
});
const unread = (title: string, body: unknown, code: string, status = 400): Refused => ({ title, body, code, status });
const withFields = (fields: object): object => ({ ...EVENT, ...fields });
const withPerson = (person: object): object => ({ ...EVENT, person });
const withAmount = (value: unknown, currency: unknown = 'INR'): object => withFields({ amount: { value, currency } });
const nested = (levels: number): string =>
  `{"event":"Cart Updated","properties":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`;
const manyKeys = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));

const REFUSED: readonly Refused[] = [
  unread('B12 an empty body', '', 'empty_body'),
  unread('B12 null', 'null', 'not_an_object'),
  unread('B12 an array', '[]', 'not_an_object'),
  unread('B12 a text', '"x"', 'not_an_object'),
  unread('B12 a number', '7', 'not_an_object'),
  unread('B12 truncated JSON', '{"event":"Cart Upd', 'not_json'),
  unread('B12 two documents', '{"event":"A"}{"event":"B"}', 'not_json'),
  unread('B12 a comment', '{"event":"A"/* b */}', 'not_json'),
  row('B12 an empty object', {}, 'missing_field', '/event'),
  unread('B13 more than 64 KiB', withFields({ properties: { text: 'x'.repeat(65_536) } }), 'body_too_large', 413),
  unread('B14 nested 20,000 deep', nested(20_000), 'too_deep'),
  unread('B14 nested 21 deep', nested(19), 'too_deep'),
  unread('B14 objects nested 5,000 deep', `{"event":"A","properties":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`, 'too_deep'),
  row('B15 U+0000 in a property', withFields({ properties: { note: 'a\u0000b' } }), 'nul_character', '/properties/note'),
  row('B15 U+0000 in a name', withPerson({ name: '\u0000' }), 'nul_character', '/person/name'),
  row('B15 U+0000 in a key of properties', withFields({ properties: { 'a\u0000': 1 } }), 'nul_character', '/properties'),
  row('B15 U+0000 in the event id', withFields({ eventId: 'a\u0000' }), 'nul_character', '/eventId'),
  row('B16 a lone surrogate', '{"event":"Cart Updated","properties":{"a":"\\ud800"}}', 'lone_surrogate', '/properties/a'),
  row('B16 a lone surrogate in a key', '{"event":"Cart Updated","properties":{"\\udfff":1}}', 'lone_surrogate', '/properties'),
  row('B18 __proto__ at the top', '{"event":"Cart Updated","__proto__":{"isAdmin":true}}', 'forbidden_key', '', ['isAdmin']),
  row(
    'B18 __proto__ in properties',
    '{"event":"Cart Updated","properties":{"__proto__":{"x":1}}}',
    'forbidden_key',
    '/properties',
  ),
  row('B18 __proto__ in a person', '{"event":"Cart Updated","person":{"__proto__":{"phone":"+91"}}}', 'forbidden_key', '/person'),
  row('B18 constructor', withFields({ properties: { constructor: { prototype: {} } } }), 'forbidden_key', '/properties'),
  row('B18 prototype', withFields({ properties: { a: { prototype: 1 } } }), 'forbidden_key', '/properties/a'),
  row('B18 a dotted path', withFields({ properties: { 'a.constructor.b': 1 } }), 'forbidden_key', '/properties'),
  row(
    'B18 __proto__ inside an array',
    '{"event":"Cart Updated","properties":{"a":[{"__proto__":1}]}}',
    'forbidden_key',
    '/properties/a/0',
  ),
  row('B19 an id as a number', '{"event":"A","keys":{"order":9007199254740993}}', 'number_not_exact', '/keys/order', [
    '90071992',
  ]),
  row('B19 a small id as a number', '{"event":"A","keys":{"order":17}}', 'bad_type', '/keys/order'),
  row(
    'B19 a large whole number in a property',
    '{"event":"A","properties":{"id":-9007199254740993}}',
    'number_not_exact',
    '/properties/id',
  ),
  row('B20 amount -1', withAmount(-1), 'bad_value', '/amount/value'),
  row('B20 amount 0', withAmount(0), 'bad_value', '/amount/value'),
  row('B20 amount 1e400', '{"event":"A","amount":{"value":1e400,"currency":"INR"}}', 'number_out_of_range', '/amount/value'),
  row('B20 amount 1e20', withAmount(1e20), 'number_not_exact', '/amount/value'),
  row('B20 amount "12,34"', withAmount('12,34'), 'bad_type', '/amount/value', ['12,34']),
  row('B20 amount "1499"', withAmount('1499'), 'bad_type', '/amount/value'),
  unread('B20 amount NaN', '{"event":"A","amount":{"value":NaN,"currency":"INR"}}', 'not_json'),
  row('B20 amount 0.1 + 0.2', withAmount(0.1 + 0.2), 'bad_type', '/amount/value'),
  row('B20 amount without currency', withFields({ amount: { value: 100 } }), 'missing_field', '/amount/currency'),
  row('B20 amount as a bare number', withFields({ amount: 100 }), 'bad_type', '/amount'),
  row('B21 currency XXX', withAmount(100, 'XXX'), 'unknown_currency', '/amount/currency'),
  row('B21 currency in lower case', withAmount(100, 'inr'), 'bad_format', '/amount/currency', ['inr']),
  row('B21 a currency sign', withAmount(100, '₹'), 'bad_format', '/amount/currency', ['₹']),
  row('B22 an unknown field', withFields({ colour_7f: 'red' }), 'unknown_field', '/colour_7f', ['red']),
  row('B22 an unknown field that may be data', withFields({ '919876543210': 'red' }), 'unknown_field', '/', [
    '9876543210',
    'red',
  ]),
  row('B22 an unknown field of a person', withPerson({ aadhaar: '2345' }), 'unknown_field', '/person/aadhaar', ['2345']),
  row('B22 an unknown key', withFields({ keys: { invoice: 'i1' } }), 'unknown_field', '/keys/invoice', ['i1']),
  ...['tenantId', 'id', 'status', 'createdAt', 'source', 'receivedAt'].map((field) =>
    row(`B23 ${field} in the body`, withFields({ [field]: 'mine' }), 'unknown_field', `/${field}`, ['mine']),
  ),
  row('B24 properties with 5,000 keys', withFields({ properties: manyKeys(5_000) }), 'too_many_fields', '/properties'),
  row('B24 a key of 1,000 characters', withFields({ properties: { ['k'.repeat(1_000)]: 1 } }), 'too_long', '/properties', [
    'kkkk',
  ]),
  row('B25 the year 1970', withFields({ occurredAt: '1970-01-01T00:00:00Z' }), 'time_out_of_range', '/occurredAt'),
  row('B25 a year ahead', withFields({ occurredAt: iso(365 * DAY) }), 'time_out_of_range', '/occurredAt'),
  row('B25 25 hours ahead', withFields({ occurredAt: iso(25 * minutes(60)) }), 'time_out_of_range', '/occurredAt'),
  row('B25 the 30th of February', withFields({ occurredAt: '2026-02-30T10:00:00Z' }), 'bad_time', '/occurredAt', ['02-30']),
  row('B25 hour 25', withFields({ occurredAt: '2026-11-23T25:00:00Z' }), 'bad_time', '/occurredAt'),
  row('B25 a zone of 99 hours', withFields({ occurredAt: '2026-11-23T10:00:00+99:00' }), 'bad_time', '/occurredAt'),
  row('B25 a local time without zone', withFields({ occurredAt: '2026-11-23T11:00:00' }), 'bad_time', '/occurredAt'),
  row('B25 a unix time', withFields({ occurredAt: 1763874129 }), 'bad_type', '/occurredAt'),
  row('B25 words', withFields({ occurredAt: 'yesterday' }), 'bad_time', '/occurredAt', ['yesterday']),
  row('B29 a premium number', withPerson({ phone: '+1 900 555 0123' }), 'country_not_allowed', '/person/phone', ['555']),
  row('B29 a satellite number', withPerson({ phone: '+881612345678' }), 'country_not_allowed', '/person/phone', ['8816']),
  row(
    'B29 an allowed form of a country that is not',
    withPerson({ phone: '+14155552671' }),
    'country_not_allowed',
    '/person/phone',
  ),
  row('B29 40 digits', withPerson({ phone: '9'.repeat(40) }), 'bad_phone', '/person/phone', ['9999']),
  row('B29 41 digits', withPerson({ phone: '9'.repeat(41) }), 'too_long', '/person/phone', ['9999']),
  row('B29 a landline', withPerson({ phone: '+911123456789' }), 'not_mobile', '/person/phone', ['1123456']),
  row('B29 a number in a sentence', withPerson({ phone: `call ${PHONE} please` }), 'bad_phone', '/person/phone', ['99001']),
  row('B29 a number with an extension', withPerson({ phone: `${PHONE} ext. 5` }), 'bad_phone', '/person/phone', ['99001']),
  row('B29 two numbers', withPerson({ phone: `${PHONE},${PHONE}` }), 'bad_phone', '/person/phone', ['99001']),
  row('B29 a number as a number', withPerson({ phone: 9900112233 }), 'bad_type', '/person/phone', ['99001']),
  row('B30 a name of 10,000 emoji', withPerson({ name: '🪔'.repeat(10_000) }), 'too_long', '/person/name', ['🪔']),
  row('B31 an event name of 300 characters', { event: 'A'.repeat(300) }, 'bad_format', '/event', ['AAAA']),
  row('B31 control characters in the event name', { event: 'Cart\r\nUpdated' }, 'bad_format', '/event', ['Cart']),
  row('B31 __proto__ as the event name', { event: '__proto__' }, 'bad_format', '/event', ['__proto__']),
  row('B31 homoglyphs in the event name', { event: 'Pаyment Failed' }, 'bad_format', '/event', ['Pаyment']),
  row('B31 an empty event name', { event: '' }, 'bad_format', '/event'),
  row('B31 a line break at the end of the event name', { event: 'Cart Updated\n' }, 'bad_format', '/event'),
  row('B32 an e-mail with a second header', withPerson({ email: 'a@b.in\r\nBcc: all@b.in' }), 'bad_format', '/person/email', [
    'Bcc',
  ]),
  row('B32 an e-mail with a line break at its end', withPerson({ email: 'a@b.in\n' }), 'bad_format', '/person/email', ['a@b']),
  row('B32 an e-mail with a name around it', withPerson({ email: 'Asha <a@b.in>' }), 'bad_format', '/person/email', ['Asha']),
  row('B32 an e-mail without a domain', withPerson({ email: 'a@b' }), 'bad_format', '/person/email', ['a@b']),
  row('B34 a test event with a live key', withFields({ test: true }), 'mode_mismatch', '/test'),
];

describe('POST /v1/events refuses, stores nothing and repeats nothing', () => {
  test.each(REFUSED)('$title', async ({ body, status = 422, code, at, unspoken = [] }) => {
    const answer = await expectRefusal(world, () => post(body), { status, code, unspoken: [PHONE, ...unspoken] });
    if (at !== undefined) expect(faultsIn(answer)).toContainEqual(expect.objectContaining({ at, code }));
  });

  test('B34 a live event with a test key', async () => {
    const testKey = await world.key(['ingest'], true);
    await expectRefusal(world, () => post({ ...EVENT, test: false }, testKey), { status: 422, code: 'mode_mismatch' });
  });

  test('everything that is wrong is told at once', async () => {
    const body = { event: '', amount: { value: 0.5, currency: 'inr' }, person: { email: 'x' }, nonsense: 1 };
    const answer = await expectRefusal(world, () => post(body), { status: 422, code: 'unknown_field' });
    expect(new Set(faultsIn(answer).map(({ at }) => at))).toEqual(
      new Set(['/nonsense', '/event', '/amount/value', '/amount/currency', '/person/email']),
    );
  });

  test('B18 no prototype has changed', () => {
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('x');
  });
});

describe('POST /v1/events takes what is odd but honest', () => {
  test('B14 20 levels are kept', async () => {
    const id = await recordedId(nested(18));
    expect(await contentOf(id)).toEqual({ properties: { a: JSON.parse(`${'['.repeat(18)}${']'.repeat(18)}`) as unknown } });
  });

  test.each([
    ['a national number', '9876543210', '+919876543210'],
    ['spaces and hyphens', '+91 98765-43210', '+919876543210'],
    ['a leading zero', '09876543210', '+919876543210'],
    ['full-width digits', '+91９８７６５４３２１０', '+919876543210'],
  ])('B29 a phone with %s is brought to E.164', async (_title, phone, e164) => {
    const id = await recordedId(withPerson({ phone }));
    expect(await contentOf(id)).toMatchObject({ person: { phone: e164 } });
  });

  test.each([
    ['a template expression', '{{7*7}}'],
    ['a script expression', '${process.env.WAPAS_SECRET}'],
    ['markup', '<script>alert(1)</script>'],
    ['a formula', '=HYPERLINK("http://evil.example","x")'],
    ['a right-to-left override', '\u202egnp.exe'],
    ['SQL', "Robert'); drop table event;--"],
    ['a run of combining marks', `Z${'\u0310'.repeat(80)}`],
  ])('B30 a name that is %s is data, kept as it came', async (_title, name) => {
    const customerId = `odd-${name.length}`;
    const id = await recordedId({ event: 'Cart Updated', person: { customerId, name }, properties: { name } });
    expect(await contentOf(id)).toMatchObject({ person: { name }, properties: { name } });
    await world.settled();
    const api = await apiOf(world);
    expect((await api('GET', `/v1/people/${await personOf(customerId)}/export`)).body).toMatchObject({ person: { name } });
  });

  test('B30 10,000 emoji in a property are kept', async () => {
    const text = '🪔'.repeat(10_000);
    const id = await recordedId(withFields({ properties: { text } }));
    expect(await contentOf(id)).toMatchObject({ properties: { text } });
  });

  test('B25 a clock that runs ahead by less than a day counts as now, and a repetition of it is a repetition', async () => {
    const body = withFields({ eventId: 'fast-clock', occurredAt: iso(minutes(90)) });
    const id = await recordedId(body);
    expect(await world.sql('select occurred_at = received_at as "isNow" from event where id = $1', [id])).toEqual([
      { isNow: true },
    ]);
    await world.moveTo(minutes(120));
    expect((await post(body)).status).toBe(200);
    await world.moveTo(0);
  });

  test('B26 an event of ten days ago is stored and starts no journey', async () => {
    const id = await recordedId({
      event: 'Payment Failed',
      occurredAt: iso(-10 * DAY),
      person: { customerId: 'late', phone: PHONE },
      keys: { order: 'order_late' },
      reason: { class: 'user_error' },
    });
    await world.settled();
    expect(await world.sql('select reason from refusal where event_id = $1', [id])).toEqual([{ reason: 'event_too_old' }]);
    expect(await world.sql('select id from run where trigger_id = $1', [id])).toEqual([]);
  });

  test('B33 a device token that two customers claim belongs to the later one; both claims stay on record', async () => {
    const seen = (customerId: string) => ({
      event: 'App Opened',
      person: { customerId, pushTokens: [{ token: 'shared', platform: 'ios' }] },
    });
    const first = await recordedId(seen('first_owner'));
    await world.settled();
    const second = await recordedId(seen('second_owner'));
    await world.settled();
    const owners = await world.sql(`select a.person_id from person_address a where a.kind = 'push_token' and a.key = $1`, [
      world.app.get(EntityKeys).keyOf('push_token', 'shared'),
    ]);
    expect(owners).toEqual([{ person_id: await personOf('second_owner') }]);
    expect(await world.sql('select id from event where id = any($1) order by received_at', [[first, second]])).toHaveLength(2);
  });
});

describe('an eventId acts once', () => {
  test('B27 the same body again gets 200 and says that it is a duplicate', async () => {
    const body = { ...EVENT, eventId: 'twice', occurredAt: iso(0), properties: { a: 1 } };
    const id = await recordedId(body);
    const before = await storedRows(world);
    const again = await post(body);
    expect(again.status).toBe(200);
    expect(JSON.parse(again.text)).toEqual({ outcome: 'duplicate', eventId: id, duplicate: true });
    expect(await storedRows(world)).toEqual(before);
  });

  test('B27 an eventId that was used with a test key is new with a live one', async () => {
    const body = { ...EVENT, eventId: 'tried-first' };
    expect((await post(body, await world.key(['ingest'], true))).status).toBe(202);
    const id = await recordedId(body);
    expect(await world.sql('select test from event where id = $1', [id])).toEqual([{ test: false }]);
  });

  test('B27 ten at the same moment: one is recorded', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => post({ ...EVENT, eventId: 'ten-at-once' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 200, 202]);
    expect(new Set(answers.map(({ text }) => (JSON.parse(text) as { eventId: string }).eventId)).size).toBe(1);
  });

  test.each([
    ['another event', { event: 'Cart Emptied' }],
    ['another property', { properties: { a: 2 } }],
    ['another time', { occurredAt: iso(0 - minutes(1)) }],
    ['another person', { person: { phone: '+919900112244' } }],
  ])('B28 the same id with %s gets 409 and changes nothing', async (title, change) => {
    const body = { ...EVENT, eventId: `contradicted by ${title}`, occurredAt: iso(0), properties: { a: 1 } };
    await recordedId(body);
    await expectRefusal(world, () => post({ ...body, ...change }), {
      status: 409,
      code: 'event_id_conflict',
      unspoken: ['contradicted', PHONE],
    });
  });

  test('B28 the first and a contradicting one at the same moment: one of them is recorded, the other refused', async () => {
    const ask = (a: number) => post({ ...EVENT, eventId: 'at-once', properties: { a } });
    const answers = await Promise.all([ask(1), ask(2)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    const refused = answers.find(({ status }) => status === 409) as Answer;
    expectProblem(refused, { status: 409, code: 'event_id_conflict' });
  });
});

async function post(body: unknown, withKey = key): Promise<Answer> {
  return answerOf(
    await fetch(`${world.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${withKey}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );
}

/** Posts what must be taken, and gives our id of it. */
async function recordedId(body: unknown): Promise<string> {
  const answer = await post(body);
  expect({ status: answer.status, text: answer.text }).toEqual({
    status: 202,
    text: expect.stringContaining('recorded') as string,
  });
  const { eventId } = JSON.parse(answer.text) as { eventId: string };
  expect(await world.sql('select count(*)::int as n from event where id = $1', [eventId])).toEqual([{ n: 1 }]);
  return eventId;
}

async function contentOf(id: string): Promise<unknown> {
  return (await eventReader.byIds(world.database, [id]))[0]?.content;
}

async function personOf(customerId: string): Promise<string | undefined> {
  const response = await fetch(`${world.url}/v1/people?customerId=${customerId}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return ((await response.json()) as { people: { id: string }[] }).people[0]?.id;
}

const faultsIn = ({ text }: Answer): { at: string; code: string }[] =>
  (JSON.parse(text) as { faults?: { at: string; code: string }[] }).faults ?? [];
