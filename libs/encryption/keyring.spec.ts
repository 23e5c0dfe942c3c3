import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { keyFromSecret, Keyring, parseKeys, SealError } from './keyring';

const key = (id: string) => ({ id, key: randomBytes(32) });
const [old, fresh] = [key('2025'), key('2026-b')];
const ring = new Keyring([fresh, old]);

it('whatever is sealed opens again, as text and as bytes', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 3_000 }), (text, bytes) => {
      expect(ring.openText('event.content', ring.seal('event.content', text))).toBe(text.toWellFormed());
      expect(ring.open('event.raw', ring.seal('event.raw', Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
    }),
  ));

it('a sealed value shows nothing of its text, and is another one each time', () => {
  const [one, other] = [ring.seal('a.b', '+919812345678'), ring.seal('a.b', '+919812345678')];
  expect(one.includes('9812345678')).toBe(false);
  expect(one.equals(other)).toBe(false);
});

it('initialisation vectors never come twice, across refills too', () => {
  const seen = new Set(Array.from({ length: 5_000 }, () => ring.seal('a.b', '').toString('hex')));
  expect(seen.size).toBe(5_000);
});

it.each<[string, (sealed: Buffer) => Buffer]>([
  ['a bit of the text is turned', (sealed) => flip(sealed, sealed.length - 1)],
  ['a bit of the tag is turned', (sealed) => flip(sealed, ring.currentHeader.length + 12)],
  ['a bit of the iv is turned', (sealed) => flip(sealed, ring.currentHeader.length)],
  ['the key id is another one', (sealed) => flip(sealed, 2)],
  ['the version is another one', (sealed) => flip(sealed, 0)],
  ['the end is missing', (sealed) => sealed.subarray(0, -1)],
  ['hardly anything is there', (sealed) => sealed.subarray(0, 5)],
  ['nothing is there', () => Buffer.alloc(0)],
])('does not open when %s', (_case, damage) =>
  expect(() => ring.open('a.b', damage(ring.seal('a.b', 'Asha Rao')))).toThrow(SealError),
);

it('a value moved to another field does not open', () =>
  expect(() => ring.open('event.content', ring.seal('person_address.value', 'Asha'))).toThrow(/belongs to another field/));

it('an older key still opens, and only the first one seals', () => {
  const before = new Keyring([old]).seal('a.b', 'Asha');
  expect(ring.openText('a.b', before)).toBe('Asha');
  expect(ring.isCurrent(before)).toBe(false);
  expect(ring.isCurrent(ring.seal('a.b', ''))).toBe(true);
  expect(() => new Keyring([old]).open('a.b', ring.seal('a.b', 'Asha'))).toThrow('key "2026-b", which is not in the ring');
});

it('a key whose id begins like the first one is not taken for it', () => {
  const longer = new Keyring([key('2026-bis')]);
  expect(ring.isCurrent(longer.seal('a.b', 'Asha'))).toBe(false);
});

it.each<[string, string, RegExp]>([
  ['no key', '', /32 bytes in base64/],
  ['no id', Buffer.alloc(32).toString('base64'), /32 bytes/],
  ['a short key', `a:${Buffer.alloc(31).toString('base64')}`, /32 bytes/],
  ['hex instead of base64', `a:${'0f'.repeat(32)}`, /32 bytes/],
  ['an id with a space', `a b:${Buffer.alloc(32).toString('base64')}`, /id:key/],
  ['an id given twice', ['a', 'a'].map((id) => `${id}:${Buffer.alloc(32).toString('base64')}`).join(','), /twice/],
])('keys are refused with %s', (_case, text, problem) =>
  expect(parseKeys(text)).toEqual({ problem: expect.stringMatching(problem) as string }),
);

it('keys are read in order, the sealing one first', () => {
  const text = [fresh, old].map(({ id, key: bytes }) => `${id}:${bytes.toString('base64')}`).join(' , ');
  expect(parseKeys(text)).toEqual({ keys: [fresh, old] });
});

it('a key made of a secret is the same each time and another one for another secret', () => {
  expect(keyFromSecret('s'.repeat(32))).toEqual(keyFromSecret('s'.repeat(32)));
  expect(keyFromSecret('s'.repeat(32)).key).not.toEqual(keyFromSecret('t'.repeat(32)).key);
});

it.each<[string, () => unknown]>([
  ['no key at all', () => new Keyring([])],
  ['a key of another length', () => new Keyring([{ id: 'a', key: randomBytes(16) }])],
  ['an id given twice', () => new Keyring([key('a'), key('a')])],
])('a ring is refused with %s', (_case, make) => expect(make).toThrow());

function flip(sealed: Buffer, at: number): Buffer {
  const damaged = Buffer.from(sealed);
  damaged[at] = (damaged[at] as number) ^ 1;
  return damaged;
}
