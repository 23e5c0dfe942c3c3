import { type Instant, parseInstant } from '@wapas/kernel';
import { checkEvent } from './check-event';

const now = parseInstant('2026-11-23T11:00:00+05:30') as Instant;
const context = {
  now,
  test: false,
  phones: { defaultCountry: 'IN', allowedCountries: ['IN'] },
  channels: { has: (name: string) => name === 'whatsapp', words: 'whatsapp or all' },
};
const whole = {
  event: 'Payment Failed',
  eventId: 'pf-1',
  occurredAt: '2026-11-23T10:58:00+05:30',
  person: { customerId: 'cust_1', phone: '9812345678', email: 'Asha@Example.com', name: 'Asha' },
  keys: { order: 'order_1' },
  amount: { value: 149_900, currency: 'INR' },
  reason: { class: 'user_error', code: 'incorrect_pin' },
  properties: { items: 2 },
};
const codes = (body: unknown): string[] => {
  const checked = checkEvent(body, context);
  return checked.ok ? [] : checked.faults.map(({ at, code }) => `${at} ${code}`);
};

it('a whole event is brought into our form', () =>
  expect(checkEvent(whole, context)).toEqual({
    ok: true,
    event: {
      source: 'api',
      sourceEventId: 'pf-1',
      name: 'Payment Failed',
      occurredAt: parseInstant('2026-11-23T05:28:00Z'),
      test: false,
      content: {
        person: { customerId: 'cust_1', phone: '+919812345678', email: 'asha@example.com', name: 'Asha' },
        keys: { order: 'order_1' },
        amount: { amount: 149_900, currency: 'INR' },
        reason: { class: 'user_error', code: 'incorrect_pin' },
        properties: { items: 2 },
      },
    },
  }));
it('a name is enough', () => expect(codes({ event: 'App Opened' })).toEqual([]));

it.each<[string, Readonly<Record<string, unknown>>, string[]]>([
  ['no name', { event: undefined }, ['/event missing_field']],
  ['a name of 300 characters', { event: 'x'.repeat(300) }, ['/event bad_format']],
  ['a name with a control character', { event: 'Paid\n' }, ['/event bad_format']],
  ['a name that is an internal', { event: '__proto__' }, ['/event bad_format']],
  ['a name with a Cyrillic letter', { event: 'Раid' }, ['/event bad_format']],
  ['an empty id', { eventId: '' }, ['/eventId bad_value', '/eventId bad_format']],
  ['a customer who is "undefined"', { person: { customerId: 'undefined' } }, ['/person/customerId placeholder_id']],
  ['a customer of spaces', { person: { customerId: '  ' } }, ['/person/customerId placeholder_id']],
  ['an order that is "null"', { keys: { order: 'null' } }, ['/keys/order placeholder_id']],
  ['an id that is "None"', { eventId: 'None' }, ['/eventId placeholder_id']],
  ['an id that is a number', { eventId: 7 }, ['/eventId bad_type']],
  ['a field we do not know', { tenantId: 't' }, ['/tenantId unknown_field']],
  ['a field of ours', { status: 'sent' }, ['/status unknown_field']],
  ['an amount of -1', { amount: { value: -1, currency: 'INR' } }, ['/amount/value bad_value']],
  ['an amount of 0', { amount: { value: 0, currency: 'INR' } }, ['/amount/value bad_value']],
  ['an amount of 0.1 + 0.2', { amount: { value: 0.1 + 0.2, currency: 'INR' } }, ['/amount/value bad_type', '/amount/value bad_value']], // prettier-ignore
  ['an amount in words', { amount: { value: '12,34', currency: 'INR' } }, ['/amount/value bad_type']],
  ['no currency', { amount: { value: 1 } }, ['/amount/currency missing_field']],
  ['the currency XXX', { amount: { value: 1, currency: 'XXX' } }, ['/amount/currency unknown_currency']],
  ['a currency in small letters', { amount: { value: 1, currency: 'inr' } }, ['/amount/currency bad_format']],
  ['1970', { occurredAt: '1970-01-01T00:00:00Z' }, ['/occurredAt time_out_of_range']],
  ['next year', { occurredAt: '2027-11-23T00:00:00Z' }, ['/occurredAt time_out_of_range']],
  ['a day that does not exist', { occurredAt: '2026-02-30T00:00:00Z' }, ['/occurredAt bad_time']],
  [
    'a zone that two databases read in two ways',
    { person: { customerId: 'c', timeZone: 'IST' } },
    ['/person/timeZone unknown_zone'],
  ],
  ['an offset for a zone', { person: { customerId: 'c', timeZone: '+05:30' } }, ['/person/timeZone unknown_zone']],
  ['a time without zone', { occurredAt: '2026-11-23T11:00:00' }, ['/occurredAt bad_time']],
  ['a foreign number', { person: { phone: '+447911123456' } }, ['/person/phone country_not_allowed']],
  ['an e-mail without a host', { person: { email: 'a@b' } }, ['/person/email bad_format']],
  ['an e-mail with a header in it', { person: { email: 'a@b.co\r\nBcc: x@y.zz' } }, ['/person/email bad_format']],
  ['eleven tokens', { person: { pushTokens: Array.from({ length: 11 }, () => ({ token: 't', platform: 'ios' })) } }, ['/person/pushTokens bad_value']], // prettier-ignore
  ['201 properties', { properties: Object.fromEntries(Array.from({ length: 201 }, (_one, n) => [`k${n}`, 1])) }, ['/properties too_many_fields']], // prettier-ignore
  ['the other mode', { test: true }, ['/test mode_mismatch']],
  ['a prototype', { properties: JSON.parse('{"__proto__":1}') as unknown }, ['/properties forbidden_key']],
  ['a number that has lost digits', { properties: { id: 9_007_199_254_740_992 } }, ['/properties/id number_not_exact']],
])('%s is refused', (_case, change, faults) => expect(codes({ ...whole, ...change })).toEqual(faults));

it('says everything at once', () =>
  expect(
    codes({ ...whole, occurredAt: 'yesterday', person: { phone: 'x' }, amount: { value: 1, currency: 'ZZZ' }, test: true }),
  ).toEqual(['/occurredAt bad_time', '/person/phone bad_phone', '/amount/currency unknown_currency', '/test mode_mismatch']));

it('says everything at once, also when the form of some of it is wrong', () =>
  expect(
    codes({
      ...whole,
      event: '1',
      occurredAt: 'yesterday',
      person: { phone: 'x', email: 'a@b' },
      amount: { value: '1', currency: 'ZZZ' },
      properties: { id: 9_007_199_254_740_992 },
      test: true,
      tenantId: 't',
    }),
  ).toEqual([
    '/properties/id number_not_exact',
    '/tenantId unknown_field',
    '/event bad_format',
    '/person/email bad_format',
    '/amount/value bad_type',
    '/occurredAt bad_time',
    '/person/phone bad_phone',
    '/amount/currency unknown_currency',
    '/test mode_mismatch',
  ]));

it.each<[string, Readonly<Record<string, unknown>>, string[]]>([
  ['values of another type', { occurredAt: 7, person: ['x'], amount: 'INR 5', test: 'yes' }, ['/occurredAt bad_type', '/test bad_type', '/person bad_type', '/amount bad_type']], // prettier-ignore
  ['a phone and a time that are too long', { occurredAt: 'x'.repeat(41), person: { phone: '9'.repeat(41) } }, ['/occurredAt too_long', '/person/phone too_long']], // prettier-ignore
  ['a currency in small letters', { event: '1', amount: { value: 1, currency: 'inr' } }, ['/event bad_format', '/amount/currency bad_format']], // prettier-ignore
])('%s are named for one kind of fault', (_case, change, faults) => expect(codes({ ...whole, ...change })).toEqual(faults));

it('of what is nested too deep nothing else is said', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 30; level += 1) deep = { deep };
  expect(new Set(codes({ event: '1', person: { phone: 'x' }, properties: { deep } }))).toEqual(new Set(['/ too_deep']));
});

it.each([
  ['a little ahead is left to the store, which counts it as now', '2026-11-23T12:00:00+05:30', '2026-11-23T06:30:00Z'],
  ['24 hours ahead is taken too', '2026-11-24T11:00:00+05:30', '2026-11-24T05:30:00Z'],
  ['two years back is kept', '2024-11-23T11:00:00+05:30', '2024-11-23T05:30:00Z'],
])('a time %s', (_case, occurredAt, kept) =>
  expect(checkEvent({ ...whole, occurredAt }, context)).toMatchObject({
    ok: true,
    event: { occurredAt: parseInstant(kept) },
  }),
);

it.each([null, [], 'x', 7])('%j is no event', (body) => expect(codes(body).length).toBeGreaterThan(0));

it('no fault repeats what was sent', () => {
  const checked = checkEvent({ ...whole, [`secret-${'x'.repeat(50)}`]: 1, event: 'Раid', person: { phone: '+447911123456', email: 'asha-secret' } }, context); // prettier-ignore
  expect(JSON.stringify(checked)).not.toMatch(/secret|Раid|7911123456/);
});

it.each(['{{7*7}}', '${x}', '<script>alert(1)</script>', '=HYPERLINK()', '\u202eevil', '😀'.repeat(50)])(
  'the name %j is data like any other',
  (name) =>
    expect(checkEvent({ ...whole, person: { name } }, context)).toMatchObject({ event: { content: { person: { name } } } }),
);

it('a fault says what the field means and how it may look, and repeats nothing of what was sent', () => {
  const checked = checkEvent({ amount: { value: 1499.5, currency: 'rupees' } }, context);
  expect(checked.ok ? [] : checked.faults.map(({ at, detail }) => [at, detail])).toEqual([
    ['/event', expect.stringMatching(/What happened\..*Such as: Payment Failed\./)],
    ['/amount/value', expect.stringMatching(/integer\. Minor units \(paise\)\. Such as: 149900\./)],
    ['/amount/currency', expect.stringMatching(/ISO 4217, upper case\. Such as: INR\./)],
  ]);
  expect(JSON.stringify(checked)).not.toMatch(/1499\.5|rupees/);
});

it('what is said about a channel that is not there is refused: nothing would ever ask for it', () => {
  const said = (channel: string) => ({ event: 'App Opened', consents: [{ purpose: 'marketing', channel, state: 'withdrawn' }] });
  expect(codes(said('whatsap'))).toEqual(['/consents/0/channel unknown_channel']);
  expect([codes(said('whatsapp')), codes(said('all'))]).toEqual([[], []]);
});
