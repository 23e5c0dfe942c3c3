/** A bucket of so many tokens; one comes back every `everyMs`. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  constructor(
    private readonly burst: number,
    private readonly everyMs: number,
    now: number,
  ) {
    this.tokens = burst;
    this.filledAt = now;
  }

  take(now: number): boolean {
    this.refill(now);
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  isFull(now: number): boolean {
    this.refill(now);
    return this.tokens >= this.burst;
  }

  private refill(now: number): void {
    this.tokens = Math.min(this.burst, this.tokens + (now - this.filledAt) / this.everyMs);
    this.filledAt = now;
  }
}

/** A second's worth at once, then steadily; null for no limit. */
export const bucketOf = (ratePerSecond: number): TokenBucket | null =>
  ratePerSecond > 0 ? new TokenBucket(ratePerSecond, 1_000 / ratePerSecond, Date.now()) : null;

const SWEEP_AT = 50_000;

/** A bucket for each key; full ones are forgotten, they say nothing that a new one would not. */
export class BucketByKey {
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(
    private readonly burst: number,
    private readonly everyMs: number,
  ) {}

  take(key: string, now: number): boolean {
    let bucket = this.buckets.get(key);
    if (!bucket) {
      if (this.buckets.size >= SWEEP_AT) this.sweep(now);
      bucket = new TokenBucket(this.burst, this.everyMs, now);
      this.buckets.set(key, bucket);
    }
    return bucket.take(now);
  }

  private sweep(now: number): void {
    for (const [key, bucket] of this.buckets) if (bucket.isFull(now)) this.buckets.delete(key);
  }
}
