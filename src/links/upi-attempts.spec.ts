import { type UpiAnswer } from '@wapas/gateways';
import { UpiAttempts } from './upi-attempts';

const begun = (payment: string): UpiAnswer => ({ ok: true, intent: `upi://pay?tr=${payment}`, payment });
/** Begins attempts 1, 2, 3 … and says how often. */
function gateway() {
  let calls = 0;
  return { begin: () => Promise.resolve(begun(String((calls += 1)))), calls: () => calls };
}

it('pressing again shows the attempt that was begun, until the gateway says that nothing comes of it', async () => {
  const [attempts, { begin, calls }] = [new UpiAttempts(), gateway()];
  expect(await attempts.of('order', [], begin)).toEqual(begun('1'));
  expect(await attempts.of('order', ['9'], begin)).toEqual(begun('1'));
  expect(await attempts.of('order', ['1'], begin)).toEqual(begun('2'));
  expect(await attempts.of('order', ['1'], begin)).toEqual(begun('2'));
  expect(calls()).toBe(2);
});

it('of two who press at once instead of an attempt that failed, both get the same new one', async () => {
  const [attempts, { begin, calls }] = [new UpiAttempts(), gateway()];
  await attempts.of('order', [], begin);
  const both = await Promise.all([attempts.of('order', ['1'], begin), attempts.of('order', ['1'], begin)]);
  expect([both, calls()]).toEqual([[begun('2'), begun('2')], 2]);
});

it('an answer that is none, or a call that breaks, is not shown again', async () => {
  const attempts = new UpiAttempts();
  await expect(attempts.of('order', [], () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await attempts.of('order', [], () => Promise.resolve({ ok: false, reason: 'timed_out' }))).toMatchObject({ ok: false });
  expect(await attempts.of('order', [], () => Promise.resolve(begun('1')))).toEqual(begun('1'));
});
