import { type KeyKind } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { FACTS, journey, T } from './decide.test-kit';
import { confirmationAmong, kindsOf, marksThatMatter, meaningOf, namesHeardBy, namesOf, stopsBy } from './endings';
import { type RunFacts } from './run';

const cart: RunFacts = { ...FACTS, properties: { itemIds: ['sku_1', 'sku_2'] } };
const version = journey(
  {},
  {
    correlateBy: ['cart'],
    goal: {
      events: ['Order Paid'],
      by: ['cart'],
      or: [
        { events: ['Order Paid'], by: ['customer'], where: [{ field: 'properties.itemIds', sameAs: 'properties.itemIds' }] },
        { events: ['Checkout Paid'], by: ['phone'] },
      ],
    },
    exits: [
      { event: 'Support Ticket Opened', reason: 'support_ticket', by: ['customer', 'phone'] },
      { event: 'Product Changed', reason: 'price_changed', by: ['cart'], where: [{ field: 'properties.change', is: 'price' }] },
    ],
    silence: ['Payment Authorized'],
    hold: { for: '10m', confirmedBy: ['Payment Declined'] },
    postpone: { events: ['App Opened'] },
  },
);
const event = (name: string, properties: Record<string, unknown> = {}) => ({
  id: 'evt-1',
  name,
  occurredAt: T,
  facts: { ...FACTS, properties },
});

it.each<[string, string, KeyKind, Record<string, unknown>, string | null]>([
  ['its cart was paid', 'Order Paid', 'cart', {}, 'goal_reached'],
  ['an order of the customer with a cart item', 'Order Paid', 'customer', { itemIds: ['sku_2', 'sku_9'] }, 'goal_reached'],
  ['an order of the customer with other items', 'Order Paid', 'customer', { itemIds: ['sku_9'] }, null],
  ['an order of the phone with a cart item', 'Order Paid', 'phone', { itemIds: ['sku_2'] }, null],
  ['a paid checkout of the phone', 'Checkout Paid', 'phone', {}, 'goal_reached'],
  ['a support ticket of the customer', 'Support Ticket Opened', 'customer', {}, 'exit_reached'],
  ['a support ticket about the cart', 'Support Ticket Opened', 'cart', {}, null],
  ['a price that changed', 'Product Changed', 'cart', { change: 'price' }, 'exit_reached'],
  ['a picture that changed', 'Product Changed', 'cart', { change: 'image' }, null],
  ['the bank said no', 'Payment Declined', 'cart', {}, 'confirmed'],
  ['the customer is in the app', 'App Opened', 'customer', {}, 'active'],
  ['something else', 'Page Viewed', 'customer', {}, null],
])('%s', (_case, name, kind, properties, meaning) =>
  expect(meaningOf(version, cart, event(name, properties), kind, T)?.kind ?? null).toBe(meaning),
);

it('that the bank said no to an earlier attempt confirms nothing about this one', () =>
  expect(meaningOf(version, cart, event('Payment Declined'), 'cart', (T + 1) as Instant)).toBeNull());
it('nor does one to an attempt before the latest', () => {
  const declined = (happenedAt: number) =>
    meaningOf(version, { ...cart, happenedAt: happenedAt as Instant }, event('Payment Declined'), 'cart', T)?.kind;
  expect([declined(T), declined(T + 1)]).toEqual(['confirmed', undefined]);
});

it('what has confirmed a trigger before it was heard of is found among the marks of its matter', () => {
  const mark = (eventName: string, at: number) => ({ eventName, occurredAt: (T + at) as Instant, eventId: `${eventName} ${at}` });
  const marks = [mark('Payment Declined', -1), mark('App Opened', 2), mark('Payment Declined', 3)];
  const found = (kind: KeyKind) => confirmationAmong(version, T, [{ kind, key: 'k' }], () => marks);
  expect([found('cart'), found('customer')]).toEqual(['Payment Declined 3', undefined]);
  expect(confirmationAmong(journey(), T, [{ kind: 'order', key: 'k' }], () => marks)).toBeUndefined();
});

it('a mark alone stops a message only where nothing has to be read', () => {
  expect(stopsBy(version, 'cart')).toEqual(['Order Paid', 'Payment Authorized']);
  expect(stopsBy(version, 'customer')).toEqual(['Support Ticket Opened', 'Payment Authorized']);
  expect(stopsBy(version, 'phone')).toEqual(['Checkout Paid', 'Support Ticket Opened', 'Payment Authorized']);
  expect(stopsBy(version, 'order')).toEqual([]);
});

it.each<[KeyKind, string[]]>([
  ['cart', ['Order Paid', 'Product Changed', 'Payment Authorized', 'Payment Declined']],
  ['customer', ['Order Paid', 'Support Ticket Opened', 'Payment Authorized']],
  ['phone', ['Checkout Paid', 'Support Ticket Opened', 'Payment Authorized']],
  ['order', []],
])('of the marks under a %s key only those are read that may count by it', (kind, names) =>
  expect(marksThatMatter(version, kind).sort()).toEqual(names.sort()),
);

it.each<[KeyKind, string[]]>([
  ['cart', ['Order Paid', 'Product Changed', 'Payment Declined', 'App Opened', 'Payment Authorized']],
  ['customer', ['Order Paid', 'Support Ticket Opened', 'Payment Declined', 'App Opened', 'Payment Authorized']],
  ['phone', ['Checkout Paid', 'Support Ticket Opened', 'Payment Declined', 'App Opened', 'Payment Authorized']],
])('whatever means something by a %s key, or stops by it, is heard by it', (kind, names) => {
  expect(namesHeardBy(version, kind).sort()).toEqual(names.sort());
  const meant = namesOf(version).filter((name) => meaningOf(version, cart, event(name, { itemIds: ['sku_1'], change: 'price' }), kind, T)); // prettier-ignore
  expect(namesHeardBy(version, kind)).toEqual(expect.arrayContaining([...meant, ...stopsBy(version, kind)]));
});

it('a run is found again by every key its endings may arrive by', () => {
  expect([...kindsOf(version)].sort()).toEqual(['cart', 'customer', 'phone']);
  expect(new Set(namesOf(version))).toEqual(
    new Set(['Order Paid', 'Checkout Paid', 'Support Ticket Opened', 'Product Changed', 'Payment Declined', 'App Opened']),
  );
});
