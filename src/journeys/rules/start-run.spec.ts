import { hours, type Instant, minutes } from '@wapas/kernel';
import { FACTS, journey, T } from './decide.test-kit';
import { longestLife, startRun } from './start-run';

const uncertain = { ...FACTS, reason: { class: 'timeout' } };
const started = (version: ReturnType<typeof journey>, at: Instant) =>
  startRun(version, { id: 'run-1', unit: 'unit', arm: 'treated', facts: uncertain, shadow: false }, at);

it('no run lives longer than its window, with every further lap and what its entry may be held for', () => {
  expect(longestLife(journey())).toBe(hours(24));
  expect(longestLife(journey({}, { attempts: 'restart', maxLaps: 3 }))).toBe(hours(72));
  expect(longestLife(journey({}, { hold: { for: '10m', when: [{ field: 'reason.class', in: ['timeout'] }] } }))).toBe(
    hours(24) + minutes(10),
  );
});

it('an entry that is held until a bank is calm lasts no longer than that', () => {
  const version = journey(
    {},
    {
      hold: {
        for: '10m',
        during: [
          { from: '10:00', to: '13:00' },
          { from: '13:00', to: '18:30' },
        ],
      },
    },
  );
  const longest = longestLife(version);
  for (let minute = 0; minute < 24 * 60; minute += 20) {
    const at = (T + minutes(minute)) as Instant;
    expect(started(version, at).expiresAt - at).toBeLessThanOrEqual(longest);
  }
  expect(longest).toBeGreaterThan(hours(24));
});
