import { isWrongAccount } from './wrong-account';

test.each([
  ['nine of nine: perhaps old addresses', 9, 9, false],
  ['ten of ten', 10, 10, true],
  ['ten of a thousand: one in a hundred', 1_000, 10, false],
  ['eleven of a thousand: more than that', 1_000, 11, true],
])('%s', (_case, calls, refused, isWrong) => expect(isWrongAccount({ calls, refused }, 0.01)).toBe(isWrong));
