import { createHmac } from 'node:crypto';
import {
  cleanCode,
  cleanWords,
  failureFrom,
  followUpOf,
  hasHmacSha256,
  neverRetryServerError,
  problemOfUrl,
  readErrorTable,
  sameSecret,
} from '.';

describe('comparing secrets', () => {
  it('does not throw on other lengths, and empty is never equal', () => {
    expect([sameSecret('a', 'a'), sameSecret('a', 'abc'), sameSecret('', 'a'), sameSecret('', '')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('takes the signature of exactly these bytes in lower case, as vendors document it, and no empty key', () => {
    const body = Buffer.from('{"a":"\\u0905"}');
    const hex = createHmac('sha256', 'key').update(body).digest('hex');
    expect([hasHmacSha256(body, 'key', hex), hasHmacSha256(body, 'key', hex.toUpperCase())]).toEqual([true, false]);
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
  const row = { code: '1', class: 'refused', scope: 'message', then: ['fall_forward'], meaning: 'x', source: 'page' };
  const file = (...rows: unknown[]) => ({ vendor: 'v', sources: { page: { address: 'y', readOn: '2026-11-23' } }, rows });

  it('is read with source and date at every code', () =>
    expect(readErrorTable(file(row)).get('1')).toEqual({ ...row, source: 'y', readOn: '2026-11-23' }));

  it.each([
    ['a code that stands twice', file(row, row), 'twice'],
    ['no class', file({ ...row, class: undefined }), '"class" must be one of'],
    ['a scope that is none', file({ ...row, scope: 'world' }), '"scope" must be one of'],
    ['no follow-up', file({ ...row, then: [] }), '"then" says nothing'],
    ['a follow-up that is none', file({ ...row, then: ['hope'] }), '"then" must be one of'],
    ['a source that is not in the file', file({ ...row, source: 'hearsay' }), '"source" must name'],
    ['no day', { ...file(row), sources: { page: { address: 'y' } } }, '"source" must name'],
    ['no code', file({ ...row, code: '' }), '"code" is missing'],
    ['no wait that can be waited', file({ ...row, waitMs: -1 }), '"waitMs" must be'],
    ['hours that are none', file({ ...row, openHours: { from: '9', to: '21:00', zone: 'Asia/Kolkata' } }), '"openHours" must'],
    ['hours in no zone', file({ ...row, openHours: { from: '09:00', to: '21:00', zone: 'Asia/Nowhere' } }), '"openHours" must'],
    ['no rows', { vendor: 'v' }, 'no list of rows'],
    ['nothing', undefined, 'does not name the vendor'],
  ])('with %s is refused', (_what, data, words) => expect(() => readErrorTable(data)).toThrow(words));

  it('never has a 5xx tried again', () => {
    expect(neverRetryServerError({ class: 'throttled', scope: 'account' }, 503)).toEqual({
      class: 'unknown_outcome',
      scope: 'account',
    });
    expect(neverRetryServerError({ class: 'throttled', scope: 'account' }, 429).class).toBe('throttled');
    expect(neverRetryServerError({ class: 'bad_address', scope: 'address' }, 500).class).toBe('bad_address');
  });
});

describe('an answer that no row stands for', () => {
  const answer = (status: number) => ({ kind: 'response', status, headers: {}, body: '' }) as const;
  it.each<[string, ReturnType<typeof answer>, string | undefined, object]>([
    ['a refusal with a code', answer(400), 'E99', { class: 'refused', code: 'E99', unlisted: true }],
    ['a refusal without one', answer(404), '', { class: 'refused', code: 'HTTP 404', unlisted: true }],
    ['a code beside an unknown outcome', answer(500), 'E99', { class: 'unknown_outcome', code: 'E99', unlisted: true }],
    ['a server that fell over', answer(502), undefined, { class: 'unknown_outcome', code: 'HTTP 502' }],
    ['a limit', answer(429), 'E99', { class: 'throttled', code: 'E99' }],
    ['a key that is refused', answer(401), 'E99', { class: 'bad_credentials', code: 'E99' }],
  ])('%s', (_what, result, code, expected) => {
    const { class: meaning, code: named, unlisted } = failureFrom(result, { code }, 0);
    expect({ class: meaning, code: named, unlisted }).toEqual(expected);
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

describe('what follows from a failure', () => {
  it.each([
    [{ class: 'temporary', scope: 'message' }, ['try_again']],
    [{ class: 'throttled', scope: 'account' }, ['try_again', 'hold_account']],
    [{ class: 'throttled', scope: 'address' }, ['try_again']],
    [{ class: 'bad_address', scope: 'address' }, ['next_address']],
    [{ class: 'opted_out', scope: 'address' }, ['fall_forward', 'suppress']],
    [{ class: 'opted_out', scope: 'address', only: 'marketing' }, ['fall_forward', 'suppress_marketing']],
    [{ class: 'bad_content', scope: 'message' }, ['fall_forward', 'alert']],
    [{ class: 'bad_content', scope: 'template' }, ['fall_forward', 'pause_template', 'alert']],
    [{ class: 'bad_credentials', scope: 'sender' }, ['fall_forward', 'pause_sender', 'alert']],
    [{ class: 'bad_credentials', scope: 'address' }, ['next_address', 'alert']],
    [{ class: 'refused', scope: 'message' }, ['fall_forward']],
    [{ class: 'refused', scope: 'address', only: 'marketing' }, ['fall_forward', 'suppress_marketing']],
    [{ class: 'refused', scope: 'sender', only: 'marketing' }, ['fall_forward', 'pause_sender_marketing', 'alert']],
    [{ class: 'unknown_outcome', scope: 'account' }, ['wait_for_receipt']],
    [{ class: 'refused', scope: 'message', unlisted: true }, ['fall_forward', 'alert']],
    [{ class: 'unknown_outcome', scope: 'message', unlisted: true }, ['wait_for_receipt', 'alert']],
  ] as const)('%j: %j', (meaning, expected) => expect(followUpOf(meaning, false)).toEqual(expected));

  it('an unknown outcome is sent again only where two calls show one message', () =>
    expect(followUpOf({ class: 'unknown_outcome', scope: 'message' }, true)).toEqual(['try_again']));
});
