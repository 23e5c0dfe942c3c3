import { type PaymentState } from '@wapas/gateways';
import { type Instant } from '@wapas/kernel';
import { askOf, endOf, gatewayFor, isFresh, latestWord, stopOf } from './standing';

const event = { source: 'razorpay', test: false, content: { keys: { order: 'order_1', payment: 'pay_1' } } };
const GOALS = ['Payment Captured', 'Order Paid'];

describe('whom to ask', () => {
  it('about the order and payment of the trigger, at its source', () =>
    expect(askOf(event, GOALS)).toEqual({ source: 'razorpay', order: 'order_1', payment: 'pay_1' }));

  it('at the gateway that a first-party event names; a webhook is asked about where it came from', () => {
    const named = { ...event.content, properties: { gateway: 'cashfree' } };
    expect(askOf({ ...event, source: 'api', content: named }, GOALS)).toMatchObject({ source: 'cashfree' });
    expect(askOf({ ...event, content: named }, GOALS)).toMatchObject({ source: 'razorpay' });
  });

  it.each<[string, Parameters<typeof askOf>[0], string[]]>([
    ['an event of a test key', { ...event, test: true }, GOALS],
    ['an event without order and payment', { ...event, content: { keys: {} } }, GOALS],
    ['an event without keys', { ...event, content: {} }, GOALS],
    ['a journey that being paid does not end', event, ['KYC Approved']],
  ])('nobody for %s', (_what, given, goals) => expect(askOf(given, goals)).toBeNull());

  it.each([
    ['razorpay', ['cashfree', 'razorpay'], 'razorpay'],
    ['api', ['cashfree'], 'cashfree'],
    ['api', ['cashfree', 'razorpay'], undefined],
    ['payu', [], undefined],
  ])('a trigger of %s with %j asks %s', (source, gateways, expected) => expect(gatewayFor({ source }, gateways)).toBe(expected));
});

it.each([
  [undefined, false],
  [940_000, true],
  [939_999, false],
  [1_000_000, true],
])('a last word at %s is young enough after a thousand seconds, for a minute: %s', (at, fresh) =>
  expect(isFresh(at === undefined ? at : { state: 'open', at: at as Instant }, 1_000_000 as Instant, 60_000)).toBe(fresh),
);

const heard = (eventName: string, at: number) => ({ eventName, occurredAt: at as Instant });
const answered = (state: PaymentState, at: number) => ({ state, at: at as Instant });
it.each<[string, Parameters<typeof latestWord>, string]>([
  ['nothing was ever said', [[heard('Cart Updated', 5)], []], 'undefined'],
  ['it failed', [[heard('Payment Failed', 5)], []], 'open 5'],
  ['it failed, and was reserved later', [[heard('Payment Failed', 5), heard('Payment Authorized', 9)], []], 'authorised 9'],
  ['it was reserved, and failed later', [[heard('Payment Authorized', 5), heard('Payment Failed', 9)], []], 'open 9'],
  ['a gateway knew better', [[heard('Payment Failed', 5)], [answered('paid', 7)]], 'paid 7'],
  ['both at once', [[heard('Payment Failed', 5), heard('Order Cancelled', 5)], []], 'cancelled 5'],
])('the last word when %s', (_case, [events, answers], expected) => {
  const word = latestWord(events, answers);
  expect(word ? `${word.state} ${word.at}` : 'undefined').toBe(expected);
});

const STARTER = {
  'Payment Captured': 'goal_reached',
  'Order Paid': 'goal_reached',
  'Payment Authorized': 'silenced',
  'Order Cancelled': 'order_cancelled',
};
it.each<[PaymentState, Record<string, string>, string | undefined, string | undefined]>([
  ['open', STARTER, undefined, undefined],
  ['pending', STARTER, undefined, undefined],
  ['paid', STARTER, 'Order Paid', 'goal_reached'],
  ['paid', { 'Payment Captured': 'goal_reached' }, 'Payment Captured', 'goal_reached'],
  ['authorised', STARTER, 'Payment Authorized', 'silenced'],
  ['authorised', {}, 'Payment Authorized', 'silenced'],
  ['cancelled', STARTER, 'Order Cancelled', 'order_cancelled'],
  ['refunded', STARTER, 'Payment Refunded', 'refunded'],
  ['expired', STARTER, 'Order Expired', 'order_expired'],
])('an order that is %s, to a journey with %j: %s, %s', (state, stops, name, reason) => {
  const stop = stopOf({ state }, stops);
  expect([stop?.event, stop?.reason]).toEqual([name, reason]);
});

const matter = {
  keys: [
    { key: 'order', absorbing: true },
    { key: 'customer', absorbing: false },
  ] as never,
  since: 1_000 as Instant,
  stops: { 'Order Paid': 'goal_reached', 'Order Placed COD': 'goal_reached', 'Support Ticket Opened': 'support_ticket' },
};
it.each([
  ['the order was paid before the trigger', { key: 'order', eventName: 'Order Paid', occurredAt: 1 }, 'settled'],
  ['it is paid on delivery', { key: 'order', eventName: 'Order Placed COD', occurredAt: 2_000 }, 'settled'],
  ['the customer paid something after it', { key: 'customer', eventName: 'Order Paid', occurredAt: 1_000 }, 'settled'],
  ['the customer paid something before it', { key: 'customer', eventName: 'Order Paid', occurredAt: 999 }, null],
  [
    'the order was cancelled, whether or not that ends the journey',
    { key: 'order', eventName: 'Order Cancelled', occurredAt: 2_000 },
    'closed',
  ],
  ['the customer cancelled another order', { key: 'customer', eventName: 'Order Cancelled', occurredAt: 2_000 }, null],
  ['another order was paid', { key: 'other', eventName: 'Order Paid', occurredAt: 2_000 }, null],
  [
    'the customer asks for help: they may still pay',
    { key: 'customer', eventName: 'Support Ticket Opened', occurredAt: 2_000 },
    null,
  ],
])('%s: %#', (_what, mark, end) => expect(endOf(matter, [mark as never])).toBe(end));
