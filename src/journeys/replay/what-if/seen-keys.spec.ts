import { EntityKeys } from '@wapas/entity-keys';
import { SeenKeys } from './seen-keys';

const hasher = new EntityKeys('a-secret-for-tests-0123456789');
const keys = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => hasher.keyOf('order', `order_${from + index}`));

it('every key that was seen is known, and hardly one that was not', () => {
  const seen = new SeenKeys();
  const those = keys(0, 20_000);
  for (const key of those) seen.add(key);
  expect(those.every(seen.mayHave)).toBe(true);
  expect(keys(20_000, 20_000).filter(seen.mayHave).length).toBeLessThan(5);
});

it('nothing is known before anything was seen', () => expect(keys(0, 100).some(new SeenKeys().mayHave)).toBe(false));
