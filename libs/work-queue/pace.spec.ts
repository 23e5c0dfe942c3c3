import { CLIMB_MICROS, paceOf, SETTLES_MICROS, slow, type Slowed } from './pace';

const at = (minutes: number): number => minutes * 60_000_000;

describe('the pace of a lane that was slowed', () => {
  const half = slow(undefined, 80, 0, 0) as Slowed;

  it.each([
    [0, 40],
    [1, 48],
    [2.5, 60],
    [5, 80],
    [60, 80],
  ])('after %d minutes is %d of 80', (minutes, expected) => expect(paceOf(half, 80, at(minutes))).toBeCloseTo(expected, 6));

  it('is halved from where it has climbed to, by a call that began after the last slowing', () => {
    expect(slow(half, 80, at(1), at(1))).toBeNull();
    expect(slow(half, 80, at(1), at(1) - SETTLES_MICROS)).toBeNull();
    expect(slow(half, 80, at(1), at(0.5))).toEqual({ perSecond: 24, atMicros: at(1) });
  });

  it.each([
    [80, 5],
    [9_000, 562.5],
    [2, 1],
    [0.5, 0.5],
  ])('of %d a second never falls below %d', (perSecond, least) => {
    let slowed: Slowed | undefined;
    let now = 0;
    for (let turn = 0; turn < 20; turn += 1) slowed = slow(slowed, perSecond, (now += SETTLES_MICROS + 1), 0) ?? slowed;
    expect(slowed?.perSecond).toBeCloseTo(least, 2);
  });

  it('does not climb while the clock is set back, and never exceeds what is configured', () => {
    expect(paceOf(half, 80, -CLIMB_MICROS)).toBe(40);
    expect(paceOf(half, 20, at(1))).toBe(20);
  });
});
