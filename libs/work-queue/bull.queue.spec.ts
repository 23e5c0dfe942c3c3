import { type Job, type Queue } from 'bull';
import { type BullJobData, BullQueue } from './bull.queue';
import { RedisConnections } from './redis-connections';

test('closes although Bull never does, once no job is at work', async () => {
  const lane = new NeverClosing();
  const queue = new BullQueue(new Map([['sms', lane as unknown as Queue<BullJobData>]]), noRedis(), () => undefined);
  let finish: () => void = () => undefined;
  queue.work('sms', () => new Promise<void>((resolve) => (finish = resolve)), { jobsAtOnce: 1 });
  const job = lane.take?.({ data: { ids: ['a'] } } as unknown as Job<BullJobData>);
  const closing = queue.close().then(() => 'closed');
  expect(await Promise.race([closing, afterManyTurns()])).toBe('open');
  finish();
  await job;
  expect(await closing).toBe('closed');
  expect(queue.finishedJobs).toBe(1);
});

/** Bull when its blocking connection has died under it. */
class NeverClosing {
  take?: (job: Job<BullJobData>) => Promise<void>;

  on(): void {}

  process(_jobsAtOnce: number, take: (job: Job<BullJobData>) => Promise<void>): Promise<void> {
    this.take = take;
    return new Promise(() => undefined);
  }

  close(): Promise<void> {
    return new Promise(() => undefined);
  }
}

/** Opens nothing before somebody asks. */
const noRedis = (): RedisConnections => new RedisConnections('redis://127.0.0.1:1', () => undefined);

async function afterManyTurns(): Promise<string> {
  for (let turn = 0; turn < 1_000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return 'open';
}
