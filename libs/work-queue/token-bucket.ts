import { performance } from 'node:perf_hooks';
import { paceOf, slow, type Slowed } from './pace';
import { type Grant, type TokenBucket } from './work-queue';

/** For one container. Real time, never business time: the vendor's limit knows nothing of a scaled clock. */
export class InProcessTokenBucket implements TokenBucket {
  private readonly emptyAtMicros = new Map<string, number>();
  private readonly slowed = new Map<string, Slowed>();
  /** By lane, when each key is free again, in microseconds; the first to be free stands first. */
  private readonly freeAtMicros = new Map<string, Map<string, number>>();

  constructor(private readonly nowMicros: () => number = monotonicMicros) {}

  async take(lane: string, wanted: number, perSecond: number): Promise<Grant> {
    checkRate(lane, perSecond);
    const now = this.nowMicros();
    const pace = paceOf(this.slowed.get(lane), perSecond, now);
    const { emptyAtMicros, grant } = draw(this.emptyAtMicros.get(lane), now, wanted, pace);
    this.emptyAtMicros.set(lane, emptyAtMicros);
    return grant;
  }

  async slowDown(lane: string, perSecond: number, startedMsAgo: number): Promise<number | null> {
    checkRate(lane, perSecond);
    const slowed = slow(this.slowed.get(lane), perSecond, this.nowMicros(), startedMsAgo * 1_000);
    if (slowed === null) return null;
    this.slowed.set(lane, slowed);
    return slowed.perSecond;
  }

  async paceOf(lane: string, perSecond: number): Promise<number> {
    return paceOf(this.slowed.get(lane), perSecond, this.nowMicros());
  }

  async takeEach(lane: string, keys: readonly string[], everyMs: number): Promise<readonly number[]> {
    const now = this.nowMicros();
    const freeAt = this.freeAtMicros.get(lane) ?? new Map<string, number>();
    this.freeAtMicros.set(lane, freeAt);
    // Those that are free say nothing that nobody would not say.
    for (const [key, at] of freeAt) {
      if (at > now) break;
      freeAt.delete(key);
    }
    return keys.map((key) => {
      const at = freeAt.get(key);
      if (at !== undefined && at > now) return Math.max(1, Math.ceil((at - now) / 1_000));
      freeAt.delete(key);
      freeAt.set(key, now + everyMs * 1_000);
      return 0;
    });
  }
}

/**
 * The arithmetic of a bucket. Its whole state is the moment at which it was empty: what has come in since then is the time passed
 * times the rate. Whole microseconds and rounding against the taker, so that a long run never exceeds the rate.
 * `redis-token-bucket.ts` says the same in Lua; one suite runs on both.
 */
export function draw(
  emptyAtMicros: number | undefined,
  nowMicros: number,
  wanted: number,
  perSecond: number,
): { emptyAtMicros: number; grant: Grant } {
  const oneToken = 1_000_000 / perSecond;
  const fullAfter = Math.ceil(Math.max(1_000_000, oneToken));
  // A moment ahead of now comes from a clock that was set back: then the bucket is empty, not owing.
  const emptyAt = Math.min(Math.max(emptyAtMicros ?? -Infinity, nowMicros - fullAfter), nowMicros + 1);
  const inBucket = Math.floor(((nowMicros - emptyAt) * perSecond) / 1_000_000);
  const granted = Math.max(0, Math.min(Math.floor(wanted), inBucket));
  const missing = Math.max(1, Math.ceil((oneToken - (nowMicros - emptyAt)) / 1_000));
  return {
    emptyAtMicros: emptyAt + Math.ceil(granted * oneToken),
    grant: { granted, retryInMs: granted > 0 || wanted < 1 ? 0 : missing },
  };
}

export function checkRate(lane: string, perSecond: number): void {
  if (!(perSecond > 0 && Number.isFinite(perSecond)))
    throw new RangeError(`The rate of lane "${lane}" is ${perSecond} per second`);
}

function monotonicMicros(): number {
  return Math.floor(performance.now() * 1_000);
}
