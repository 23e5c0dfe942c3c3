import { type ChildProcess } from 'node:child_process';
import { nextMessage, type Started, startProgram } from './children';

/** What the load process is asked to do: posts of `batch` events each (1: the event itself). */
export interface LoadJob {
  readonly url: string;
  readonly key?: string;
  /** Makes ids new: no two jobs of one run share it. */
  readonly run: string;
  readonly batch: number;
  /** Requests in flight at the most, each on its own kept-alive connection. */
  readonly inFlight: number;
  readonly content: 'introductions' | 'payments failed' | 'payments captured' | 'carts updated' | 'baskets touched' | 'clicks';
  /** For clicks: the paths that are followed in turn. */
  readonly paths?: readonly string[];
  readonly until:
    | { readonly kind: 'seconds'; readonly seconds: number }
    | { readonly kind: 'events'; readonly events: number }
    /** Requests start on a timetable of their own, and latency counts from there: a stall is felt by all who would have come. */
    | { readonly kind: 'paced'; readonly perSecond: number; readonly seconds: number };
}

export interface LoadResult {
  /** Events with a 2xx. */
  readonly acknowledged: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Wall-clock milliseconds. */
  readonly firstPostAt: number;
  readonly lastAnswerAt: number;
}

/** The load generator, in a process of its own so that nothing here disturbs its clock. */
export class Load {
  private runs = 0;

  private constructor(private readonly child: ChildProcess) {}

  static async start(started: Started): Promise<Load> {
    const child = startProgram('load.process.js', started);
    await nextMessage(child);
    return new Load(child);
  }

  /** Rejects when anything but a 2xx comes back. */
  async run(job: Omit<LoadJob, 'run'>): Promise<LoadResult> {
    this.runs += 1;
    const answer = nextMessage<{ result: LoadResult } | { error: string }>(this.child, 120_000);
    this.child.send({ ...job, run: `${process.pid}x${this.runs}` } satisfies LoadJob);
    const message = await answer;
    if ('error' in message) throw new Error(`The load generator gave up: ${message.error}`);
    return message.result;
  }
}
