import { after, durationOf, type Instant, parseInstant } from '@wapas/kernel';
import { brokenCap, countHad, type MessageCaps, type TakenMessage } from './caps';

const NOW = parseInstant('2026-11-23T11:00:00+05:30') as Instant;
const LIMITS = { perDay: 4, marketingPerDay: 1, marketingPerWeek: 3 };
const HOUR = 3_600_000;
const taken = (ago: number, change: Partial<TakenMessage> = {}): TakenMessage => ({
  personId: 'asha',
  runId: 'other',
  marketing: false,
  calledAt: after(NOW, durationOf(-ago)),
  ...change,
});
const of = (count: number, one: TakenMessage): TakenMessage[] => Array.from({ length: count }, () => one);
const service: MessageCaps = { marketing: false, perRun: 3 };
const marketing: MessageCaps = { marketing: true, perRun: 3 };
const ad = (ago: number): TakenMessage => taken(ago, { marketing: true });

it.each<[string, MessageCaps | null, TakenMessage[], string | null]>([
  ['the first message', service, [], null],
  ['the third of a run', service, of(2, taken(HOUR, { runId: 'run' })), null],
  ['the fourth of a run', service, of(3, taken(HOUR, { runId: 'run' })), 'cap_of_journey'],
  ['the fourth of a run, after days', service, of(3, taken(100 * HOUR, { runId: 'run' })), 'cap_of_journey'],
  ['the fourth in 24 hours, over all journeys', service, of(3, taken(HOUR)), null],
  ['the fifth', service, of(4, taken(HOUR)), 'cap_of_person'],
  ['the fifth, in the last moment of the day', service, of(4, taken(24 * HOUR - 1)), 'cap_of_person'],
  ['the fifth, a day later', service, of(4, taken(24 * HOUR)), null],
  ["somebody else's messages", service, of(9, taken(HOUR, { personId: 'ravi' })), null],
  ['a second marketing message on one day', marketing, [ad(23 * HOUR)], 'cap_of_marketing_day'],
  ['on the next day', marketing, [ad(24 * HOUR)], null],
  ['a fourth in seven days', marketing, [ad(25 * HOUR), ad(50 * HOUR), ad(167 * HOUR)], 'cap_of_marketing_week'],
  ['after seven days', marketing, [ad(25 * HOUR), ad(50 * HOUR), ad(168 * HOUR)], null],
  ['a service message after marketing', service, [ad(HOUR)], null],
  ['a mandatory notice', null, of(9, taken(HOUR, { runId: 'run' })), null],
])('%s', (_case, caps, before, reason) =>
  expect(brokenCap(caps, countHad({ personId: 'asha', runId: 'run' }, before, NOW), LIMITS)).toBe(reason),
);
