import { delayOfNextTry, GIVEN_UP_AFTER_MS, type Health, healthAfter, readRetryAfter, type TryResult } from './retry';

const HOUR = 3_600_000;
const delays = (tries: number, ids = 2_000): number[] =>
  Array.from({ length: ids }, (_, id) => delayOfNextTry({ id: String(id), tries, ageMs: 0 }, null) as number);

it.each([
  [1, 5_000],
  [2, 20_000],
  [4, 320_000],
  [9, 12 * HOUR],
  [40, 12 * HOUR],
])('after try %d the next comes anywhere within %d ms: what failed together does not come back together', (tries, longest) => {
  const drawn = delays(tries);
  expect(Math.max(...drawn)).toBeLessThanOrEqual(longest);
  expect(Math.max(...drawn)).toBeGreaterThan(0.98 * longest);
  const mean = drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
  expect(mean / longest).toBeGreaterThan(0.45);
  expect(mean / longest).toBeLessThan(0.6);
});

it('the same try of the same delivery draws the same delay', () => expect(delays(3, 50)).toEqual(delays(3, 50)));

it('a delivery is tried for about three days, and then no more', () => {
  for (let id = 0; id < 200; id++) {
    let ageMs = 0;
    let tries = 1;
    for (;;) {
      const delay = delayOfNextTry({ id: String(id), tries, ageMs }, null);
      if (delay === null) break;
      ageMs += delay;
      tries += 1;
    }
    expect(ageMs).toBeLessThanOrEqual(GIVEN_UP_AFTER_MS);
    expect(ageMs).toBeGreaterThan(GIVEN_UP_AFTER_MS - 12 * HOUR);
    expect(tries).toBeGreaterThan(10);
  }
});

it('what the endpoint asks for is waited for, an hour at the most', () => {
  const one = { id: 'a', tries: 1, ageMs: 0 };
  expect(delayOfNextTry(one, 60_000)).toBe(60_000);
  expect(delayOfNextTry(one, 24 * HOUR)).toBe(HOUR);
  expect(delayOfNextTry({ ...one, ageMs: GIVEN_UP_AFTER_MS - 10 }, null)).toBeNull();
});

it.each([
  ['120', 120_000],
  ['Mon, 23 Nov 2026 05:31:00 GMT', 60_000],
  ['Mon, 23 Nov 2026 05:29:00 GMT', 0],
  ['soon', null],
  [undefined, null],
])('Retry-After %s is %d ms', (header, millis) =>
  expect(readRetryAfter(header, Date.parse('2026-11-23T05:30:00Z'))).toBe(millis),
);

const well: Health = { failures: 0, failingSince: null, restsUntil: null };
const failed: TryResult = { outcome: 'failed', status: 500, error: 'http_500', retryAfterMs: null };
const delivered: TryResult = { outcome: 'delivered', status: 204 };
it.each<[string, Health, TryResult[], number, object]>([
  ['a first failure is noted and costs no rest', well, [failed], 1_000, { failures: 1, failingSince: 1_000, restsUntil: null }],
  ['one delivery among failures clears it', { failures: 9, failingSince: 1, restsUntil: 5 }, [failed, delivered], 9, well],
  ['410 switches off at once', well, [{ outcome: 'gone', status: 410 }], 1, { switchedOff: 'gone' }],
  [
    'failing for less than three days keeps it on',
    { ...well, failingSince: 0 },
    [failed],
    GIVEN_UP_AFTER_MS - 1,
    { switchedOff: null },
  ],
  [
    'failing for three days switches it off',
    { ...well, failingSince: 0 },
    [failed],
    GIVEN_UP_AFTER_MS,
    { switchedOff: 'failing' },
  ],
])('%s', (_title, before, results, now, after) => expect(healthAfter('e', before, results, now)).toMatchObject(after));

it('after five failures in a row the endpoint rests, longer each time, ten minutes at the most', () => {
  const rest = (failures: number): number =>
    healthAfter('e', { failures, failingSince: 0, restsUntil: null }, [failed], 0).restsUntil ?? 0;
  expect(rest(3)).toBe(0);
  expect(rest(4)).toBeGreaterThanOrEqual(500);
  expect(rest(10)).toBeGreaterThanOrEqual(32_000);
  expect(rest(10)).toBeLessThanOrEqual(64_000);
  expect(rest(100)).toBeLessThanOrEqual(600_000);
  expect(rest(5_000)).toBeGreaterThanOrEqual(300_000);
});
