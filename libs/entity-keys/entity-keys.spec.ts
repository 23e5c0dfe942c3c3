import { type EntityKey, EntityKeys, KEY_KINDS, lockOf } from '.';

const hasher = new EntityKeys('a-secret-for-tests-0123456789');

it('the same matter has the same key, another kind or another secret has not', () => {
  const key = hasher.keyOf('order', 'order_1');
  expect(key).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(hasher.keyOf('order', 'order_1')).toBe(key);
  const others = [
    ...KEY_KINDS.filter((kind) => kind !== 'order').map((kind) => hasher.keyOf(kind, 'order_1')),
    hasher.keyOf('order', 'order_2'),
    new EntityKeys('another-secret-0123456789').keyOf('order', 'order_1'),
  ];
  expect(new Set([key, ...others]).size).toBe(others.length + 1);
});

it.each(['', 'short'])('the secret %j is refused', (secret) => expect(() => new EntityKeys(secret)).toThrow('16 characters'));

it.each([
  ['00000000-0000-0000-ffff-ffffffffffff', 0n],
  ['00000000-0000-0001-0000-000000000000', 1n],
  ['7fffffff-ffff-ffff-0000-000000000000', 9_223_372_036_854_775_807n],
  ['80000000-0000-0000-0000-000000000000', -9_223_372_036_854_775_808n],
  ['ffffffff-ffff-ffff-0000-000000000000', -1n],
])('the lock of %s is %d: what Postgres takes as bigint', (key, lock) => expect(lockOf(key as EntityKey)).toBe(lock));
