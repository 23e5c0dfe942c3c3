import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toIso } from '@wapas/kernel';
import { type Reading } from '../source';
import { razorpay } from './razorpay.source';

interface Fixture {
  readonly origin: { readonly from: string; readonly readOn: string };
  readonly body: { event: string; created_at: unknown; payload: { payment: { entity: Record<string, unknown> } } };
}
const FOLDER = join(__dirname, 'fixtures');
const fixture = (name: string): Fixture => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Fixture;
const phones = { defaultCountry: 'IN', allowedCountries: ['IN'] };
const channels = { has: () => true, words: 'any' };
const readBytes = (rawBody: Buffer, eventId: string | undefined = 'evt_1'): Reading =>
  razorpay.read(
    { headers: { 'x-razorpay-event-id': eventId }, rawBody },
    { phones, channels, test: false, recipe: razorpay.recipe },
  );
const readBody = (body: unknown): Reading => readBytes(Buffer.from(JSON.stringify(body)));

const KEYS = { order: 'order_DESlLckIVRkHWj', payment: 'pay_DESlfW9H8K9uqM' };
it.each([
  ['payment-failed', 'Payment Failed', '2025-11-25T05:32:45.000Z'],
  ['payment-failed-notes', 'Payment Failed', '2025-11-25T05:32:45.000Z'],
  ['payment-authorized', 'Payment Authorized', '2025-11-25T05:33:10.000Z'],
  ['payment-captured', 'Payment Captured', '2025-11-25T05:33:11.000Z'],
  ['order-paid', 'Order Paid', '2025-11-25T05:33:11.000Z'],
  ['payment-link-paid', 'Payment Link Paid', '2025-11-25T05:33:12.000Z'],
  ['refund-processed', 'Payment Refunded', '2025-11-25T06:26:41.000Z'],
])('%s is a "%s" about its order and its payment', (name, event, occurredAt) => {
  const reading = readBody(fixture(name).body);
  if (reading.kind !== 'events') throw new Error(reading.kind);
  const [read] = reading.events;
  expect(toIso(read?.occurredAt as never)).toBe(occurredAt);
  expect(read).toMatchObject({
    source: 'razorpay',
    sourceEventId: 'evt_1',
    name: event,
    content: { keys: KEYS, amount: { amount: 149_900, currency: 'INR' }, person: { phone: '+919812345678' } },
  });
});

describe('a failed payment', () => {
  const contentOf = (change: Record<string, unknown>, name = 'payment-failed') => {
    const { body } = fixture(name);
    Object.assign(body.payload.payment.entity, change);
    const reading = readBody(body);
    return reading.kind === 'events' ? reading.events[0]?.content : reading;
  };

  it('says why', () =>
    expect(contentOf({})).toMatchObject({
      reason: { class: 'user_error', code: 'incorrect_pin' },
      properties: { method: 'upi', status: 'failed' },
    }));
  it('knows its customer by a number in the notes too, and nobody by what is no e-mail', () => {
    expect(contentOf({ notes: { customer_id: 8812 }, email: 'NA' })).toMatchObject({
      person: { customerId: '8812', email: undefined },
    });
    expect(contentOf({ email: 'asha@example.com\r\nBcc: all@example.com' })).toMatchObject({ person: { email: undefined } });
  });
  it('has notes as a list when they are empty, and as an object otherwise', () => {
    expect(contentOf({})).toMatchObject({ person: { customerId: undefined, name: undefined, email: 'asha.rao@example.com' } });
    expect(contentOf({}, 'payment-failed-notes')).toMatchObject({
      person: { customerId: 'cust_8812', name: 'Asha Rao' },
      properties: { checkout_url: 'https://shop.example/checkout/1', items: '2' },
    });
  });
  it.each([
    ['9812345678', '+919812345678'],
    ['919812345678', '+919812345678'],
    ['+1 202 555 0147', undefined],
    ['nonsense', undefined],
    [null, undefined],
  ])('its contact %j is %j', (contact, phone) => expect(contentOf({ contact })).toMatchObject({ person: { phone } }));
  it("keeps the filled-in e-mail of nobody from becoming everybody's", () =>
    expect(contentOf({ email: 'void@razorpay.com' })).toMatchObject({ person: { email: undefined } }));
  it('is known by its payment when it has no order', () =>
    expect(contentOf({ order_id: null })).toMatchObject({ keys: { order: undefined, payment: KEYS.payment } }));
  it.each([{ amount: 1.5 }, { amount: '149900' }, { amount: 0 }, { amount: -5 }, { currency: 'rupees' }, { currency: null }])(
    'with %j has no amount, rather than a wrong one',
    (change) => expect(contentOf(change)).toMatchObject({ amount: undefined }),
  );
});

describe('what is signed but of no use', () => {
  const changed = (change: object): unknown => ({ ...fixture('payment-failed').body, ...change });
  it.each<[string, unknown, Reading]>([
    ['is not JSON', Buffer.from('{"event":'), { kind: 'unusable', reason: 'not_json' }],
    ['is a list', [], { kind: 'unusable', reason: 'not_json' }],
    ['is no UTF-8', Buffer.from([0xff, 0xfe, 0x00]), { kind: 'unusable', reason: 'not_json' }],
    ['holds a NUL', changed({ x: '\u0000' }), { kind: 'unusable', reason: 'not_storable' }],
    ['holds half a surrogate', Buffer.from('{"event":"payment.failed","x":"\\ud800"}'), { kind: 'unusable', reason: 'not_storable' }], // prettier-ignore
    ['has no payload', changed({ payload: null }), { kind: 'unusable', reason: 'no_entity' }],
    ['has no time', changed({ created_at: undefined }), { kind: 'unusable', reason: 'no_time' }],
    ['has a time before all time', changed({ created_at: -1 }), { kind: 'unusable', reason: 'no_time' }],
    ['has a time in milliseconds', changed({ created_at: 1_764_048_765_000 }), { kind: 'unusable', reason: 'no_time' }],
    ['has its time in words', changed({ created_at: 'now' }), { kind: 'unusable', reason: 'no_time' }],
    ['has no order and no payment', changed({ payload: { payment: { entity: { id: 7 } } } }), { kind: 'unusable', reason: 'no_order_or_payment' }], // prettier-ignore
    ['is of a kind we do not know', changed({ event: 'invoice.expired' }), { kind: 'ignored', what: 'event_type' }],
    ['is of a kind called like an internal', changed({ event: 'constructor' }), { kind: 'ignored', what: 'event_type' }],
    ['has no kind', changed({ event: 7 }), { kind: 'ignored', what: 'event_type' }],
  ])('because it %s', (_case, body, reading) =>
    expect(Buffer.isBuffer(body) ? readBytes(body) : readBody(body)).toEqual(reading),
  );

  it.each(['', 'x'.repeat(129), 'two words', 'line\nbreak'])('an event id %j is no id: the body stands for it', (id) => {
    const reading = readBytes(Buffer.from(JSON.stringify(fixture('payment-failed').body)), id);
    expect(reading).toMatchObject({
      kind: 'events',
      events: [{ sourceEventId: undefined, rawBody: expect.any(Buffer) as Buffer }],
    });
  });
});
