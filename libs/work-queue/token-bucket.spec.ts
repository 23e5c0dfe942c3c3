import fc from 'fast-check';
import { InProcessTokenBucket } from './token-bucket';

/** A bucket whose clock the test moves, in whole microseconds as the real one. */
function bucketAt(startMicros: number) {
  let now = startMicros;
  return { bucket: new InProcessTokenBucket(() => now), pass: (micros: number) => (now += micros) };
}

describe('the in-process token bucket', () => {
  it.each([
    { perSecond: 100, burst: 100 },
    { perSecond: 3, burst: 3 },
    { perSecond: 2.5, burst: 2 },
    { perSecond: 0.5, burst: 1 },
  ])('at $perSecond a second begins with $burst and holds no more after an idle hour', async ({ perSecond, burst }) => {
    const { bucket, pass } = bucketAt(0);
    expect((await bucket.take('sms', 1_000, perSecond)).granted).toBe(burst);
    pass(3_600_000_000);
    expect((await bucket.take('sms', 1_000, perSecond)).granted).toBe(burst);
  });

  it.each([
    { perSecond: 10, retryInMs: 100 },
    { perSecond: 3, retryInMs: 334 },
    { perSecond: 0.5, retryInMs: 2_000 },
    { perSecond: 5_000, retryInMs: 1 },
  ])('an empty bucket at $perSecond a second names $retryInMs ms and keeps its word', async ({ perSecond, retryInMs }) => {
    const { bucket, pass } = bucketAt(77);
    await bucket.take('sms', 10_000, perSecond);
    expect(await bucket.take('sms', 1, perSecond)).toEqual({ granted: 0, retryInMs });
    pass(retryInMs * 1_000 + 1);
    expect((await bucket.take('sms', 1, perSecond)).granted).toBe(1);
  });

  it('a clock that is set back neither gives tokens nor withholds them for longer', async () => {
    const { bucket, pass } = bucketAt(10_000_000_000);
    await bucket.take('sms', 10, 10);
    pass(-5_000_000_000);
    expect(await bucket.take('sms', 10, 10)).toEqual({ granted: 0, retryInMs: 101 });
    pass(102_000);
    expect((await bucket.take('sms', 10, 10)).granted).toBe(1);
  });

  it('never grants more than rate × elapsed + burst, whatever is asked and when', async () => {
    const steps = fc.array(fc.record({ micros: fc.integer({ min: 0, max: 400_000 }), wanted: fc.integer({ min: 0, max: 60 }) }), {
      maxLength: 200,
    });
    const rates = fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 0.05, max: 50, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(rates, steps, async (perSecond, taken) => {
        const { bucket, pass } = bucketAt(123);
        let elapsed = 0;
        let granted = 0;
        for (const { micros, wanted } of taken) {
          pass(micros);
          elapsed += micros;
          granted += (await bucket.take('sms', wanted, perSecond)).granted;
          expect(granted).toBeLessThanOrEqual((elapsed * perSecond) / 1_000_000 + Math.max(1, perSecond) + 1e-6);
        }
      }),
    );
  });

  it('lets the whole rate through when it is asked often enough', async () => {
    const { bucket, pass } = bucketAt(0);
    let granted = 0;
    for (let step = 0; step < 10_000; step += 1, pass(1_000)) granted += (await bucket.take('sms', 50, 300)).granted;
    expect(granted).toBeGreaterThan(0.99 * 300 * 10);
    expect(granted).toBeLessThanOrEqual(300 * 10 + 300);
  });
});
