/**
 * Carries ids of waiting work between the place that made them and the workers of one or several containers.
 * The row in Postgres decides; what travels here only wakes. Losing all of it loses time, never work.
 * Lanes are named when the queue is made; a lane that was not named then is a bug and is refused by every method.
 */
export interface WorkQueue {
  readonly adapter: 'in-process' | 'bull';

  /**
   * Puts ids on a lane, cut into jobs of at most `IDS_PER_JOB`. Resolves once they are queued; rejects when the queue is out of
   * reach (within `REPLY_WITHIN_MS`) or, with `QueueClosed`, when it is closed. After a rejection some of the ids may have been queued all the same.
   */
  offer(lane: string, ids: readonly string[]): Promise<void>;

  /**
   * Works a lane with up to `jobsAtOnce` jobs at the same time in this process. Call once per lane.
   * A worker that throws is logged and its job dropped: the rows are offered again by whoever owns them.
   * The same ids may come twice (a container died over them, Redis restarted): the worker asks the rows.
   */
  work(lane: string, worker: Worker, options: { jobsAtOnce: number }): void;

  /** Jobs waiting on a lane, over all containers. Rejects like `offer` when the queue is out of reach. */
  waiting(lane: string): Promise<number>;

  /** Jobs that this process has finished since it started, over all lanes; those whose worker threw are among them. */
  readonly finishedJobs: number;

  /** Since when what carries the ids cannot be reached from here, or refuses them, real time; null: neither. Nothing is worked meanwhile, and no id is lost with it. */
  readonly outOfReachSince: Date | null;

  /** Stops taking jobs, waits for those at work, lets go of connections. Repeating it waits for the same end. */
  close(): Promise<void>;
}

/** The process is ending: what was to be offered is offered by another container, or after the next start. */
export class QueueClosed extends Error {
  constructor() {
    super('The work queue is closed');
  }
}

export type Worker = (ids: readonly string[]) => Promise<void>;

/** A job of about this many ids wakes once for all of them (one Bull job an id cost twice as much per message when measured). */
export const IDS_PER_JOB = 50;

/** A queue that has not answered by then is out of reach: callers hold claimed rows, and those have leases. */
export const REPLY_WITHIN_MS = 2_000;

/** A rate shared by every container that sends through the same account. */
export interface TokenBucket {
  /**
   * Takes up to `wanted` tokens of a lane whose rate is `perSecond`, or less while it is slowed (burst: one second's worth, at least 1).
   * Gives how many it got and, when that is none, the milliseconds until one is there.
   * Never throws for want of Redis: when nobody can be asked, nothing is granted.
   */
  take(lane: string, wanted: number, perSecond: number): Promise<Grant>;

  /**
   * A call of this lane was refused as too much: it goes on at half its present rate and climbs back by itself, a tenth of `perSecond` a
   * minute. `startedMsAgo`: when the call began; one that began before the last slowing, or within two seconds of it, says nothing new. Gives the rate it goes on at, or null when nothing changed. Never throws for want of Redis: then nothing changes.
   */
  slowDown(lane: string, perSecond: number, startedMsAgo: number): Promise<number | null>;

  /** The rate of a lane at present; `perSecond` when it was not slowed, or when nobody can be asked. */
  paceOf(lane: string, perSecond: number): Promise<number>;

  /**
   * One for each of these keys of a lane, of which each is served once in `everyMs`. Gives, in their order, 0 for a key that was
   * free and is taken now, and for the others the milliseconds until they are free. A key that comes twice is served once.
   * Never throws for want of Redis: when nobody can be asked, nobody is served.
   */
  takeEach(lane: string, keys: readonly string[], everyMs: number): Promise<readonly number[]>;
}

export interface Grant {
  readonly granted: number;
  /** 0 when something was granted. */
  readonly retryInMs: number;
}

/** Where the queue reports what nobody awaits: a worker that threw, Redis going away and coming back. */
export type WorkQueueLog = (fact: string, details: { readonly lane?: string; readonly error?: unknown }) => void;
