import { randomUUID } from 'node:crypto';
import { setTimeout as rest } from 'node:timers/promises';
import { type Job, type JobOptions, type Queue, type QueueOptions } from 'bull';
import { checkedJobsAtOnce, cutIntoJobs, laneOf, runJob } from './jobs';
import { type RedisConnections } from './redis-connections';
import { QueueClosed, type Worker, type WorkQueue, type WorkQueueLog } from './work-queue';

/** How long Bull may take to close once no job is at work. */
const CLOSED_WITHIN_MS = 2_000;
/** One error of one lane is said so often. */
const REPORTED_EVERY_MS = 60_000;
const MOST_REPORTED = 100;

export interface BullJobData {
  readonly ids: readonly string[];
}

/** How every lane's Bull queue is set up. No limiter and no delays: both live elsewhere, see the README of this folder. */
export function bullOptions(connections: RedisConnections): QueueOptions {
  return {
    prefix: 'wapas:lane',
    createClient: connections.open,
    // The row knows what became of its message; a list of finished jobs in Redis would only grow.
    defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
    settings: {
      // The lock is renewed while the process lives, so 30 s is the time until another container takes over from a dead one.
      lockDuration: 30_000,
      stalledInterval: 30_000,
      // Once more, then drop: the second run is harmless because the rows decide, the third would kill a third container.
      maxStalledCount: 1,
      // Polls for delayed jobs, of which there are none.
      guardInterval: 60_000,
      // How long a worker rests after Redis lost its job (FLUSHALL, restart). The default of 5 s would be felt as lateness.
      retryProcessDelay: 250,
    },
  };
}

/** One Bull queue per lane, so that a lane that hangs holds up nobody else. */
export class BullQueue implements WorkQueue {
  readonly adapter = 'bull';
  private readonly worked = new Set<string>();
  private readonly atWork = new Set<Promise<void>>();
  private readonly reportedAt = new Map<string, number>();
  private finished = 0;
  private closing?: Promise<void>;

  constructor(
    private readonly lanes: ReadonlyMap<string, Queue<BullJobData>>,
    private readonly connections: RedisConnections,
    private readonly log: WorkQueueLog,
  ) {
    for (const [lane, queue] of lanes) {
      queue.on('error', (error) => this.reportError(lane, error));
      leaveConnectionUnnamed(queue);
    }
  }

  get finishedJobs(): number {
    return this.finished;
  }

  get outOfReachSince(): Date | null {
    return this.connections.outOfReachSince;
  }

  async offer(lane: string, ids: readonly string[]): Promise<void> {
    const queue = laneOf(this.lanes, lane);
    if (this.closing !== undefined) throw new QueueClosed();
    const jobs = cutIntoJobs(ids).map(toBullJob);
    if (jobs.length === 0) return;
    await this.connections.run(() => addAll(queue, jobs));
    this.connections.noteAcceptance();
  }

  work(lane: string, worker: Worker, options: { jobsAtOnce: number }): void {
    const queue = laneOf(this.lanes, lane);
    if (this.worked.has(lane)) throw new Error(`Lane "${lane}" already has its worker`);
    const jobsAtOnce = checkedJobsAtOnce(lane, options.jobsAtOnce);
    this.worked.add(lane);
    // Settles when the queue closes; until then it waits for Redis for as long as it takes.
    queue.process(jobsAtOnce, (job) => this.run(lane, worker, job)).catch((error: unknown) => this.reportError(lane, error));
  }

  async waiting(lane: string): Promise<number> {
    const queue = laneOf(this.lanes, lane);
    return this.connections.run(() => queue.getWaitingCount());
  }

  close(): Promise<void> {
    this.closing ??= this.drain();
    return this.closing;
  }

  private async run(lane: string, worker: Worker, job: Job<BullJobData>): Promise<void> {
    // Bull never sees a failure: it would write the stack trace to Redis, for a job that is removed in the next moment.
    const working = runJob(lane, worker, job.data.ids, this.log);
    this.atWork.add(working);
    await working;
    this.atWork.delete(working);
    this.finished += 1;
  }

  private async drain(): Promise<void> {
    // Bull marks its queue as closing before it waits, so what stopTaking interrupts is taken for the end, not for an error.
    const closed = Promise.all([...this.lanes.values()].map((queue) => queue.close()));
    this.connections.stopTaking();
    const over = new AbortController();
    await Promise.race([closed, this.longAtRest(over.signal)]).finally(() => over.abort());
    await this.connections.close();
  }

  /**
   * Bull has been seen to wait for ever for a blocking connection whose Redis went away while the queue closed. It has no job to wait for
   * then: none is taken any more, and those at work have ended.
   */
  private async longAtRest(signal: AbortSignal): Promise<void> {
    await Promise.all(this.atWork);
    await rest(CLOSED_WITHIN_MS, undefined, { signal });
  }

  /**
   * Each lane repeats every error of its connections; that Redis is away is said once, by the connections. A Redis that is out of memory
   * refuses a hundred times a second.
   */
  private reportError(lane: string, error: unknown): void {
    if (this.closing !== undefined || !this.connections.isWhole || isLoss(error)) return;
    this.connections.noteRefusal(error);
    const what = `${lane}: ${error instanceof Error ? error.message : String(error)}`;
    if (performance.now() - (this.reportedAt.get(what) ?? Number.NEGATIVE_INFINITY) < REPORTED_EVERY_MS) return;
    if (this.reportedAt.size >= MOST_REPORTED) this.reportedAt.clear();
    this.reportedAt.set(what, performance.now());
    this.log('Bull reports an error', { lane, error });
  }
}

/** The system says that a connection is lost before the connection counts as closed. */
const isLoss = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

/**
 * `process` names the blocking connection and lets the failure of that escape as an unhandled rejection, which ends the process:
 * seen when the queue closed before Redis was there. Our connections bear a name already.
 */
function leaveConnectionUnnamed(queue: Queue<BullJobData>): void {
  Object.assign(queue, { setWorkerName: () => Promise.resolve() });
}

interface NewBullJob {
  readonly data: BullJobData;
  readonly opts: JobOptions;
}

/** Bull's own ids start from 1 again after a FLUSHALL and would meet jobs that are still at work under the same number. */
function toBullJob(ids: readonly string[]): NewBullJob {
  return { data: { ids }, opts: { jobId: randomUUID() } };
}

/**
 * Bull reports a bulk as added whatever became of the single jobs; those that were not have no id. They are added again one by
 * one, which brings back a script that Redis has forgotten (inside the bulk's transaction it stays forgotten) and rejects otherwise.
 */
async function addAll(queue: Queue<BullJobData>, jobs: readonly NewBullJob[]): Promise<void> {
  const added = await queue.addBulk([...jobs]);
  const missing = jobs.filter((_job, index) => !added[index]?.id);
  await Promise.all(missing.map((job) => queue.add(job.data, job.opts)));
}
