import { createHmac } from 'node:crypto';
import { cleanCode, cleanWords, errorTable, hasHmacSha256, neverRetryServerError, problemOfUrl, sameSecret } from '.';

describe('comparing secrets', () => {
  it('does not throw on other lengths, and empty is never equal', () => {
    expect([sameSecret('a', 'a'), sameSecret('a', 'abc'), sameSecret('', 'a'), sameSecret('', '')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('takes the signature of exactly these bytes, in either case, and no empty key', () => {
    const body = Buffer.from('{"a":"\\u0905"}');
    const hex = createHmac('sha256', 'key').update(body).digest('hex');
    expect([hasHmacSha256(body, 'key', hex), hasHmacSha256(body, 'key', hex.toUpperCase())]).toEqual([true, true]);
    const wrong = [hex.slice(1), `${hex}0`, '', 'zz'.repeat(32), createHmac('sha256', '').update(body).digest('hex')];
    for (const each of wrong) expect([hasHmacSha256(body, 'key', each), hasHmacSha256(body, '', each)]).toEqual([false, false]);
  });
});

describe('words of a vendor', () => {
  it.each([
    ['to +91 98123 45678 failed', 'to … failed'],
    ['token EAAGm0PX4ZCpsBAKZCdZBZCfT5example000000 expired', 'token … expired'],
    ['hello Asha,\n\nsee https://pay.example/r/0123456789abcdef', 'hello …, see …'],
    ['(#131056) pair rate limit', '(#131056) pair rate limit'],
  ])('%j is kept as %j', (given, kept) => expect(cleanWords(given, ['Asha'])).toBe(kept));

  it('are at most 300 characters, and nothing when there are none', () => {
    expect(cleanWords('word '.repeat(1_000))).toHaveLength(300);
    expect([cleanWords(''), cleanWords({}), cleanWords(undefined)]).toEqual([undefined, undefined, undefined]);
  });

  it('a code is short and plain', () => {
    expect([
      cleanCode(131026),
      cleanCode('UNREGISTERED'),
      cleanCode('919812345678'),
      cleanCode('x'.repeat(65)),
      cleanCode({}),
    ]).toEqual(['131026', 'UNREGISTERED', 'unreadable', 'unreadable', 'unreadable']);
  });
});

describe('an error table', () => {
  it('has one truth per code', () => {
    const row = { code: '1', class: 'refused', scope: 'message', meaning: 'x', source: 'y', readOn: '2026-11-23' } as const;
    expect(() => errorTable([row, row])).toThrow('twice');
  });

  it('never has a 5xx tried again', () => {
    expect(neverRetryServerError({ class: 'throttled', scope: 'account' }, 503)).toEqual({
      class: 'unknown_outcome',
      scope: 'account',
    });
    expect(neverRetryServerError({ class: 'throttled', scope: 'account' }, 429).class).toBe('throttled');
    expect(neverRetryServerError({ class: 'bad_address', scope: 'address' }, 500).class).toBe('bad_address');
  });
});

describe('where credentials may travel', () => {
  it.each([
    'https://vendor.example',
    'https://vendor.example/base',
    'http://127.0.0.1:9',
    'http://localhost:9',
    'http://[::1]:9',
    'http://sandbox:8080',
  ])('%s', (url) => expect(problemOfUrl(url)).toBeNull());
  it.each([
    '',
    'vendor.example',
    'http://vendor.example',
    'http://127.0.0.1.evil.example',
    'https://user:pass@vendor.example',
    'https://v.example/?a=b',
    'ftp://localhost',
  ])('not %j', (url) => expect(problemOfUrl(url)).not.toBeNull());
});
