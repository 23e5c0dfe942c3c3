import { hours, type Instant } from '@wapas/kernel';
import { type JourneyVersion } from './definition';
import { isReversal } from './reversal';

const DAY = hours(24);
const exit = (event: string, reason: string): JourneyVersion['exits'][number] => ({ event, reason, by: ['order'], where: [] });
const version = {
  exits: [exit('Payment Refunded', 'refunded'), exit('Order Cancelled', 'order_cancelled')],
} as unknown as JourneyVersion;
const recoveredAt = 1_000 as Instant;

it.each([
  ['Payment Refunded', 0, true],
  ['Payment Refunded', 7 * DAY, true],
  ['Payment Refunded', 7 * DAY + 1, false],
  ['Payment Refunded', -1, false],
  ['Order Cancelled', DAY, false],
  ['Payment Captured', DAY, false],
])('%s, %d ms after the goal, takes the recovery back: %s', (name, later, isOne) =>
  expect(isReversal(version, name, (recoveredAt + later) as Instant, recoveredAt)).toBe(isOne),
);
