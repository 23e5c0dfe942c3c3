import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { IDS_PER_JOB, QueueClosed, type TokenBucket, type WorkQueue, type WorkQueueLog } from './work-queue';

export interface QueueUnderTest {
  readonly queue: WorkQueue;
  readonly bucket: TokenBucket;
}
export type MakeQueue = (lanes: readonly string[], log: WorkQueueLog) => Promise<QueueUnderTest>;

/** What both adapters promise. What only Bull can promise stands in `test/work-queue`. */
export function describeWorkQueue(name: string, makeQueue: MakeQueue): void {
  describe(`the work queue, ${name}`, () => {
    const open: WorkQueue[] = [];
    const logged: { fact: string; lane?: string; error?: unknown }[] = [];

    async function queueWithLanes(...lanes: string[]): Promise<WorkQueue> {
      const { queue } = await makeQueue(lanes, (fact, details) => logged.push({ fact, ...details }));
      open.push(queue);
      return queue;
    }

    afterEach(async () => {
      await Promise.all(open.splice(0).map((queue) => queue.close()));
      logged.length = 0;
    });

    it('brings every id offered to a worker once when nothing fails', async () => {
      const queue = await queueWithLanes('sms');
      const seen: string[] = [];
      queue.work('sms', async (ids) => void seen.push(...ids), { jobsAtOnce: 3 });
      const offered = someIds(1_234);

      await Promise.all([queue.offer('sms', offered.slice(0, 700)), queue.offer('sms', offered.slice(700))]);

      await until(() => seen.length >= offered.length);
      await queue.close();
      expect([...seen].sort()).toEqual([...offered].sort());
    });

    it('works what was offered before anyone worked the lane', async () => {
      const queue = await queueWithLanes('sms');
      await queue.offer('sms', someIds(60));
      expect(await queue.waiting('sms')).toBe(2);

      const seen: string[] = [];
      queue.work('sms', async (ids) => void seen.push(...ids), { jobsAtOnce: 1 });

      await until(() => seen.length === 60);
      expect(await queue.waiting('sms')).toBe(0);
    });

    it('never puts more than 50 ids into a job', async () => {
      const queue = await queueWithLanes('sms');
      const sizes: number[] = [];
      queue.work('sms', async (ids) => void sizes.push(ids.length), { jobsAtOnce: 1 });

      await queue.offer('sms', someIds(2 * IDS_PER_JOB + 1));

      await until(() => sizes.length === 3);
      expect(sizes).toEqual([50, 50, 1]);
      await until(() => queue.finishedJobs === 3);
    });

    it('makes no job of an empty offer', async () => {
      const queue = await queueWithLanes('sms');
      await queue.offer('sms', []);
      expect(await queue.waiting('sms')).toBe(0);
    });

    it('works no more than jobsAtOnce jobs at a time, and no fewer', async () => {
      const queue = await queueWithLanes('sms');
      const gate = new Gate();
      queue.work('sms', () => gate.pass(), { jobsAtOnce: 3 });

      await queue.offer('sms', someIds(8 * IDS_PER_JOB));

      await until(() => gate.inside === 3);
      expect(await queue.waiting('sms')).toBe(5);
      gate.open();
      await until(() => queue.finishedJobs === 8);
      expect(gate.mostInside).toBe(3);
    });

    it('goes on after a worker that threw, and says which lane it was', async () => {
      const queue = await queueWithLanes('sms');
      const seen: string[] = [];
      const failure = new Error('no connection to the database');
      queue.work(
        'sms',
        async (ids) => {
          seen.push(...ids);
          if (ids.includes('bad')) throw failure;
        },
        { jobsAtOnce: 1 },
      );

      await queue.offer('sms', ['bad']);
      await queue.offer('sms', ['good']);

      await until(() => queue.finishedJobs === 2);
      expect(seen).toEqual(['bad', 'good']);
      expect(logged).toEqual([{ fact: expect.any(String), lane: 'sms', error: failure }]);
    });

    it('survives a worker that throws before its first await', async () => {
      const queue = await queueWithLanes('sms');
      const worker = (): Promise<void> => {
        throw new Error('not even a promise');
      };
      queue.work('sms', worker, { jobsAtOnce: 1 });

      await queue.offer('sms', ['a']);

      await until(() => queue.finishedJobs === 1);
      expect(logged).toHaveLength(1);
    });

    it('does not let a lane that hangs delay another', async () => {
      const queue = await queueWithLanes('whatsapp', 'sms');
      const gate = new Gate();
      const seen: string[] = [];
      queue.work('whatsapp', () => gate.pass(), { jobsAtOnce: 1 });
      queue.work('sms', async (ids) => void seen.push(...ids), { jobsAtOnce: 1 });
      await queue.offer('whatsapp', someIds(3 * IDS_PER_JOB));
      await until(() => gate.inside === 1);

      await queue.offer('sms', ['a']);

      await until(() => seen.length === 1);
      expect(gate.inside).toBe(1);
      gate.open();
    });

    it('waits for the jobs at work when it closes, and starts no other', async () => {
      const queue = await queueWithLanes('sms');
      const gate = new Gate();
      queue.work('sms', () => gate.pass(), { jobsAtOnce: 1 });
      await queue.offer('sms', someIds(3 * IDS_PER_JOB));
      await until(() => gate.inside === 1);

      let closed = false;
      const closing = queue.close().then(() => (closed = true));
      await pause(100); // The one place that has to give something time not to happen.
      expect(closed).toBe(false);
      gate.open();
      await closing;

      expect(queue.finishedJobs).toBe(1);
      expect(logged).toEqual([]);
    });

    it('takes nothing more once it closes', async () => {
      const queue = await queueWithLanes('sms');
      await queue.close();
      await expect(queue.offer('sms', ['a'])).rejects.toThrow(QueueClosed);
    });

    it('refuses a lane it was not made with, a second worker, and half a job at once', async () => {
      const queue = await queueWithLanes('sms');
      const worker = async (): Promise<void> => undefined;
      await expect(queue.offer('smss', ['a'])).rejects.toThrow('"smss"');
      await expect(queue.waiting('smss')).rejects.toThrow('"smss"');
      expect(() => queue.work('smss', worker, { jobsAtOnce: 1 })).toThrow('"smss"');
      expect(() => queue.work('sms', worker, { jobsAtOnce: 0.5 })).toThrow('jobsAtOnce');
      queue.work('sms', worker, { jobsAtOnce: 1 });
      expect(() => queue.work('sms', worker, { jobsAtOnce: 1 })).toThrow('already');
    });
  });

  describe(`the token bucket beside the work queue, ${name}`, () => {
    const open: WorkQueue[] = [];

    async function bucket(): Promise<TokenBucket> {
      const made = await makeQueue(['sms', 'push'], () => undefined);
      open.push(made.queue);
      return made.bucket;
    }

    afterEach(async () => {
      await Promise.all(open.splice(0).map((queue) => queue.close()));
    });

    it('begins with one second of its rate and then says how long until a token is there', async () => {
      const tokens = await bucket();
      expect(await tokens.take('sms', 7, 10)).toEqual({ granted: 7, retryInMs: 0 });
      const rest = await tokens.take('sms', 7, 10);
      expect(rest.granted).toBeGreaterThanOrEqual(3);
      const none = await tokens.take('sms', 7, 0.01);
      expect(none.granted).toBe(0);
      expect(none.retryInMs).toBeGreaterThan(90_000);
      expect(none.retryInMs).toBeLessThanOrEqual(100_000);
    });

    it('serves each key once, says for how long the others wait, and keeps keys and lanes apart', async () => {
      const tokens = await bucket();
      const [first, twice, other] = await tokens.takeEach('sms', ['asha', 'asha', 'ravi'], 60_000);
      expect([first, other]).toEqual([0, 0]);
      expect(twice).toBeGreaterThan(30_000);
      expect(twice).toBeLessThanOrEqual(60_000);
      expect(await tokens.takeEach('push', ['asha'], 60_000)).toEqual([0]);
      const [again, third] = await tokens.takeEach('sms', ['ravi', 'meera'], 60_000);
      expect([(again as number) > 30_000, third]).toEqual([true, 0]);
    });

    it('serves a key again when it said so', async () => {
      const tokens = await bucket();
      const take = async () => (await tokens.takeEach('sms', ['asha'], 50))[0] as number;
      let wait = 0;
      while (wait === 0) wait = await take();
      await pause(wait + 2); // Node's timers may be a millisecond early.
      expect(await take()).toBe(0);
    });

    it('holds one token at the least, however slow the rate', async () => {
      const tokens = await bucket();
      expect((await tokens.take('sms', 5, 0.1)).granted).toBe(1);
      expect((await tokens.take('sms', 5, 0.1)).granted).toBe(0);
    });

    it('keeps lanes apart', async () => {
      const tokens = await bucket();
      await tokens.take('sms', 1, 0.01);
      expect((await tokens.take('push', 1, 0.01)).granted).toBe(1);
    });

    it('has a token there when it said so', async () => {
      const tokens = await bucket();
      await tokens.take('sms', 20, 20);
      let none = await tokens.take('sms', 1, 20);
      while (none.granted > 0) none = await tokens.take('sms', 1, 20);
      await pause(none.retryInMs + 2); // Node's timers may be a millisecond early.
      expect((await tokens.take('sms', 1, 20)).granted).toBe(1);
    });

    it('is slowed to half, once for all calls that were open together or had their tokens already', async () => {
      const tokens = await bucket();
      expect(await tokens.paceOf('sms', 80)).toBe(80);
      expect(await tokens.slowDown('sms', 80, 0)).toBe(40);
      const said = [0, 1_000, 60_000].map((startedMsAgo) => tokens.slowDown('sms', 80, startedMsAgo));
      expect(await Promise.all(said)).toEqual([null, null, null]);
      expect(await tokens.paceOf('sms', 80)).toBeCloseTo(40, 0);
      expect(await tokens.paceOf('push', 80)).toBe(80);
      await expect(tokens.slowDown('sms', 0, 0)).rejects.toThrow('"sms"');
    });

    it('grants at the slower rate', async () => {
      const tokens = await bucket();
      await tokens.slowDown('sms', 10, 0);
      expect((await tokens.take('sms', 10, 10)).granted).toBe(5);
      const { granted, retryInMs } = await tokens.take('sms', 1, 10);
      expect(granted).toBe(0);
      expect(retryInMs).toBeGreaterThan(120);
    });

    it('gives nothing to who wants nothing, and refuses a rate that is none', async () => {
      const tokens = await bucket();
      expect(await tokens.take('sms', 0, 10)).toEqual({ granted: 0, retryInMs: 0 });
      await expect(tokens.take('sms', 1, 0)).rejects.toThrow('"sms"');
      await expect(tokens.take('sms', 1, Number.NaN)).rejects.toThrow('"sms"');
    });
  });
}

export function someIds(count: number): string[] {
  return Array.from({ length: count }, (_nothing, index) => `message-${index}`);
}

/** Polls: what is awaited happens in other turns, or in another process. */
export async function until(condition: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<void> {
  for (const deadline = Date.now() + withinMs; !(await condition()); await pause(5)) {
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${condition.toString()}`);
  }
}

/** Holds workers until it is opened and counts who is inside. */
export class Gate {
  inside = 0;
  mostInside = 0;
  open!: () => void;
  private readonly opened = new Promise<void>((resolve) => (this.open = resolve));

  async pass(): Promise<void> {
    this.inside += 1;
    this.mostInside = Math.max(this.mostInside, this.inside);
    await this.opened;
    this.inside -= 1;
  }
}
