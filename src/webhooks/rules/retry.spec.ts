import {
  delayOfNextTry,
  FAILURES_BEFORE_REST,
  GIVEN_UP_AFTER_MS,
  type Health,
  healthAfter,
  type Heard,
  readRetryAfter,
  type TryResult,
} from './retry';

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

const well: Health = { failures: 0, failingSince: null, restsUntil: null, rests: 0, restEndsAt: null };
const failed: TryResult = { outcome: 'failed', status: 500, error: 'http_500', retryAfterMs: null };
const delivered: TryResult = { outcome: 'delivered', status: 204 };
const heard = (results: readonly TryResult[], triedAt = 0): Heard[] => results.map((result) => ({ result, triedAt }));
const many = (count: number, triedAt = 0): Heard[] => heard(Array<TryResult>(count).fill(failed), triedAt);
const resting: Health = { failures: 9, failingSince: 1, restsUntil: 50, rests: 3, restEndsAt: 50 };

it.each<[string, Health, TryResult[], number, object]>([
  ['a first failure is noted and costs no rest', well, [failed], 1_000, { failures: 1, failingSince: 1_000, restsUntil: null }],
  ['one delivery among failures clears it', resting, [failed, delivered], 9, { ...well, recoveredFrom: 1 }],
  ['what had no need to rest has nothing to catch up with', { ...well, failures: 2, failingSince: 1 }, [delivered], 9, { ...well, recoveredFrom: null }],
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
])('%s', (_title, before, results, now, after) => expect(healthAfter('e', before, heard(results), now)).toMatchObject(after)); // prettier-ignore

it('sixteen posts that fail together cost a rest of a second, however they are heard of', () => {
  const together = healthAfter('e', well, many(16), 100);
  expect(together).toMatchObject({ failures: 16, rests: 1 });
  expect(together.restsUntil).toBeLessThanOrEqual(1_100);
  const parted = [5, 1, 10].reduce<Health>((health, count, part) => healthAfter('e', health, many(count), 100 + part), well);
  expect(parted).toMatchObject({ failures: 16, rests: 1, restsUntil: together.restsUntil });
});

it('what was tried before a rest is over does not lengthen it, nor lets another begin before the post under way is answered', () => {
  const underWay = { ...resting, restsUntil: 15_060 };
  expect(healthAfter('e', resting, many(3, 49), 20)).toMatchObject({ ...resting, failures: 12 });
  expect(healthAfter('e', underWay, many(3, 49), 60)).toMatchObject({ ...underWay, failures: 12 });
  expect(healthAfter('e', underWay, many(1, 60), 70)).toMatchObject({ failures: 10, rests: 4 });
});

it('after five failures in a row the endpoint rests, for seconds at first and twice as long each time, ten minutes at the most', () => {
  let health: Health = { ...well, failures: FAILURES_BEFORE_REST - 1, failingSince: 0 };
  const rests = Array.from({ length: 30 }, () => {
    const now = health.restsUntil ?? 0;
    health = healthAfter('e', health, many(1, now), now);
    return (health.restsUntil ?? 0) - now;
  });
  expect(healthAfter('e', well, many(FAILURES_BEFORE_REST - 1), 0).restsUntil).toBeNull();
  for (const [count, rest] of rests.entries()) {
    const longest = Math.min(600_000, 1_000 * 2 ** count);
    expect(rest).toBeGreaterThanOrEqual(longest / 2);
    expect(rest).toBeLessThanOrEqual(longest);
  }
});
