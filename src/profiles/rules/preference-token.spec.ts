import { type Instant, newId } from '@wapas/kernel';
import { preferenceToken, readPreferenceToken } from './preference-token';

const SECRET = 'a-secret-for-tests-0123456789abcdef';
const NOW = Date.parse('2026-11-25T10:00:00Z') as Instant;
const LATER = (NOW + 60_000) as Instant;

it('a link opens the page of its person until it expires', () => {
  const personId = newId();
  const token = preferenceToken(personId, LATER, SECRET);
  expect(token).not.toContain(personId.slice(0, 8));
  expect(readPreferenceToken(token, NOW, SECRET)).toEqual({ kind: 'valid', personId });
  expect(readPreferenceToken(token, LATER, SECRET)).toEqual({ kind: 'expired' });
});

it('not one character of a link can be changed', () => {
  const token = preferenceToken(newId(), LATER, SECRET);
  for (let at = 0; at < token.length; at += 1) {
    const changed = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
    expect(readPreferenceToken(changed, NOW, SECRET)).toEqual({ kind: 'unknown' });
  }
});

it.each(['', 'x', 'A'.repeat(48), 'A'.repeat(49), "' or 1=1 --", '../../etc/passwd'])('"%s" is no link of ours', (token) =>
  expect(readPreferenceToken(token, NOW, SECRET)).toEqual({ kind: 'unknown' }),
);

it('a link signed with another secret is unknown', () =>
  expect(readPreferenceToken(preferenceToken(newId(), LATER, 'x'.repeat(32)), NOW, SECRET)).toEqual({ kind: 'unknown' }));

it('no link ends in a hyphen, and each opens the page of its person all the same', () => {
  const people = Array.from({ length: 500 }, () => newId());
  const tokens = people.map((personId) => preferenceToken(personId, LATER, SECRET));
  expect(tokens.filter((token) => token.endsWith('-'))).toEqual([]);
  expect(tokens.map((token) => readPreferenceToken(token, NOW, SECRET))).toEqual(
    people.map((personId) => ({ kind: 'valid', personId })),
  );
});
