import { parseInstant, type Instant } from '@wapas/kernel';
import { brokenPurse, dayIn, isPaidFor, paidFrom, type Purse, reasonOf } from './spend';

const capped = { caps: { marketing: false, perRun: 3 } };
const price = { milli: 11_500, currency: 'INR' };
const purse = (scope: Purse['scope'], leftMilli: number, currency = 'INR'): Purse => ({ scope, leftMilli, currency });

it.each<[string, Parameters<typeof brokenPurse>, string | null]>([
  ['what fits to the last fraction may go', [capped, price, [purse('all', 11_500)]], null],
  ['what does not fit is held back', [capped, price, [purse('all', 11_499)]], 'spend_cap_of_day'],
  ['the cap of the channel is the reason that is given', [capped, price, [purse('all', 0), purse('channel:whatsapp', 0)]], 'spend_cap_of_channel'],
  ['a cap of nothing stops what costs something', [capped, price, [purse('channel:whatsapp', 0)]], 'spend_cap_of_channel'],
  ['what is free goes out all the same', [capped, { milli: 0, currency: 'INR' }, [purse('all', 0)]], null],
  ['what has no rate is not counted', [capped, null, [purse('all', 0)]], null],
  ['a cap of another currency does not count it', [capped, price, [purse('all', 0, 'USD')]], null],
  ['a mandatory notice goes out', [{ caps: null }, price, [purse('all', -5)]], null],
])('%s', (_promise, asked, reason) => {
  const broken = brokenPurse(...asked);
  expect(broken && reasonOf(broken)).toBe(reason);
}); // prettier-ignore

it('what is paid is missing from every purse of its currency', () =>
  expect(paidFrom([purse('all', 20_000), purse('channel:whatsapp', 12_000), purse('all', 9, 'USD')], price)).toEqual([
    purse('all', 8_500),
    purse('channel:whatsapp', 500),
    purse('all', 9, 'USD'),
  ]));

it.each([
  ['calling', false, true],
  ['sent', false, true],
  ['unknown', false, true],
  ['rejected', false, false],
  ['rejected', true, true],
  ['retryable', true, false],
  ['expired', true, false],
  ['planned', true, false],
])('a message that is %s (failures charged: %s) is paid for: %s', (state, charged, paid) =>
  expect(isPaidFor(state, charged)).toBe(paid),
);

it('the day turns where the business is', () => {
  const late = parseInstant('2026-11-23T23:59:59+05:30') as Instant;
  expect(dayIn('Asia/Kolkata', late)).toBe('2026-11-23');
  expect(dayIn('Asia/Kolkata', (late + 1_000) as Instant)).toBe('2026-11-24');
  expect(dayIn('UTC', late)).toBe('2026-11-23');
});
