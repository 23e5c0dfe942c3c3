import { after, hours, type Instant, parseInstant } from '@wapas/kernel';
import { expiresSoon, expiryOf } from './key-expiry';

const NOW = parseInstant('2026-11-23T11:00:00+05:30') as Instant;
const daysFromNow = (count: number): Instant => after(NOW, hours(24 * count));

it.each([
  ['2026-11-23T11:00:00.001+05:30', NOW + 1],
  ['2027-01-01T00:00:00Z', Date.UTC(2027, 0, 1)],
  ['2026-11-23T11:00:00+05:30', null],
  ['2025-01-01T00:00:00Z', null],
  ['2027-01-01', null],
  ['2027-01-01T00:00:00', null],
  ['2027-02-29T00:00:00Z', null],
  ['', null],
])('a key that is to expire at %j expires at %p', (text, expiry) => expect(expiryOf(text, NOW)).toBe(expiry));

it.each([
  [-90, 6, true],
  [-90, 7, true],
  [-90, 7.01, false],
  [-90, 0.01, true],
  [-90, 0, false],
  [-90, -1, false],
  [-1, 6.01, true],
  [-1, 6, false],
  [0, 1, false],
])('a key made %d days from now that expires in %d days: is warned of %p', (createdIn, expiresIn, isWarnedOf) =>
  expect(expiresSoon({ createdAt: daysFromNow(createdIn), expiresAt: daysFromNow(expiresIn) }, NOW)).toBe(isWarnedOf),
);
