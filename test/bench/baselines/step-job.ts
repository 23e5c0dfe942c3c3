import { type ChildProcess } from 'node:child_process';
import { nextMessage, type Started, startProgram } from '../children';

export interface StepJobs {
  /** Jobs of runs `first` to `first + count - 1`. */
  readonly first: number;
  readonly count: number;
}

/** One delayed Bull job for each due step, and one SQL statement in each job: the timer most teams would build. */
export class StepJobWorker {
  private constructor(private readonly child: ChildProcess) {}

  static async start(databaseUrl: string, redisUrl: string, started: Started): Promise<StepJobWorker> {
    const child = startProgram('baselines/step-job.process.js', started, { args: [databaseUrl, redisUrl] });
    await nextMessage(child);
    return new StepJobWorker(child);
  }

  /** Adds the jobs ahead of time, which costs the baseline nothing. Gives the moment at which the last one was done. */
  async work(jobs: StepJobs): Promise<{ dueAt: number; doneAt: number }> {
    const answer = nextMessage<{ dueAt: number; doneAt: number }>(this.child, 60_000);
    this.child.send(jobs);
    return answer;
  }
}
