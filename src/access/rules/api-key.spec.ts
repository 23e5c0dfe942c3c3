import { allows, hashOfKey, idOfKey, isKey, newApiKey, type Scope, SCOPES } from './api-key';

const SECRET = 'a-secret-for-tests-0123456789';

it.each([
  [true, /^wps_test_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/],
  [false, /^wps_live_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/],
])('a key of test mode %s looks like %s and knows its id', (test, form) => {
  const keys = Array.from({ length: 1_000 }, () => newApiKey(test));
  for (const { id, text } of keys) {
    expect(text).toMatch(form);
    expect(idOfKey(text)).toBe(id);
  }
  expect(new Set(keys.map(({ text }) => text)).size).toBe(keys.length);
});

it('only the key itself fits what is stored of it, and only with our secret', () => {
  const { text } = newApiKey(false);
  const stored = hashOfKey(text, SECRET);
  expect(isKey(text, SECRET, stored)).toBe(true);
  expect(stored.toString('latin1')).not.toContain(text.slice(-43));
  const last = text.endsWith('A') ? 'B' : 'A';
  for (const wrong of [newApiKey(false).text, text.slice(0, -1) + last, text.replace('live', 'test'), '', `${text} `])
    expect(isKey(wrong, SECRET, stored)).toBe(false);
  expect(isKey(text, 'another-secret-0123456789', stored)).toBe(false);
  expect(isKey(text, SECRET, stored.subarray(1))).toBe(false);
  expect(isKey(text, SECRET, Buffer.alloc(0))).toBe(false);
});

it.each([
  '',
  'wps_live_',
  'Bearer x',
  `wps_prod_${'a'.repeat(16)}_${'b'.repeat(43)}`,
  `wps_live_${'A'.repeat(16)}_${'b'.repeat(43)}`,
  `wps_live_${'a'.repeat(16)}_${'b'.repeat(43)}\n`,
  'x'.repeat(65_536),
])(
  // prettier-ignore
  '%.40j does not look like a key',
  (text) => expect(idOfKey(text)).toBeNull(),
);

it.each<[Scope, Scope[]]>([
  ['admin', ['ingest', 'read', 'admin', 'app']],
  ['ingest', ['ingest']],
  ['read', ['read']],
  ['app', ['app']],
])('a key for %s may do %j', (scope, may) => expect(SCOPES.filter((needed) => allows([scope], needed))).toEqual(may));
it('a key for nothing may do nothing', () => expect(SCOPES.filter((needed) => allows([], needed))).toEqual([]));
