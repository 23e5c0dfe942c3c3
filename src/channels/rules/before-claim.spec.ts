import { type Instant } from '@wapas/kernel';
import { beforeClaim, type BeforeClaim, type PaymentStanding } from './before-claim';

const DUE = 1_000_000 as Instant;
const message = { dueAt: DUE, stops: { 'Order Paid': 'goal_reached', 'Payment Authorized': 'silenced' } };
const at = (ms: number): Instant => (DUE + ms) as Instant;

it.each<[string, PaymentStanding, number, BeforeClaim]>([
  ['nobody to ask', { kind: 'trusted' }, 0, { then: 'claim' }],
  ['an open order', { kind: 'said', state: 'open', stop: null }, 0, { then: 'claim' }],
  ['a paid order, which the claim knows from its event', { kind: 'said', state: 'paid', stop: { event: 'Order Paid', reason: 'goal_reached' } }, 0, { then: 'claim' }], // prettier-ignore
  ['an expired order, which the journey does not know', { kind: 'said', state: 'expired', stop: { event: 'Order Expired', reason: 'order_expired' } }, 0, { then: 'skip', reason: 'order_expired' }], // prettier-ignore
  ['an attempt with the bank', { kind: 'said', state: 'pending', stop: null }, 0, { then: 'hold', forMs: 60_000, atLeastMs: 0 }],
  ['an attempt with the bank, for an hour', { kind: 'said', state: 'pending', stop: null }, 3_600_000, { then: 'hold', forMs: 60_000, atLeastMs: 0 }], // prettier-ignore
  ['a gateway that just failed', { kind: 'unknown' }, 0, { then: 'hold', forMs: 15_000, atLeastMs: 0 }],
  [
    'a gateway that wants to be left alone',
    { kind: 'unknown', retryAfterMs: 40_000 },
    0,
    { then: 'hold', forMs: 15_000, atLeastMs: 40_000 },
  ],
  ['a gateway that fails for two minutes', { kind: 'unknown' }, 120_000, { then: 'skip', reason: 'status_unknown' }],
])('%s', (_what, standing, after, expected) => expect(beforeClaim(standing, message, at(after))).toEqual(expected));
