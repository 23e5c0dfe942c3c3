import { IDS_PER_JOB, type Worker, type WorkQueue } from '@wapas/work-queue';
import { type Random } from './random';
import { type Process, type Timeline } from './timeline';

interface Place {
  readonly process: Process;
  readonly worker: Worker;
  free: number;
}

/** What may become of a job on its way through Redis. */
export type JobFate = 'arrives' | 'lost' | 'twice' | 'overtaken' | 'refused';

/**
 * The work queue between containers, as little of a promise as its contract: jobs may be lost, come twice and overtake each
 * other, Redis may refuse or forget everything. What it carries only wakes.
 */
export class SharedQueue {
  private readonly waiting = new Map<string, (readonly string[])[]>();
  private readonly places = new Map<string, Place[]>();

  constructor(
    private readonly timeline: Timeline,
    private readonly random: Random,
    private readonly fateOf: () => JobFate,
    private readonly onTrouble: (fact: string, error: unknown) => void,
  ) {}

  /** Redis forgets. */
  flush(): void {
    this.waiting.clear();
  }

  /** A process and its jobs are gone. */
  forget(process: Process): void {
    for (const [lane, places] of this.places)
      this.places.set(
        lane,
        places.filter((place) => place.process !== process),
      );
  }

  /** The queue as one process sees it. */
  for(process: Process): WorkQueue {
    const answer = <T>(give: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        this.timeline.in(this.random.between(0.1, 2), process, 'redis', () => {
          try {
            resolve(give());
          } catch (error) {
            reject(error instanceof Error ? error : new Error('Redis failed'));
          }
        });
      });
    return {
      adapter: 'bull',
      outOfReachSince: null,
      finishedJobs: 0,
      offer: (lane, ids) => answer(() => this.offer(lane, ids)),
      work: (lane, worker, { jobsAtOnce }) => this.work(lane, { process, worker, free: jobsAtOnce }),
      waiting: (lane) => answer(() => this.lane(lane).length),
      close: async () => undefined,
    };
  }

  private offer(lane: string, ids: readonly string[]): void {
    for (let from = 0; from < ids.length; from += IDS_PER_JOB) this.queue(lane, ids.slice(from, from + IDS_PER_JOB));
    this.startWhatFits(lane);
  }

  private queue(lane: string, job: readonly string[]): void {
    switch (this.fateOf()) {
      case 'refused':
        throw new Error('Redis is out of reach');
      case 'lost':
        return;
      case 'twice':
        this.lane(lane).push(job, job);
        return;
      case 'overtaken':
        this.lane(lane).unshift(job);
        return;
      case 'arrives':
        this.lane(lane).push(job);
    }
  }

  private work(lane: string, place: Place): void {
    this.places.set(lane, [...(this.places.get(lane) ?? []), place]);
    this.startWhatFits(lane);
  }

  private startWhatFits(lane: string): void {
    const places = this.places.get(lane) ?? [];
    for (;;) {
      const free = places.filter((place) => place.free > 0 && place.process.alive);
      if (free.length === 0 || this.lane(lane).length === 0) return;
      const place = this.random.pick(free);
      const job = this.lane(lane).shift() as readonly string[];
      place.free -= 1;
      this.timeline.in(this.random.between(0.1, 3), place.process, 'job', () => {
        void place
          .worker(job)
          .catch((error: unknown) => this.onTrouble('a worker failed', error)) // Its rows are offered again by whoever owns them.
          .then(() => {
            place.free += 1;
            this.startWhatFits(lane);
          });
      });
    }
  }

  private lane(lane: string): (readonly string[])[] {
    const jobs = this.waiting.get(lane) ?? [];
    this.waiting.set(lane, jobs);
    return jobs;
  }
}
