import { checkedJobsAtOnce, cutIntoJobs, laneOf, runJob } from './jobs';
import { QueueClosed, type Worker, type WorkQueue, type WorkQueueLog } from './work-queue';

interface Lane {
  readonly name: string;
  /** First in, first out. What waits here is gone with the process; the rows are not. */
  waiting: string[][];
  readonly atWork: Set<Promise<void>>;
  worker?: Worker;
  jobsAtOnce: number;
}

/** For one container: the same contract without Redis. Uses no timers. */
export class InProcessQueue implements WorkQueue {
  readonly adapter = 'in-process';
  readonly outOfReachSince = null;
  private readonly lanes: ReadonlyMap<string, Lane>;
  private closed = false;
  private finished = 0;

  constructor(
    lanes: readonly string[],
    private readonly log: WorkQueueLog,
  ) {
    this.lanes = new Map(lanes.map((name) => [name, { name, waiting: [], atWork: new Set(), jobsAtOnce: 0 }]));
  }

  get finishedJobs(): number {
    return this.finished;
  }

  async offer(laneName: string, ids: readonly string[]): Promise<void> {
    const lane = laneOf(this.lanes, laneName);
    if (this.closed) throw new QueueClosed();
    lane.waiting.push(...cutIntoJobs(ids));
    this.startWhatFits(lane);
  }

  work(laneName: string, worker: Worker, options: { jobsAtOnce: number }): void {
    const lane = laneOf(this.lanes, laneName);
    if (lane.worker !== undefined) throw new Error(`Lane "${laneName}" already has its worker`);
    lane.jobsAtOnce = checkedJobsAtOnce(laneName, options.jobsAtOnce);
    lane.worker = worker;
    this.startWhatFits(lane);
  }

  async waiting(laneName: string): Promise<number> {
    return laneOf(this.lanes, laneName).waiting.length;
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const lane of this.lanes.values()) lane.waiting = [];
    await Promise.all([...this.lanes.values()].flatMap((lane) => [...lane.atWork]));
  }

  private startWhatFits(lane: Lane): void {
    while (lane.worker !== undefined && lane.atWork.size < lane.jobsAtOnce) {
      const ids = lane.waiting.shift();
      if (ids === undefined) return;
      this.start(lane, lane.worker, ids);
    }
  }

  private start(lane: Lane, worker: Worker, ids: string[]): void {
    const job = this.run(lane.name, worker, ids).finally(() => {
      lane.atWork.delete(job);
      this.startWhatFits(lane);
    });
    lane.atWork.add(job);
  }

  private async run(lane: string, worker: Worker, ids: string[]): Promise<void> {
    // The worker must not run inside its caller's `offer`, which may still hold a transaction.
    await Promise.resolve();
    await runJob(lane, worker, ids, this.log);
    this.finished += 1;
  }
}
