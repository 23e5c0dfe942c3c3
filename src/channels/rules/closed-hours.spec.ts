import { type Instant, minutes, parseInstant } from '@wapas/kernel';
import { closedForMs } from './closed-hours';

const HOURS = { from: '09:00', to: '21:00', zone: 'Asia/Kolkata' };

it.each([
  ['2026-11-23T21:00:00+05:30', 12 * 60],
  ['2026-11-24T08:30:00+05:30', 30],
  ['2026-11-24T08:59:00+05:30', 1],
  // By our clock it is open: theirs is slow.
  ['2026-11-24T09:00:00+05:30', 1],
  ['2026-11-23T20:59:59+05:30', 1],
])('at %s the route is asked again in %d minutes', (at, expected) =>
  expect(closedForMs(HOURS, parseInstant(at) as Instant)).toBe(minutes(expected)),
);
