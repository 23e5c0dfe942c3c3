import { newToken } from './token';

test('a token ends in no hyphen, which a phone would not take for a part of the link', () => {
  const drawn = ['AAAAAAAAAA-A', '----------_A', 'never'];
  expect(newToken(() => Buffer.from(drawn.shift() ?? '', 'base64url'))).toBe('----------_');
  expect(drawn).toEqual(['never']);
});

test('a token is eleven characters that an address takes as they are, and no two are alike', () => {
  const tokens = Array.from({ length: 1_000 }, () => newToken());
  expect(tokens.filter((token) => !/^[\w-]{10}\w$/.test(token))).toEqual([]);
  expect(new Set(tokens).size).toBe(1_000);
});
