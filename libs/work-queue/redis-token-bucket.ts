import { createHash } from 'node:crypto';
import { type Redis } from 'ioredis';
import { CLIMB_MICROS, SETTLES_MICROS } from './pace';
import { type RedisConnections } from './redis-connections';
import { checkRate } from './token-bucket';
import { type Grant, type TokenBucket, type WorkQueueLog } from './work-queue';

/**
 * Without Redis nobody knows what the other containers take, and the limit protects an account that the vendor may block.
 * Waiting costs little: the queue that brings the work is away as well.
 */
const NOBODY_TO_ASK: Grant = { granted: 0, retryInMs: 250 };

/** `paceOf` of pace.ts. A slowed lane is `perSecond at`; Redis forgets it when it has climbed back. */
const PACE = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function pace(key, rate)
  local slowed = redis.call('GET', key)
  if not slowed then return rate, nil end
  local perSecond, at = string.match(slowed, '(%S+) (%S+)')
  return math.min(rate, tonumber(perSecond) + rate * math.max(0, now - tonumber(at)) / ${CLIMB_MICROS}), tonumber(at)
end
`;

/** `slow` of pace.ts. Gives nothing when nothing changed. A rate is printed: Lua hands no fractions on. */
const SLOW_DOWN = `
${PACE}
local rate, ago = tonumber(ARGV[1]), tonumber(ARGV[2])
local present, at = pace(KEYS[1], rate)
if at and now - ago <= at + ${SETTLES_MICROS} then return false end
local slowed = math.max(rate / 16, math.min(1, rate), present / 2)
redis.call('SET', KEYS[1], string.format('%.6f %.0f', slowed, now), 'PX', ${CLIMB_MICROS / 1_000})
return string.format('%.6f', slowed)
`;

const PACE_OF = `
${PACE}
return string.format('%.6f', (pace(KEYS[1], tonumber(ARGV[1]))))
`;

/**
 * The same arithmetic as `draw` in token-bucket.ts, run inside Redis so that containers cannot interleave, and on its clock so
 * that they agree. A bucket that is full again is forgotten. Reads and writes one key, in whole microseconds: they exceed what
 * Lua prints by default, hence the format.
 */
const TAKE = `
${PACE}
local wanted, rate = math.floor(tonumber(ARGV[1])), pace(KEYS[2], tonumber(ARGV[2]))
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

/** A key is taken while it is there, and Redis forgets it when it is free. */
const TAKE_EACH = `
local waits = {}
for place, key in ipairs(KEYS) do
  if redis.call('SET', key, 1, 'NX', 'PX', ARGV[1]) then waits[place] = 0 else waits[place] = math.max(1, redis.call('PTTL', key)) end
end
return waits
`;

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

  async slowDown(lane: string, perSecond: number, startedMsAgo: number): Promise<number | null> {
    checkRate(lane, perSecond);
    const reply = await this.ask(lane, SLOW_DOWN, [1, slowedKey(lane), perSecond, startedMsAgo * 1_000]);
    return typeof reply === 'string' ? Number(reply) : null;
  }

  async paceOf(lane: string, perSecond: number): Promise<number> {
    const reply = await this.ask(lane, PACE_OF, [1, slowedKey(lane), perSecond]);
    return typeof reply === 'string' ? Number(reply) : perSecond;
  }

  /** Null when nobody can be asked. */
  private async ask(lane: string, script: string, args: readonly [number, ...(string | number)[]]): Promise<unknown> {
    if (!this.connections.isReachable) return null;
    try {
      return await this.connections.run((redis) => evaluate(redis, script, args));
    } catch (error) {
      this.log('The rate is not known: Redis did not answer', { lane, error });
      return null;
    }
  }

  async takeEach(lane: string, keys: readonly string[], everyMs: number): Promise<readonly number[]> {
    const nobody = keys.map(() => NOBODY_TO_ASK.retryInMs);
    if (!this.connections.isReachable || keys.length === 0) return nobody;
    try {
      const names = keys.map((key) => `wapas:each:${lane}:${key}`);
      const reply = await this.connections.run((redis) => evaluate(redis, TAKE_EACH, [names.length, ...names, everyMs]));
      return reply as number[];
    } catch (error) {
      this.log('No tokens: Redis did not answer', { lane, error });
      return nobody;
    }
  }
}

async function takeInRedis(redis: Redis, lane: string, wanted: number, perSecond: number): Promise<[number, number]> {
  return (await evaluate(redis, TAKE, [2, `wapas:rate:${lane}`, slowedKey(lane), wanted, perSecond])) as [number, number];
}

const slowedKey = (lane: string): string => `wapas:slowed:${lane}`;

async function evaluate(redis: Redis, script: string, args: readonly [number, ...(string | number)[]]): Promise<unknown> {
  return redis.evalsha(shaOf(script), ...args).catch((error: unknown) => {
    if (!String(error).includes('NOSCRIPT')) throw error;
    return redis.eval(script, ...args); // Redis is new or was flushed; this also teaches it the script.
  });
}

const shas = new Map<string, string>();
function shaOf(script: string): string {
  const sha = shas.get(script) ?? createHash('sha1').update(script).digest('hex');
  shas.set(script, sha);
  return sha;
}
