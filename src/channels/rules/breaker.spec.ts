import { accepted, type ErrorClass, failed } from '@wapas/provider-kit';
import { type CallResult, isBad, pauseBeforeProbe, shouldOpen, stateOf } from './breaker';

const NOW = 1_000_000_000;
/** `x` failed, `.` was taken; oldest first, a second apart, the last one just now. */
const calls = (pattern: string, apartMs = 1_000): CallResult[] =>
  [...pattern].map((mark, index) => ({ at: NOW - (pattern.length - 1 - index) * apartMs, isBad: mark === 'x' }));

describe('a breaker', () => {
  it.each([
    ['nothing known', '', false],
    ['seven failures in a row', 'xxxxxxx', false],
    ['eight failures in a row', 'xxxxxxxx', true],
    ['eight in a row after much success', '....................xxxxxxxx', true],
    ['eight failures, then one that got through', 'xxxxxxxx.', false],
    ['every second of twenty', 'x.x.x.x.x.x.x.x.x.x.', true],
    ['every second of eighteen', 'x.x.x.x.x.x.x.x.x.', false],
    ['one in ten', '.........x.........x.........x', false],
  ])('%s: opens %s → %s', (_case, pattern, opens) => expect(shouldOpen(calls(pattern), NOW)).toBe(opens));

  it('does not open for one failure in ten, however many of a moment are heard of behind each other', () => {
    const crowded = `${'.'.repeat(72)}xxxxxxxx`;
    expect(shouldOpen(calls(crowded, 5), NOW)).toBe(false);
    // Nothing gets through any more: that moment is over soon.
    expect(shouldOpen(calls(`${crowded}${'x'.repeat(64)}`, 5), NOW)).toBe(true);
    expect(shouldOpen(calls(`${'.'.repeat(72)}xxxxxxxx`, 200), NOW)).toBe(true);
  });

  it('does not open for failures of long ago', () => {
    expect(shouldOpen(calls('xxxxxxxx', 2 * 60_000), NOW)).toBe(false);
    expect(shouldOpen(calls('x.'.repeat(20), 10_000), NOW)).toBe(false);
  });

  it.each<[ErrorClass, boolean]>([
    ['unknown_outcome', true],
    ['temporary', true],
    ['throttled', false],
    ['bad_address', false],
    ['opted_out', false],
    ['bad_content', false],
    ['bad_credentials', false],
    ['refused', false],
  ])('counts %s: %s', (kind, bad) => expect(isBad(failed({ class: kind, scope: 'message', code: '1' }))).toBe(bad));

  it('does not count what was taken', () => expect(isBad(accepted())).toBe(false));

  it.each([
    [0, 10_000],
    [1, 20_000],
    [3, 80_000],
    [4, 120_000],
    [400, 120_000],
  ])('after %d failed probes waits %d ms', (probes, ms) => expect(pauseBeforeProbe(probes)).toBe(ms));

  it('is open until its probe, then half open until the probe has told', () => {
    const breaker = {
      provider: 'fcm',
      openedAt: new Date(NOW),
      probeAt: new Date(NOW + 10_000),
      failedProbes: 0,
      code: 'DEADLINE',
    };
    expect(stateOf(undefined, NOW)).toBe('closed');
    expect(stateOf(breaker, NOW + 9_999)).toBe('open');
    expect(stateOf(breaker, NOW + 10_000)).toBe('half_open');
  });
});
