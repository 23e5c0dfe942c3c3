import { toIso } from '@wapas/kernel';
import { type Mapping } from './mapping';
import { readMapped } from './read-mapped';
import { at, timeOf, type TimeFormat, type Value, valueIn } from './read-values';

const recipe = { kind: 'token', header: 'x-token' } as const;
const phones = { defaultCountry: 'IN', allowedCountries: ['IN'] };
const channels = { has: (name: string) => ['push', 'whatsapp', 'sms', 'email'].includes(name), words: 'whatsapp or all' };
const MAPPING: Mapping = { event: { from: '/type' }, keys: { order: '/order' } };

function read(change: Partial<Mapping>, body: object | string, headers: Record<string, string> = {}) {
  const rawBody = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const { reading, dropped } = readMapped(
    'x',
    { ...MAPPING, ...change },
    { headers, rawBody },
    { phones, channels, test: false, recipe },
  );
  if (reading.kind !== 'events') return { what: reading.kind === 'ignored' ? reading.what : reading.reason, dropped };
  return { ...reading.events[0]?.content, name: reading.events[0]?.name, id: reading.events[0]?.sourceEventId, dropped };
}

const BODY = { a: { 'b/c': ['x', 'y'], 'd~e': 0, f: null, g: '' }, n: 7 };
it.each<[string, unknown]>([
  ['/a/b~1c/1', 'y'],
  ['/a/d~0e', 0],
  ['/a/f', null],
  ['/a/b~1c/2', undefined],
  ['/a/constructor', undefined],
  ['/a/b~1c/length', 2],
  ['/nothing/at/all', undefined],
  ['/n/x', undefined],
])('%s leads to %j', (pointer, value) => expect(at(pointer, BODY)).toEqual(value));

it.each<[Value, unknown]>([
  ['/n', 7],
  ['header:x-topic', 'paid'],
  [{ first: ['/a/f', '/a/g', '/n'] }, 7],
  [{ first: ['/a/f'], otherwise: 'INR' }, 'INR'],
  [{ first: ['/a/f'] }, undefined],
  [{ join: ['/n', '/a/b~1c/0'] }, '7:x'],
  [{ join: ['/n', 'header:x-topic'], separator: '-' }, '7-paid'],
  [{ join: ['/n', '/a/f'] }, undefined],
  [{ value: 'INR' }, 'INR'],
])('%j is %j', (value, found) => expect(valueIn(value, { body: BODY, headers: { 'x-topic': 'paid' } })).toEqual(found));

it.each<[unknown, TimeFormat, string | undefined, string | null]>([
  ['2026-11-23T11:02:09+05:30', 'rfc3339', undefined, '2026-11-23T05:32:09.000Z'],
  ['2026-11-23T11:02:09.5+0530', 'rfc3339', undefined, '2026-11-23T05:32:09.500Z'],
  ['2026-11-23 11:02:09+05:30', 'rfc3339', undefined, '2026-11-23T05:32:09.000Z'],
  ['2026-11-23T11:02:09', 'rfc3339', undefined, null],
  ['2026-11-23 11:02:09', 'local', 'Asia/Kolkata', '2026-11-23T05:32:09.000Z'],
  ['2026-11-23T11:02:09.120', 'local', undefined, '2026-11-23T11:02:09.120Z'],
  ['2026-02-30 11:02:09', 'local', 'Asia/Kolkata', null],
  [1763874129, 'epoch_s', undefined, '2025-11-23T05:02:09.000Z'],
  ['1763874129.5', 'epoch_s', undefined, '2025-11-23T05:02:09.500Z'],
  [1763874129000, 'epoch_s', undefined, null],
  [1763874129000, 'epoch_ms', undefined, '2025-11-23T05:02:09.000Z'],
  [1763874129, 'epoch_ms', undefined, null],
  ['1763874129', 'any', undefined, '2025-11-23T05:02:09.000Z'],
  [1763874129000, 'any', undefined, '2025-11-23T05:02:09.000Z'],
  ['2026-11-23 11:02:09', 'any', 'Asia/Kolkata', '2026-11-23T05:32:09.000Z'],
  ['yesterday', 'any', undefined, null],
  [-1, 'epoch_s', undefined, null],
  [null, 'any', undefined, null],
])('%j as %s in %s is %s', (value, format, zone, expected) => {
  const time = timeOf(value, format, zone);
  expect(time === null ? null : toIso(time)).toBe(expected);
});

const amount = (unit: 'minor' | 'major'): Partial<Mapping> => ({
  amount: { value: '/a', currency: { first: ['/c'], otherwise: 'INR' }, unit },
});
it.each<[unknown, 'minor' | 'major', unknown]>([
  [149900, 'minor', { amount: 149900, currency: 'INR' }],
  ['149900', 'minor', { amount: 149900, currency: 'INR' }],
  [1499.5, 'minor', undefined],
  [0, 'minor', undefined],
  [1499.5, 'major', { amount: 149950, currency: 'INR' }],
  ['1499.10', 'major', { amount: 149910, currency: 'INR' }],
  ['1499.105', 'major', undefined],
  ['1,499', 'major', undefined],
  [-5, 'major', undefined],
])('%j of %s units is %j', (a, unit, expected) => {
  const found = read(amount(unit), { type: 'A', order: 'o', a });
  expect(found).toMatchObject({ amount: expected, dropped: expected === undefined ? ['/amount'] : [] });
});

it('a currency without decimals keeps its figure', () =>
  expect(read(amount('major'), { type: 'A', order: 'o', a: '500', c: 'jpy' })).toMatchObject({
    amount: { amount: 500, currency: 'JPY' },
  }));

const names = { paid: 'Order Paid' };
it.each<[Mapping['event'], object, string]>([
  [{ from: '/type', names }, { type: 'paid' }, 'Order Paid'],
  [{ from: '/type', names, others: 'keep' }, { type: 'sent' }, 'sent'],
  [{ from: { join: ['/type', '/state'] }, names: { 'paid:': 'Order Paid' } }, { type: 'paid' }, 'Order Paid'],
  [{ from: { value: 'Cart Updated' } }, {}, 'Cart Updated'],
])('%j names %j %s', (event, body, name) => expect(read({ event }, { order: 'o', ...body })).toMatchObject({ name }));

it.each<[string, Partial<Mapping>, object | string, string]>([
  ['a name nobody expects', { event: { from: '/type', names } }, { type: 'sent', order: 'o' }, 'event_type'],
  [
    'one that is to be looked at',
    { event: { from: '/type', names, others: 'quarantine' } },
    { type: 'sent', order: 'o' },
    'unknown_event',
  ],
  ['one called like an internal', { event: { from: '/type', names } }, { type: 'constructor', order: 'o' }, 'event_type'],
  ['no name', {}, { order: 'o' }, 'no_event_name'],
  ['a name that cannot be one', {}, { type: '<b>', order: 'o' }, 'bad_event_name'],
  ['no time', { occurredAt: { from: '/t', format: 'epoch_s' } }, { type: 'A', order: 'o' }, 'no_time'],
  [
    'a broken time where none is needed',
    { occurredAt: { from: '/t', format: 'epoch_s', missing: 'received' } },
    { type: 'A', order: 'o', t: 'x' },
    'no_time',
  ],
  ['nothing it is about', {}, { type: 'A', order: '' }, 'no_key_or_person'],
  ['a name and nothing else', { person: { name: '/n' } }, { type: 'A', n: 'Asha' }, 'no_key_or_person'],
  ['half a surrogate', {}, '{"type":"A","order":"\\ud800"}', 'not_storable'],
  ['a form where JSON is due', { body: 'json' }, 'type=A&order=o', 'unreadable_body'],
])('%s is not recorded: %j, %j: %s', (_title, mapping, body, what) => expect(read(mapping, body)).toMatchObject({ what }));

it('a form is read by its Content-Type, and a field that comes twice counts once', () =>
  expect(
    read({}, 'type=A&order=o1&order=o2', { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }),
  ).toMatchObject({
    keys: { order: 'o1' },
  }));

it.each(['undefined', 'NULL', ' ', '[object Object]', 0])(
  'customers and orders called %j are nobody and nothing: all who have none would be one',
  (id) => {
    const mapping = { person: { customerId: '/c', phone: '/p' }, keys: { order: '/order', payment: '/pay' } };
    expect(read(mapping, { type: 'A', c: id, p: '9812345678', order: id, pay: 'pay_1' })).toMatchObject({
      person: { phone: '+919812345678' },
      keys: { payment: 'pay_1' },
      dropped: ['/person/customerId', '/keys/order'],
    });
  },
);

it('who stands for nobody identifies no one, and what cannot be used is named', () => {
  const person = { customerId: '/c', phone: '/p', email: '/e', name: { join: ['/f', '/l'], separator: ' ' } } as const;
  const found = read(
    { person, nobody: ['0', 'guest@shop.example'] },
    { type: 'A', order: 'o', c: 0, p: '12', e: 'guest@shop.example', f: 'Asha' },
  );
  expect(found).toMatchObject({ person: { name: 'Asha' }, dropped: ['/person/phone'] });
  expect(read({ person }, { type: 'A', order: 'o', c: 26, p: '098123 45678', e: ' A@B.in ' })).toMatchObject({
    person: { customerId: '26', phone: '+919812345678', email: 'a@b.in' },
  });
});

const reason: Mapping['reason'] = {
  events: ['A'],
  by: [
    { from: '/code', classes: { U30: 'insufficient_funds' } },
    { from: '/source', classes: { bank: 'infrastructure' } },
  ],
};
it.each<[object, unknown]>([
  [
    { code: 'U30', source: 'bank' },
    { class: 'insufficient_funds', code: 'U30' },
  ],
  [
    { code: 'U99', source: 'bank' },
    { class: 'infrastructure', code: 'U99' },
  ],
  [{ code: 'toString' }, { class: 'unknown', code: 'toString' }],
  [{}, { class: 'unknown', code: undefined }],
  [{ type: 'B', code: 'U30' }, undefined],
])('%j failed because of %j', (body, expected) =>
  expect(read({ reason }, { type: 'A', order: 'o', ...body })).toMatchObject({ reason: expected }),
);

it('an id that is too long is kept as its hash, one with half of it missing is none', () => {
  expect(read({ id: '/i' }, { type: 'A', order: 'o', i: 'x'.repeat(129) })).toMatchObject({
    id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
  });
  expect(read({ id: { join: ['/i', '/j'] } }, { type: 'A', order: 'o', i: 'x' })).toMatchObject({ id: undefined });
});

it('only texts, numbers and booleans become properties', () =>
  expect(
    read({ properties: { a: '/a', b: '/b', c: '/c', d: '/d' } }, { type: 'A', order: 'o', a: 1, b: false, c: { x: 1 }, d: null }),
  ).toMatchObject({
    properties: { a: 1, b: false },
    dropped: ['/properties/c'],
  }));

it.each(['IST', 'EST5EDT', '+05:30', 'Mars/Base'])(
  'the zone %s of a source is left out, and said to be; the rest is taken',
  (z) => {
    const found = read({ person: { customerId: '/c', timeZone: '/z' } }, { type: 'A', c: 'c1', z });
    expect(found).toMatchObject({ person: { customerId: 'c1' }, dropped: ['/person/timeZone'] });
  },
);

it('languages and zones are taken as devices write them, and devices with what they are', () => {
  const person: Mapping['person'] = {
    customerId: '/c',
    language: '/l',
    timeZone: '/z',
    pushTokens: [
      {
        each: '/devices',
        token: '/t',
        platform: { from: '/os', words: { Android: 'android', iOS: 'ios' } },
        permission: { from: '/on', words: { true: 'granted', false: 'denied' } },
        app: 'body:/app',
      },
      { token: '/web', platform: { from: { value: 'web' } } },
    ],
  };
  const devices = [{ t: 'a', os: 'Android', on: true }, { t: 'b', os: 'iOS', on: false }, { os: 'iOS' }, { t: 'c', os: 'Symbian' }, 7]; // prettier-ignore
  const found = read({ person }, { type: 'A', c: 'c1', l: 'HI_in', z: 'Asia/Kolkata', app: 'in.shop', devices, web: 'w' });
  expect(found).toMatchObject({ dropped: ['/person/pushTokens'] });
  expect('person' in found && found.person).toEqual({
    customerId: 'c1',
    language: 'hi-IN',
    timeZone: 'Asia/Kolkata',
    pushTokens: [
      { token: 'a', platform: 'android', permission: 'granted', app: 'in.shop' },
      { token: 'b', platform: 'ios', permission: 'denied', app: 'in.shop' },
      { token: 'w', platform: 'web' },
    ],
  });
  expect(read({ person }, { type: 'A', c: 'c1', l: 'Hindi!', z: 'India/Bombay' })).toMatchObject({
    person: { customerId: 'c1' },
    dropped: ['/person/language', '/person/timeZone'],
  });
  expect(read({ person }, { type: 'A', l: 'hi' })).toMatchObject({ what: 'no_key_or_person' });
});

describe('what a person agrees to', () => {
  const consents: Mapping['consents'] = [
    {
      each: '/optins',
      purpose: { from: '/topic', words: { offers: 'marketing', orders: 'service' } },
      channel: { from: '/by', words: { WA: 'whatsapp', TEXT: 'sms' } },
      state: { from: '/value', words: { yes: 'granted', no: 'withdrawn', unticked: 'none' } },
      at: { from: '/at', format: 'local', zone: 'Asia/Kolkata' },
      source: { value: 'app_settings' },
      noticeVersion: 'body:/notice',
    },
    { purpose: { from: { value: 'all' } }, channel: { from: { value: 'all' } }, state: { from: '/stop', words: { true: 'withdrawn', false: 'none' } } }, // prettier-ignore
  ];
  const said = (body: object): unknown => {
    const found = read({ consents }, { type: 'A', order: 'o', ...body });
    return 'what' in found ? found.what : (found as { consents?: unknown }).consents;
  };
  const yes = { topic: 'offers', by: 'WA', value: 'yes' };

  it('is read with its time and what explains it, and what was not said is left alone', () => {
    const optins = [{ ...yes, at: '2026-11-20 18:00:00' }, { topic: 'orders', by: 'TEXT', value: 'unticked' }, { topic: 'orders', by: 'TEXT', value: '' }]; // prettier-ignore
    expect(said({ notice: '2026-03', optins, stop: true })).toEqual([
      { purpose: 'marketing', channel: 'whatsapp', state: 'granted', at: '2026-11-20T12:30:00.000Z', source: 'app_settings', noticeVersion: '2026-03' }, // prettier-ignore
      { purpose: 'all', channel: 'all', state: 'withdrawn' },
    ]);
    expect(said({})).toBeUndefined();
    expect(said({ optins: [], stop: false })).toBeUndefined();
    expect(said({ notice: 'x'.repeat(65), optins: [yes] })).toEqual([{ purpose: 'marketing', channel: 'whatsapp', state: 'granted', source: 'app_settings' }]); // prettier-ignore
  });

  it.each<[string, object]>([
    ['a word for yes that nobody knows', { optins: [{ ...yes, value: 'nope' }] }],
    ['a topic that nobody knows', { optins: [{ ...yes, topic: 'news' }] }],
    ['a channel that is missing', { optins: [{ ...yes, by: undefined }] }],
    ['a time that is none', { optins: [{ ...yes, at: 'yesterday' }] }],
    ['a list that is none', { optins: 'no' }],
    ['a list without end', { optins: Array.from({ length: 21 }, () => yes) }],
    ['more than an event may say', { optins: Array.from({ length: 20 }, () => yes), stop: true }],
  ])('is not left out for %s: a person looks', (_what, body) => expect(said(body)).toBe('unreadable_consent'));

  it('is not left out for a channel that is not there: a person looks', () => {
    const own: Mapping['consents'] = [{ purpose: { from: { value: 'all' } }, channel: { from: '/c' }, state: { from: { value: 'withdrawn' } } }]; // prettier-ignore
    const found = (c: string) => read({ consents: own }, { type: 'A', order: 'o', c });
    expect(found('whatsap')).toMatchObject({ what: 'unreadable_consent' });
    expect(found('whatsapp')).toMatchObject({ consents: [{ channel: 'whatsapp' }] });
  });

  it('in a list of events is each entry’s own', () => {
    const mapping: Mapping = { each: '/events', event: { from: '/type' }, keys: { order: '/order' }, consents };
    const events = [{ type: 'A', order: 'o1', optins: [yes] }, { type: 'A', order: 'o2', optins: [{ ...yes, value: '?' }] }]; // prettier-ignore
    const rawBody = Buffer.from(JSON.stringify({ notice: '7', events }));
    const { reading } = readMapped('x', mapping, { headers: {}, rawBody }, { phones, channels, test: false, recipe });
    expect(reading).toMatchObject({
      events: [{ content: { keys: { order: 'o1' }, consents: [{ noticeVersion: '7' }] } }],
      unusable: 'unreadable_consent',
    });
  });
});

describe('a list of events', () => {
  const LIST: Mapping = { each: '/events', id: '/id', event: { from: '/type' }, keys: { order: '/order' } };
  const entry = (id: number, more: object = {}) => ({ id, type: 'Paid', order: `o${id}`, ...more });
  const readList = (mapping: Mapping, body: unknown, headers: Record<string, string> = {}) => {
    const rawBody = Buffer.from(JSON.stringify(body));
    const { reading, dropped } = readMapped('x', mapping, { headers, rawBody }, { phones, channels, test: false, recipe });
    if (reading.kind !== 'events') return { kind: reading.kind, why: reading.kind === 'ignored' ? reading.what : reading.reason };
    const events = reading.events.map(({ sourceEventId, content, rawBody: raw }) => [sourceEventId, content.keys?.order, raw]);
    return { events, unusable: reading.unusable, dropped };
  };

  it('gives an event for each entry, in their order', () =>
    expect(readList(LIST, { events: [entry(1), entry(2)] })).toEqual({ events: [['1', 'o1', undefined], ['2', 'o2', undefined]], unusable: undefined, dropped: [] })); // prettier-ignore

  it('may be the body itself', () =>
    expect(readList({ ...LIST, each: '' }, [entry(1)])).toMatchObject({ events: [['1', 'o1', undefined]] }));

  it('takes what all entries share from the body', () =>
    expect(readList({ ...LIST, keys: { order: { join: ['body:/shop', '/id'] } } }, { shop: 'kiosk', events: [entry(1)] })).toMatchObject({ events: [['1', 'kiosk:1', undefined]] })); // prettier-ignore

  it('tells entries under one id apart by their place', () => {
    const shared: Mapping = { ...LIST, id: { first: ['header:x-id', 'body:/id'] } };
    expect(readList(shared, { id: 'w1', events: [entry(1), entry(2)] })).toMatchObject({ events: [['w1:0', 'o1', undefined], ['w1:1', 'o2', undefined]] }); // prettier-ignore
  });

  it('remembers each entry by the bytes and its place where nothing names it', () => {
    const body = { events: [entry(1), entry(1)] };
    const bytes = (place: number) => Buffer.from(`${place}\n${JSON.stringify(body)}`);
    expect(readList({ ...LIST, id: undefined }, body)).toMatchObject({ events: [[undefined, 'o1', bytes(0)], [undefined, 'o1', bytes(1)]] }); // prettier-ignore
  });

  it('keeps the good entries of one that is partly unusable, and says why it is', () =>
    expect(readList({ ...LIST, person: { phone: '/phone' } }, { events: [entry(1), { id: 2 }, 'x', entry(3, { phone: '12' })] })).toEqual({ events: [['1', 'o1', undefined], ['3', 'o3', undefined]], unusable: 'no_event_name', dropped: ['/3/person/phone'] })); // prettier-ignore

  it.each<[string, Mapping, unknown, object]>([
    ['is empty', LIST, { events: [] }, { events: [], unusable: undefined }],
    ['is not there', LIST, {}, { kind: 'unusable', why: 'no_list' }],
    ['is no list', LIST, { events: { 0: entry(1) } }, { kind: 'unusable', why: 'no_list' }],
    ['has more than a hundred', LIST, { events: Array.from({ length: 101 }, (_, id) => entry(id)) }, { kind: 'unusable', why: 'too_many_events' }], // prettier-ignore
    ['has nothing that is used', { ...LIST, event: { from: '/type', names: { Sent: 'Sent' } } }, { events: [entry(1)] }, { kind: 'ignored', why: 'event_type' }], // prettier-ignore
    ['has nothing that can be used', LIST, { events: [{}, { type: 'Paid' }] }, { kind: 'unusable', why: 'no_event_name' }],
  ])('that %s', (_what, mapping, body, expected) => expect(readList(mapping, body)).toMatchObject(expected));
});
