import { createHash } from 'node:crypto';
import { type Redis } from 'ioredis';
import { type RedisConnections } from './redis-connections';
import { checkRate } from './token-bucket';
import { type Grant, type TokenBucket, type WorkQueueLog } from './work-queue';

/**
 * Without Redis nobody knows what the other containers take, and the limit protects an account that the vendor may block.
 * Waiting costs little: the queue that brings the work is away as well.
 */
const NOBODY_TO_ASK: Grant = { granted: 0, retryInMs: 250 };

/**
 * The same arithmetic as `draw` in token-bucket.ts, run inside Redis so that containers cannot interleave, and on its clock so
 * that they agree. A bucket that is full again is forgotten. Reads and writes one key, in whole microseconds: they exceed what
 * Lua prints by default, hence the format.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wanted, rate = math.floor(tonumber(ARGV[1])), tonumber(ARGV[2])
local oneToken = 1000000 / rate
local fullAfter = math.ceil(math.max(1000000, oneToken))
local emptyAt = math.min(math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now - fullAfter), now + 1)
local granted = math.max(0, math.min(wanted, math.floor((now - emptyAt) * rate / 1000000)))
if granted > 0 then
  emptyAt = emptyAt + math.ceil(granted * oneToken)
  redis.call('SET', KEYS[1], string.format('%.0f', emptyAt), 'PX', math.ceil(fullAfter / 1000) + 1000)
  return {granted, 0}
end
if wanted < 1 then return {0, 0} end
return {0, math.max(1, math.ceil((oneToken - (now - emptyAt)) / 1000))}
`;
const TAKE_SHA = createHash('sha1').update(TAKE).digest('hex');

/** For several containers: one bucket per lane in Redis. A FLUSHALL fills it, which is worth one burst. */
export class RedisTokenBucket implements TokenBucket {
  constructor(
    private readonly connections: RedisConnections,
    private readonly log: WorkQueueLog,
  ) {}

  async take(lane: string, wanted: number, perSecond: number): Promise<Grant> {
    checkRate(lane, perSecond);
    if (!this.connections.isReachable) return NOBODY_TO_ASK;
    try {
      const [granted, retryInMs] = await this.connections.run((redis) => takeInRedis(redis, lane, wanted, perSecond));
      return { granted, retryInMs };
    } catch (error) {
      this.log('No tokens: Redis did not answer', { lane, error });
      return NOBODY_TO_ASK;
    }
  }
}

async function takeInRedis(redis: Redis, lane: string, wanted: number, perSecond: number): Promise<[number, number]> {
  const args = [1, `wapas:rate:${lane}`, wanted, perSecond] as const;
  const reply = await redis.evalsha(TAKE_SHA, ...args).catch((error: unknown) => {
    if (!String(error).includes('NOSCRIPT')) throw error;
    return redis.eval(TAKE, ...args); // Redis is new or was flushed; this also teaches it the script.
  });
  return reply as [number, number];
}
