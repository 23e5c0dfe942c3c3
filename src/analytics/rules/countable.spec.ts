import { isCountable, longestWindow } from './countable';

const HOUR = 3_600_000;
const versions = [
  { key: 'cart', window: 2 * HOUR },
  { key: 'kyc', window: 72 * HOUR },
  { key: 'kyc', window: 48 * HOUR },
];

it.each<[string, string, number]>([
  ['the longest of its versions', 'kyc', 72],
  ['a day at the least, which is asked of versions that nobody knows', 'cart', 24],
  ['a day of a journey that nobody knows', 'gone', 24],
])('a person counts once in %s', (_what, journey, hours) => expect(longestWindow(journey, versions)).toBe(hours * HOUR));

it.each<[string, number, boolean]>([
  ['whose rows went', -1, false],
  ['that begins where they end', 0, false],
  ['whose people may have entered before, when nobody knows any more', 23, false],
  ['of which everything is there', 24, true],
])('a quarter %s is counted again or not', (_what, hours, countable) =>
  expect(isCountable(hours * HOUR, 24 * HOUR, 0)).toBe(countable),
);

it('nothing has been let go of: every quarter is counted again', () => expect(isCountable(0, 24 * HOUR, -Infinity)).toBe(true));
