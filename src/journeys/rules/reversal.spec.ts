import { hours, type Instant } from '@wapas/kernel';
import { type JourneyVersion } from './definition';
import { type RunFacts } from './run';
import { takenBackBy } from './reversal';

const DAY = hours(24);
type Exit = JourneyVersion['exits'][number];
const exit = (event: string, reason: string, where: Exit['where'] = []): Exit => ({ event, reason, by: ['order'], where });
const version = {
  exits: [
    exit('Payment Refunded', 'refunded'),
    exit('Order Cancelled', 'order_cancelled'),
    exit('Order Updated', 'refunded', [{ field: 'properties.status', is: 'refunded' }]),
    exit('Support Ticket Opened', 'support_ticket'),
  ],
} as unknown as JourneyVersion;
const recoveredAt = 1_000 as Instant;
const facts: RunFacts = { keys: {}, properties: { status: 'packed' }, attempts: 1 };

it.each([
  ['Payment Refunded', 0, 'what_it_says'],
  ['Payment Refunded', 7 * DAY, 'what_it_says'],
  ['Payment Refunded', 7 * DAY + 1, null],
  ['Payment Refunded', -1, null],
  ['Order Cancelled', DAY, 'everything'],
  ['Order Cancelled', 7 * DAY + 1, null],
  ['Support Ticket Opened', DAY, null],
  ['Payment Captured', DAY, null],
  ['Order Updated', DAY, null],
])('%s, %d ms after the goal, takes back of the recovery: %s', (name, later, taken) => {
  const event = { id: 'evt-1', name, occurredAt: (recoveredAt + later) as Instant, facts };
  expect(takenBackBy(version, facts, event, recoveredAt)).toBe(taken);
});

it('an event that is such an exit only when it says so takes nothing back unless it does', () => {
  const event = {
    id: 'evt-1',
    name: 'Order Updated',
    occurredAt: recoveredAt,
    facts: { ...facts, properties: { status: 'refunded' } },
  };
  expect(takenBackBy(version, facts, event, recoveredAt)).toBe('what_it_says');
});
