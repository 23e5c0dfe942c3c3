import { failuresIn, isIncident, isOver, usualOf, without } from './judge-incident';

const limits = { least: 20, factor: 5 };
const failures = (lastFiveMinutes: number, usual: number | null, lastTenMinutes = lastFiveMinutes) => ({
  lastFiveMinutes,
  lastTenMinutes,
  usual,
});

describe('a mass incident', () => {
  it.each<[string, ReturnType<typeof failures>, boolean]>([
    ['six times the usual number', failures(60, 10), true],
    ['five times the usual number, and no more', failures(50, 10), false],
    ['a few failures where there are none as a rule', failures(19, 0), false],
    ['twenty failures where there are none as a rule', failures(20, 0), true],
    ['a busy day', failures(400, 100), false],
    ['a rail that is too young to have a usual number', failures(5_000, null), false],
  ])('%s', (_case, seen, expected) => expect(isIncident(seen, limits)).toBe(expected));

  it.each<[string, ReturnType<typeof failures>, boolean]>([
    ['ten quiet minutes', failures(0, 10, 40), true],
    ['five quiet minutes after five bad ones', failures(0, 10, 60), false],
    ['hardly anything, on a rail that hardly ever fails', failures(3, 0, 10), true],
  ])('is over after %s', (_case, seen, expected) => expect(isOver(seen, limits)).toBe(expected));
});

it('one bad day among seven does not raise what is usual', () => {
  expect(usualOf([120, 120, 12_000, 120, 120, 120, 120])).toBe(10);
  expect(usualOf([0, 24])).toBe(1);
  expect(usualOf([])).toBeNull();
});

it('without the gateway that fails, a rail is judged by what it does at the others, day by day', () => {
  const whole = { lastFiveMinutes: 130, lastTenMinutes: 200, hours: [240, 240, 180, null] };
  const razorpay = { lastFiveMinutes: 120, lastTenMinutes: 180, hours: [120, 120, null, null] };
  const left = without(whole, [razorpay]);
  expect(left).toEqual({ lastFiveMinutes: 10, lastTenMinutes: 20, hours: [120, 120, 180, null] });
  expect([failuresIn(whole), failuresIn(left)].map((one) => isIncident(one, limits))).toEqual([true, false]);
  expect(without(whole, [])).toEqual(whole);
});
