import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { maySend, type SendFacts } from './may-send';

const NOW = 1_000_000 as Instant;
const TRIGGER = 500_000 as Instant;
const order = 'order' as EntityKey;
const cart = 'cart' as EntityKey;
/** 1970 began at half past five in the morning in India. */
const LATER = { from: 600, to: 1_245, zone: 'Asia/Kolkata' };
const fine: SendFacts = {
  now: NOW,
  notAfter: NOW,
  guard: {
    keys: [
      { key: order, absorbing: true },
      { key: cart, absorbing: false },
    ],
    since: TRIGGER,
    stops: {
      'Payment Captured': 'goal_reached',
      'Order Cancelled': 'order_cancelled',
      'Payment Authorized': 'silenced',
      'Sold Out': 'sold_out',
    },
  },
  marks: [],
  calledOff: null,
  refusal: null,
  down: null,
  paused: null,
  hasAddress: true,
  countryIsAllowed: true,
  test: false,
  addressIsForTests: false,
};
const mark = (key: EntityKey, eventName: string, occurredAt: number) => ({ key, eventName, occurredAt: occurredAt as Instant });
const paid = mark(order, 'Payment Captured', 900_000);
const cancelled = mark(order, 'Order Cancelled', 800_000);
const authorised = mark(order, 'Payment Authorized', 700_000);

it.each<[string, Partial<SendFacts>, string]>([
  ['nothing speaks against it', {}, 'may send'],
  ['the order is paid', { marks: [paid] }, 'skipped: goal_reached'],
  ['the order was paid before it failed', { marks: [mark(order, 'Payment Captured', 1)] }, 'skipped: goal_reached'],
  ['the order is cancelled', { marks: [cancelled] }, 'skipped: order_cancelled'],
  ['the bank is confirming', { marks: [authorised] }, 'skipped: silenced'],
  ['the cart was bought after the trigger', { marks: [mark(cart, 'Payment Captured', 500_001)] }, 'skipped: goal_reached'],
  ['the cart was bought in the same moment', { marks: [mark(cart, 'Payment Captured', 500_000)] }, 'skipped: goal_reached'],
  ['the cart was bought the time before', { marks: [mark(cart, 'Payment Captured', 499_999)] }, 'may send'],
  ['somebody else has paid', { marks: [mark('other' as EntityKey, 'Payment Captured', 900_000)] }, 'may send'],
  ['something else has happened to the order', { marks: [mark(order, 'Order Shipped', 900_000)] }, 'may send'],
  ['an event is called like an internal', { marks: [mark(order, 'constructor', 900_000)] }, 'may send'],
  ['it is its last moment', { notAfter: NOW }, 'may send'],
  ['it is too late', { notAfter: (NOW - 1) as Instant }, 'expired: too_late'],
  ['its run has ended while it was called', { calledOff: 'run_ended' }, 'skipped: run_ended'],
  ['the customer has not agreed', { refusal: 'no_consent' }, 'skipped: no_consent'],
  ['what it must be paid over is down', { down: 'incident_of_bank', hasAddress: false }, 'held: incident_of_bank'],
  ['it is down, and it is too late as well', { down: 'incident_of_bank', notAfter: (NOW - 1) as Instant }, 'expired: too_late'],
  ['it is down, and the order is paid', { down: 'incident_of_bank', marks: [paid] }, 'skipped: goal_reached'],
  ['the provider is paused', { paused: 'provider_paused' }, 'rejected: provider_paused'],
  ['there is nowhere to send it', { hasAddress: false }, 'rejected: no_address'],
  ['its country may not be messaged', { countryIsAllowed: false }, 'skipped: country_not_allowed'],
  ['a test would reach a customer', { test: true }, 'skipped: test_mode'],
  ['a test reaches a number for tests', { test: true, addressIsForTests: true }, 'may send'],
  ["the law's hours are open", { guard: { ...fine.guard, hours: [{ from: 0, to: 1_440, zone: 'Asia/Kolkata' }] } }, 'may send'],
  [
    "the law's hours open in time",
    { guard: { ...fine.guard, hours: [LATER] }, notAfter: (NOW + 86_400_000) as Instant },
    'held: outside_legal_hours',
  ],
  [
    "its author's hours open in time",
    {
      guard: { ...fine.guard, ownHours: { ...LATER, bindsAfter: TRIGGER, outside: 'hold' } },
      notAfter: (NOW + 86_400_000) as Instant,
    },
    'held: outside_hours',
  ],
  [
    "its author's hours are over, and it is not to wait",
    {
      guard: { ...fine.guard, ownHours: { ...LATER, bindsAfter: TRIGGER, outside: 'expire' } },
      notAfter: (NOW + 86_400_000) as Instant,
    },
    'expired: outside_hours',
  ],
  [
    "its author's hours are over, but the customer has just tried",
    { guard: { ...fine.guard, ownHours: { ...LATER, bindsAfter: NOW, outside: 'expire' } } },
    'may send',
  ],
  [
    "the law's hours are over, and its author's too",
    { guard: { ...fine.guard, hours: [LATER], ownHours: { ...LATER, bindsAfter: TRIGGER, outside: 'hold' } } },
    'expired: outside_legal_hours',
  ],
  ["the law's hours open too late", { guard: { ...fine.guard, hours: [LATER] } }, 'expired: outside_legal_hours'],
])('when %s', (_case, facts, outcome) => {
  const verdict = maySend({ ...fine, ...facts });
  expect(verdict.maySend ? 'may send' : `${verdict.state}: ${verdict.reason}`).toBe(outcome);
});

it('whatever stops it wins, in the order of weight', () => {
  const wrong: Partial<SendFacts>[] = [
    { marks: [paid] },
    { calledOff: 'run_ended' },
    { notAfter: 0 as Instant },
    { refusal: 'suppressed' },
    { hasAddress: false },
    { countryIsAllowed: false },
    { test: true },
  ];
  const reasons = wrong.map((_one, index) => {
    const verdict = maySend({ ...fine, ...(Object.assign({}, ...wrong.slice(index)) as Partial<SendFacts>) });
    return verdict.maySend ? '' : verdict.reason;
  });
  expect(reasons).toEqual([
    'goal_reached',
    'run_ended',
    'too_late',
    'suppressed',
    'no_address',
    'country_not_allowed',
    'test_mode',
  ]);
});

it.each([
  [[paid, cancelled, authorised], 'goal_reached'],
  [[authorised, cancelled], 'order_cancelled'],
  [[authorised, mark(order, 'Sold Out', 600_000)], 'sold_out'],
])('the reason does not depend on the order in which marks are read', (marks, reason) => {
  expect(maySend({ ...fine, marks })).toMatchObject({ reason });
  expect(maySend({ ...fine, marks: [...marks].reverse() })).toMatchObject({ reason });
});
