import { type Instant, parseInstant, toIso } from '@wapas/kernel';
import { toMinorUnits } from '../../rules/minor-units';
import { type MessageReading, readMessage } from './read-message';

const RECEIVED = parseInstant('2026-11-23T05:30:00Z') as Instant;
const PHONES = { defaultCountry: 'IN', allowedCountries: ['IN'] };
const read = (message: unknown, sentAt?: unknown): MessageReading =>
  readMessage(message, { receivedAt: RECEIVED, sentAt, test: false, phones: PHONES });
const track = (fields: object = {}): object => ({
  type: 'track',
  event: 'Cart Updated',
  userId: 'u1',
  messageId: 'm1',
  ...fields,
});
function eventOf(message: unknown, sentAt?: unknown) {
  const reading = read(message, sentAt);
  if (!reading.ok) throw new Error(`Not read: ${reading.reason}`);
  return reading.event;
}
const occurred = (message: unknown, sentAt?: unknown): string | undefined => {
  const { occurredAt } = eventOf(message, sentAt);
  return occurredAt === undefined ? undefined : toIso(occurredAt);
};

it('a track call becomes an event with its person, keys, amount and reason', () => {
  const properties = { order_id: 'o1', cartId: 7, total: '1499.50', currency: 'inr', reason_class: 'user_error', coupon: 'NEW' };
  const context = { traits: { phone: '98123 45678', email: 'Asha@Example.com', firstName: 'Asha', lastName: 'Rao' } };
  expect(read(track({ properties, context, anonymousId: 'a1' }))).toEqual({
    ok: true,
    dropped: [],
    event: {
      source: 'segment',
      sourceEventId: 'm1',
      name: 'Cart Updated',
      occurredAt: undefined,
      test: false,
      content: {
        person: { customerId: 'u1', phone: '+919812345678', email: 'asha@example.com', name: 'Asha Rao', pushTokens: undefined },
        keys: { order: 'o1', cart: '7' },
        amount: { amount: 149_950, currency: 'INR' },
        reason: { class: 'user_error', code: undefined },
        properties: { ...properties, anonymous_id: 'a1' },
      },
    },
  });
});

it.each([
  ['identify', { traits: { plan: 'gold', email: 'a@b.example', name: 'Asha' } }, 'Customer Identified', { plan: 'gold' }],
  ['page', { name: 'Checkout', category: 'Shop', properties: { url: '/c' } }, 'Page Viewed', { url: '/c', name: 'Checkout', category: 'Shop' }], // prettier-ignore
  ['screen', { name: 'Cart' }, 'Screen Viewed', { name: 'Cart' }],
  ['group', { groupId: 'g1', traits: { email: 'office@b.example' } }, 'Customer Grouped', { group_id: 'g1', email: 'office@b.example' }], // prettier-ignore
  ['alias', { previousId: 'guest_17' }, 'Customer Aliased', { previous_id: 'guest_17' }],
])('%s becomes an event of its own name', (type, fields, name, properties) => {
  const event = eventOf({ type, userId: 'u1', ...fields });
  expect({ name: event.name, properties: event.content.properties }).toEqual({ name, properties });
});

it('the amount is what the customer pays, not what of it is revenue', () =>
  expect(eventOf(track({ properties: { revenue: 25, total: 27.5, currency: 'INR' } })).content.amount).toEqual({
    amount: 2_750,
    currency: 'INR',
  }));

it('an id that says that there is none is left out, and said to be', () => {
  const reading = read(
    track({ userId: 'undefined', anonymousId: 'a1', properties: { order_id: '[object Object]', cart_id: 'c1' } }),
  );
  expect(reading).toMatchObject({ ok: true, dropped: ['userId', 'order_id'], event: { content: { keys: { cart: 'c1' } } } });
  expect(reading.ok && reading.event.content.person).toBe(undefined);
  expect(read(track({ userId: 'null' }))).toEqual({ ok: false, reason: 'missing_user_id' });
});

it("a group's own address is not the customer's", () =>
  expect(eventOf({ type: 'group', userId: 'u1', groupId: 'g1', traits: { email: 'o@b.example' } }).content.person).toEqual({
    customerId: 'u1',
  }));

it('a push token comes from the device', () => {
  const device = { token: 'fcm-token', type: 'Android' };
  expect(eventOf(track({ context: { device } })).content.person?.pushTokens).toEqual([
    { token: 'fcm-token', platform: 'android' },
  ]);
});

describe('a language and a time zone', () => {
  const personOf = (traits: object, context: object = {}) =>
    eventOf({ type: 'identify', userId: 'u1', traits, context }).content.person;
  it.each([
    [{ language: 'hi' }, { language: 'hi' }],
    [
      { locale: 'hi_IN', timezone: 'Asia/Kolkata' },
      { language: 'hi-IN', timeZone: 'Asia/Kolkata' },
    ],
    [
      { language: 'ta', locale: 'en-IN', timeZone: 'Asia/Dubai' },
      { language: 'ta', timeZone: 'Asia/Dubai' },
    ],
    [{ language: 'Hindi', timezone: 'IST' }, {}],
    [{ language: 7, timezone: null }, {}],
  ])('are what the traits %j say of the customer', (traits, said) =>
    expect(personOf(traits)).toEqual({ customerId: 'u1', ...said }),
  );
  it('and what is none is named', () =>
    expect(read({ type: 'identify', userId: 'u1', traits: { language: 'Hindi', timezone: 'IST' } })).toMatchObject({
      dropped: ['language', 'timezone'],
    }));
  it('are not what a device is set to: most phones in India are set to English, whatever their owners read', () =>
    expect(personOf({}, { locale: 'en-US', timezone: 'America/New_York' })).toEqual({ customerId: 'u1' }));
});

describe("the sender's clock", () => {
  it.each([
    ['without sentAt its time stands', '2026-11-23T05:00:00Z', undefined, '2026-11-23T05:00:00.000Z'],
    ['an hour fast is put right', '2026-11-23T06:29:00Z', '2026-11-23T06:30:00Z', '2026-11-23T05:29:00.000Z'],
    ['a year slow is put right', '2025-11-23T05:28:00Z', '2025-11-23T05:30:00Z', '2026-11-23T05:28:00.000Z'],
    ['milliseconds are read', Date.parse('2026-11-23T05:00:00Z'), undefined, '2026-11-23T05:00:00.000Z'],
    ['a sentAt that is no time changes nothing', '2026-11-23T05:00:00Z', 'soon', '2026-11-23T05:00:00.000Z'],
  ])('%s', (_title, timestamp, sentAt, expected) => expect(occurred(track({ timestamp }), sentAt)).toBe(expected));

  it("originalTimestamp goes before timestamp, a message's sentAt before the batch's", () =>
    expect(
      occurred(
        track({ timestamp: '2026-11-01T00:00:00Z', originalTimestamp: '2026-11-23T04:00:00Z', sentAt: '2026-11-23T04:10:00Z' }),
        '2026-11-23T09:00:00Z',
      ),
    ).toBe('2026-11-23T05:20:00.000Z'));

  it.each(['2026-02-30T10:00:00Z', '2026-11-23T10:00:00', 'yesterday', {}, '2027-11-23T05:30:00Z'])(
    '%j counts as now, and says so',
    (timestamp) => {
      const reading = read(track({ timestamp }));
      expect(reading).toMatchObject({ ok: true, dropped: ['timestamp'], event: { occurredAt: undefined } });
    },
  );
});

it.each([
  [{ phone: '12' }, 'phone'],
  [{ phone: '+1 900 555 0199' }, 'phone'],
  [{ phone: '+91９８１２３４５６７８０' }, 'phone'],
  [{ email: 'a@b\r\nBcc: c@d.example' }, 'email'],
])('traits %j: the event stays, the address goes and is named', (traits, what) => {
  const reading = read(track({ context: { traits } }));
  expect(reading).toMatchObject({ ok: true, dropped: [what] });
  expect(JSON.stringify(reading)).not.toContain(Object.values(traits)[0]);
});

it.each([
  ['a long messageId keeps its identity', 'x'.repeat(300), /^sha256:[0-9a-f]{64}$/],
  ['a messageId with control characters too', 'a\nb', /^sha256:/],
  ['a number is an id', 17, /^17$/],
])('%s', (_title, messageId, expected) => {
  expect(eventOf(track({ messageId })).sourceEventId).toMatch(expected);
  expect(eventOf(track({ messageId })).sourceEventId).toBe(eventOf(track({ messageId })).sourceEventId);
});

it('a test key has messages of its own', () =>
  expect(readMessage(track(), { receivedAt: RECEIVED, test: true, phones: PHONES })).toMatchObject({
    event: { source: 'segment-test', test: true },
  }));

it.each([
  [1_499.5, 'INR', 149_950],
  [1_499.1, 'INR', 149_910],
  ['0.01', 'usd', 1],
  [500, 'JPY', 500],
  ['1.234', 'KWD', 1_234],
  ['10.10', 'INR', 1_010],
  [0.1 + 0.2, 'INR', null],
  ['1.005', 'INR', null],
  ['12,34', 'INR', null],
  [0, 'INR', null],
  [-1, 'INR', null],
  [1e400, 'INR', null],
  [1e21, 'INR', null],
  [10, 'XXY', null],
  [10, undefined, null],
])('%j %s in minor units: %j', (value, currency, amount) => expect(toMinorUnits(value, currency)?.amount ?? null).toBe(amount));
