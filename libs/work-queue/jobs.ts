import { inSlices } from '@wapas/kernel';
import { IDS_PER_JOB, type Worker, type WorkQueueLog } from './work-queue';

export const cutIntoJobs = (ids: readonly string[]): string[][] => inSlices(ids, IDS_PER_JOB);

/** Never rejects: a job that failed is over, and its rows are offered again by whoever owns them. */
export async function runJob(lane: string, worker: Worker, ids: readonly string[], log: WorkQueueLog): Promise<void> {
  try {
    await worker(ids);
  } catch (error) {
    log('A worker failed; its rows will be offered again', { lane, error });
  }
}

/** Refuses what can only be a mistake in the code that calls `work`. */
export function checkedJobsAtOnce(lane: string, jobsAtOnce: number): number {
  if (Number.isInteger(jobsAtOnce) && jobsAtOnce >= 1) return jobsAtOnce;
  throw new RangeError(`jobsAtOnce of lane "${lane}" is ${jobsAtOnce}; it must be a whole number from 1`);
}

export function laneOf<Lane>(lanes: ReadonlyMap<string, Lane>, name: string): Lane {
  const lane = lanes.get(name);
  if (lane !== undefined) return lane;
  throw new Error(`Lane "${name}" is not among those this work queue was made with: ${[...lanes.keys()].join(', ')}`);
}
