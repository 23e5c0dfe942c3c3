import { setTimeout as pause } from 'node:timers/promises';
import { type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { redisForTests, redisIsAvailable, type TestRedis } from '@wapas/testing/redis';
import { RedisConnections } from '@wapas/work-queue/redis-connections';
import { REPLY_WITHIN_MS, TOKEN_BUCKET, type TokenBucket, WORK_QUEUE, type WorkQueue, WorkQueueModule } from '@wapas/work-queue';
import { describeWorkQueue, Gate, type MakeQueue, someIds, until } from '@wapas/work-queue/work-queue.contract';

/** Nobody listens here: the port is privileged, and no one else's test can come to own it. */
const NO_REDIS = 'redis://127.0.0.1:1';

(redisIsAvailable() ? describe : describe.skip)('on Redis', () => {
  let redis: TestRedis;
  const containers: INestApplicationContext[] = [];

  beforeAll(async () => {
    const started = await redisForTests();
    if (started === null) throw new Error('Redis was there a moment ago');
    redis = started;
  });

  afterAll(() => redis?.stop());

  afterEach(async () => {
    await Promise.all(containers.splice(0).map((container) => container.close()));
    await redis.flushAll();
  });

  const makeQueue: MakeQueue = (lanes, log) => startContainer(redis.url, lanes, log);

  async function startContainer(...[redisUrl, lanes, log]: [string, ...Parameters<MakeQueue>]) {
    const module = WorkQueueModule.forRoot({ redisUrl, lanes, log });
    const container = await NestFactory.createApplicationContext(module, { logger: false });
    containers.push(container);
    return { queue: container.get<WorkQueue>(WORK_QUEUE), bucket: container.get<TokenBucket>(TOKEN_BUCKET) };
  }

  describeWorkQueue('Bull', makeQueue);

  describe('the work queue over several containers', () => {
    it('shares the work: every id once, and both containers take part', async () => {
      const containersAtWork = [await makeQueue(['sms'], ignore), await makeQueue(['sms'], ignore)];
      const seen: string[][] = [[], []];
      const gate = new Gate();
      containersAtWork.forEach(({ queue }, index) => {
        const worker = async (ids: readonly string[]): Promise<void> => {
          seen[index]?.push(...ids);
          await gate.pass();
        };
        queue.work('sms', worker, { jobsAtOnce: 2 });
      });

      await containersAtWork[0]?.queue.offer('sms', someIds(500));
      await until(() => gate.inside === 4);
      gate.open();

      await until(() => seen.flat().length >= 500);
      expect([...seen.flat()].sort()).toEqual([...someIds(500)].sort());
      expect(seen[0]).not.toHaveLength(0);
      expect(seen[1]).not.toHaveLength(0);
    });

    it('leaves what waits to the others when one closes', async () => {
      const leaving = await makeQueue(['sms'], ignore);
      const staying = await makeQueue(['sms'], ignore);
      const gate = new Gate();
      leaving.queue.work('sms', () => gate.pass(), { jobsAtOnce: 1 });
      await leaving.queue.offer('sms', someIds(500));
      await until(() => gate.inside === 1);

      const closing = leaving.queue.close();
      gate.open();
      await closing;
      staying.queue.work('sms', async () => undefined, { jobsAtOnce: 1 });

      await until(() => staying.queue.finishedJobs === 9);
      expect(leaving.queue.finishedJobs).toBe(1);
    });

    it('keeps nothing in Redis of jobs that are done, and every key under its prefix', async () => {
      const { queue, bucket } = await makeQueue(['sms'], ignore);
      await bucket.take('sms', 1, 1);
      queue.work('sms', async () => Promise.reject(new Error('fails')), { jobsAtOnce: 2 });
      await queue.offer('sms', someIds(500));
      await until(() => queue.finishedJobs === 10);
      await queue.close();

      const keys = await ask(redis.url, (client) => client.keys('*'));
      expect(keys.filter((key) => !key.startsWith('wapas:'))).toEqual([]);
      expect(keys.filter((key) => /:[0-9a-f-]{36}|completed|failed/.test(key))).toEqual([]);
    });
  });

  describe('the work queue when Redis fails', () => {
    it('works what is offered after a FLUSHALL, with jobs at work and jobs waiting while it happened', async () => {
      const { queue } = await makeQueue(['sms'], ignore);
      const gate = new Gate();
      const seen: string[] = [];
      const worker = async (ids: readonly string[]): Promise<void> => {
        seen.push(...ids);
        await gate.pass();
      };
      queue.work('sms', worker, { jobsAtOnce: 2 });
      await queue.offer('sms', someIds(300));
      await until(() => gate.inside === 2);

      await redis.flushAll();
      gate.open();
      await queue.offer('sms', ['after']);

      await until(() => seen.includes('after'), 3_000);
    });

    it('works what is offered after a FLUSHALL of an idle queue', async () => {
      const { queue } = await makeQueue(['sms'], ignore);
      queue.work('sms', async () => undefined, { jobsAtOnce: 2 });
      await queue.offer('sms', ['before']);
      await until(() => queue.finishedJobs === 1);

      await redis.flushAll();
      await queue.offer('sms', ['after']);

      await until(() => queue.finishedJobs === 2, 3_000);
    });

    it('goes on when Redis forgets its scripts', async () => {
      const { queue, bucket } = await makeQueue(['sms'], ignore);
      queue.work('sms', async () => undefined, { jobsAtOnce: 2 });
      await queue.offer('sms', ['before']);
      await bucket.take('sms', 1, 1_000);
      await until(() => queue.finishedJobs === 1);

      await ask(redis.url, (client) => client.script('FLUSH'));
      await queue.offer('sms', someIds(120));

      await until(() => queue.finishedJobs === 4, 3_000);
      expect((await bucket.take('sms', 1, 1_000)).granted).toBe(1);
    });

    it('rejects an offer that Redis has no room for', async () => {
      const { queue } = await makeQueue(['sms'], ignore);
      await ask(redis.url, (client) => client.config('SET', 'maxmemory', '1'));
      const accepted = await offered(queue, 'sms', someIds(120));
      await ask(redis.url, (client) => client.config('SET', 'maxmemory', '0'));
      expect(accepted).toBe(false);
      expect(await offered(queue, 'sms', ['room again'])).toBe(true);
    });

    it('works again after a restart of Redis, and says once that it was away and once that it is back', async () => {
      const facts: string[] = [];
      const { queue, bucket } = await makeQueue(['sms', 'push'], (fact) => facts.push(fact));
      const seen: string[] = [];
      queue.work('sms', async (ids) => void seen.push(...ids), { jobsAtOnce: 2 });
      queue.work('push', async (ids) => void seen.push(...ids), { jobsAtOnce: 2 });
      await queue.offer('sms', ['before']);
      await until(() => seen.length === 1);

      await redis.stop();
      await expect(queue.offer('sms', ['while away'])).rejects.toThrow('Redis');
      expect(await bucket.take('sms', 1, 10)).toEqual({ granted: 0, retryInMs: 250 });
      await redis.restart();

      await until(() => offered(queue, 'sms', ['sms after']));
      await until(() => offered(queue, 'push', ['push after']));
      await until(() => seen.includes('sms after') && seen.includes('push after'));
      expect((await bucket.take('sms', 1, 10)).granted).toBe(1);
      expect(facts.filter((fact) => /reach/.test(fact))).toEqual(['Redis is out of reach', 'Redis is within reach again']);
    });

    it('rejects an offer at once when nobody listens, and starts and closes all the same', async () => {
      const { queue, bucket } = await startContainer(NO_REDIS, ['sms'], ignore);
      queue.work('sms', async () => undefined, { jobsAtOnce: 2 });
      const from = Date.now();
      await expect(queue.offer('sms', ['a'])).rejects.toThrow('out of reach');
      await expect(queue.waiting('sms')).rejects.toThrow('out of reach');
      expect(await bucket.take('sms', 1, 10)).toEqual({ granted: 0, retryInMs: 250 });
      await queue.close();
      expect(Date.now() - from).toBeLessThan(2 * REPLY_WITHIN_MS + 500);
    });

    it('says since when a Redis that is full takes nothing, and forgets it with the next job that it takes', async () => {
      const { queue } = await makeQueue(['sms'], ignore);
      queue.work('sms', async () => undefined, { jobsAtOnce: 2 });
      await queue.offer('sms', ['before']);
      await until(() => queue.finishedJobs === 1);
      expect(queue.outOfReachSince).toBeNull();

      const admin = new Redis(redis.url);
      try {
        await admin.config('SET', 'maxmemory', '1');
        await expect(queue.offer('sms', ['while full'])).rejects.toThrow('refused');
        expect(queue.outOfReachSince).toBeInstanceOf(Date);
      } finally {
        await admin.config('SET', 'maxmemory', '0');
        admin.disconnect();
      }
      await until(() => offered(queue, 'sms', ['after']));
      expect(queue.outOfReachSince).toBeNull();
    });

    it('rejects an offer within its bound when Redis is silent, and goes on when it speaks again', async () => {
      const { queue, bucket } = await makeQueue(['sms'], ignore);
      queue.work('sms', async () => undefined, { jobsAtOnce: 2 });
      await queue.offer('sms', ['before']);
      await until(() => queue.finishedJobs === 1);

      await redis.freezeFor(REPLY_WITHIN_MS + 1_000);
      const from = Date.now();
      const [grant] = await Promise.all([
        bucket.take('sms', 1, 10),
        expect(queue.offer('sms', ['while silent'])).rejects.toThrow('out of reach'),
      ]);
      expect(grant).toEqual({ granted: 0, retryInMs: 250 });
      expect(Date.now() - from).toBeLessThan(REPLY_WITHIN_MS + 500);

      const finished = queue.finishedJobs;
      await until(() => offered(queue, 'sms', ['after']), 10_000);
      await until(() => queue.finishedJobs > finished, 10_000);
    });

    it('takes a connection whose peer has said goodbye for lost before its socket is closed, so that nobody reports it a second time', async () => {
      const connections = new RedisConnections(redis.url, ignore);
      const commands = connections.open('client');
      await until(() => connections.isWhole);
      commands.stream.end();
      expect([commands.status, connections.isWhole]).toEqual(['ready', false]);
      await connections.close();
    });

    it.each([0, 700])('closes %i ms after Redis went away with a job at work, and leaves nothing unhandled', async (ms) => {
      const facts: string[] = [];
      const { queue } = await makeQueue(['sms', 'push'], (fact) => facts.push(fact));
      const gate = new Gate();
      queue.work('sms', () => gate.pass(), { jobsAtOnce: 2 });
      queue.work('push', async () => undefined, { jobsAtOnce: 2 });
      await queue.offer('sms', ['a']);
      await until(() => gate.inside === 1);

      await redis.stop();
      await pause(ms); // Between two attempts to connect, ioredis is in another state than right after the loss.
      const closing = queue.close();
      await expect(queue.offer('sms', ['b'])).rejects.toThrow('closed');
      gate.open();
      await closing;
      await redis.restart();

      expect(queue.finishedJobs).toBe(1);
      expect(facts).toEqual(['Redis is out of reach']);
    });
  });

  describe('the token bucket over several containers', () => {
    it('never exceeds the rate, and lets nearly all of it through', async () => {
      const buckets = [(await makeQueue(['sms'], ignore)).bucket, (await makeQueue(['sms'], ignore)).bucket];
      const rate = 200;
      const from = await redisMicros(redis.url);
      const granted = (await Promise.all(buckets.map((bucket) => takeFor(bucket, 1_000, rate)))).reduce((a, b) => a + b);
      const seconds = ((await redisMicros(redis.url)) - from) / 1_000_000;
      expect(granted).toBeLessThanOrEqual(rate * seconds + rate);
      expect(granted).toBeGreaterThan(rate * 1.5);
    });
  });
});

function ignore(): void {}

/** Takes in odd helpings as fast as answers come, in real time: the rate is on the clock of Redis, which cannot be moved. */
async function takeFor(bucket: TokenBucket, ms: number, rate: number): Promise<number> {
  let granted = 0;
  for (const deadline = Date.now() + ms; Date.now() < deadline;) granted += (await bucket.take('sms', 7, rate)).granted;
  return granted;
}

async function redisMicros(url: string): Promise<number> {
  const [seconds, micros] = await ask(url, (client) => client.time());
  return Number(seconds) * 1_000_000 + Number(micros);
}

async function offered(queue: WorkQueue, lane: string, ids: string[]): Promise<boolean> {
  return queue.offer(lane, ids).then(
    () => true,
    () => false, // What it was is for the caller to know, who took Redis away.
  );
}

async function ask<Reply>(url: string, question: (client: Redis) => Promise<Reply>): Promise<Reply> {
  const client = new Redis(url);
  try {
    return await question(client);
  } finally {
    client.disconnect();
  }
}
