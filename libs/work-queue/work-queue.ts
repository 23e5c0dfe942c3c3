/**
 * Carries ids of waiting work between the place that made them and the workers of one or several containers.
 * The row in Postgres decides; what travels here only wakes. Losing all of it loses time, never work.
 */
export interface WorkQueue {
  readonly adapter: 'in-process' | 'bull';

  /** Puts ids on a lane, cut into jobs of at most `IDS_PER_JOB`. Resolves once they are queued; rejects when the queue is out of reach. */
  offer(lane: string, ids: readonly string[]): Promise<void>;

  /**
   * Works a lane with up to `jobsAtOnce` jobs at the same time in this process. Call once per lane.
   * A worker that throws is logged and its job dropped: the rows are offered again by whoever owns them.
   */
  work(lane: string, worker: (ids: readonly string[]) => Promise<void>, options: { jobsAtOnce: number }): void;

  /** Jobs waiting on a lane, over all containers. */
  waiting(lane: string): Promise<number>;

  /** Jobs that this process has finished since it started, over all lanes. */
  readonly finishedJobs: number;

  /** Stops taking jobs, waits for those at work, lets go of connections. */
  close(): Promise<void>;
}

/** A job of about this many ids wakes once for all of them (one Bull job an id cost twice as much per message when measured). */
export const IDS_PER_JOB = 50;

/** A rate shared by every container that sends through the same account. */
export interface TokenBucket {
  /**
   * Takes up to `wanted` tokens of a lane whose rate is `perSecond` (burst: one second's worth, at least 1).
   * Gives how many it got and, when that is none, the milliseconds until one is there.
   */
  take(lane: string, wanted: number, perSecond: number): Promise<{ granted: number; retryInMs: number }>;
}
