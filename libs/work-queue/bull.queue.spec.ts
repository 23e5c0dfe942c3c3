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

test('says what a lane reports once, however often it does, and that Redis refuses', () => {
  const [sms, push] = [new NeverClosing(), new NeverClosing()];
  const said: unknown[] = [];
  const lanes = new Map(Object.entries({ sms, push }).map(([name, lane]) => [name, lane as unknown as Queue<BullJobData>]));
  const queue = new BullQueue(lanes, noRedis(), (fact, { lane }) => said.push([fact, lane]));
  expect(queue.outOfReachSince).toBeNull();
  for (let times = 0; times < 100; times += 1)
    for (const { report } of [sms, push]) report?.(new Error("OOM command not allowed when used memory > 'maxmemory'."));
  expect(said).toEqual([
    ['Bull reports an error', 'sms'],
    ['Bull reports an error', 'push'],
  ]);
  expect(queue.outOfReachSince).toBeInstanceOf(Date);
});

/** Bull when its blocking connection has died under it. */
class NeverClosing {
  take?: (job: Job<BullJobData>) => Promise<void>;

  report?: (error: Error) => void;

  on(_event: 'error', report: (error: Error) => void): void {
    this.report = report;
  }

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
