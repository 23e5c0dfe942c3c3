/** Upper bounds in seconds of business time. */
export const LATENESS_BOUNDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60, 600] as const;

/** How late steps were taken up, since the process started: a histogram, as Prometheus counts one. */
export class Lateness {
  private readonly counts = LATENESS_BOUNDS.map(() => 0);
  private total = 0;
  private seconds = 0;

  add(seconds: number): void {
    const bound = LATENESS_BOUNDS.findIndex((one) => seconds <= one);
    if (bound >= 0) this.counts[bound] = (this.counts[bound] as number) + 1;
    this.total += 1;
    this.seconds += seconds;
  }

  /** `buckets`: for each bound, how many were no later. */
  figures(): { buckets: readonly (readonly [bound: number, count: number])[]; count: number; sum: number } {
    let below = 0;
    const buckets = LATENESS_BOUNDS.map((bound, index) => [bound, (below += this.counts[index] as number)] as const);
    return { buckets, count: this.total, sum: this.seconds };
  }
}
