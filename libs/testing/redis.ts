import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';

/** A real Redis for one test file. */
export interface TestRedis {
  readonly url: string;
  flushAll(): Promise<void>;
  /** Nothing gets an answer for so long; connections stay open. */
  freezeFor(ms: number): Promise<void>;
  /** Comes back empty, with every connection cut and every script forgotten. Also brings back what `stop` ended. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a `redis-server` of its own on a free port, or uses TEST_REDIS_URL, which gets flushed: give it nothing you need, and
 * run one test file at a time on it. Null when there is neither; see `redisIsAvailable`.
 */
export async function redisForTests(): Promise<TestRedis | null> {
  if (!redisIsAvailable()) return null;
  const borrowed = process.env.TEST_REDIS_URL;
  const redis = borrowed ? new BorrowedRedis(borrowed, await freePort()) : new OwnRedis(await freePort());
  await redis.restart();
  return redis;
}

/**
 * Whether suites on Redis can run: it chooses between `describe` and `describe.skip`. When they cannot, it says so in one line,
 * and with WAPAS_TEST_NOTHING_SKIPPED=1 it fails: a green run that left half out must not look like a whole one.
 */
export function redisIsAvailable(): boolean {
  if (process.env.TEST_REDIS_URL || redisBinary() !== undefined) return true;
  if (process.env.WAPAS_TEST_NOTHING_SKIPPED === '1') throw new Error(LEFT_OUT);
  if (!saidSo) process.stderr.write(`\n${LEFT_OUT}\n`);
  saidSo = true;
  return false;
}

const LEFT_OUT =
  'The Redis half of this suite is LEFT OUT: no redis-server found. To include it: apt-get install redis-server, or set TEST_REDIS_URL=redis://…';
let saidSo = false;

class OwnRedis implements TestRedis {
  readonly url: string;
  private server?: ChildProcess;
  private readonly endWithUs = (): void => void this.server?.kill('SIGKILL');

  constructor(private readonly port: number) {
    this.url = `redis://127.0.0.1:${port}`;
  }

  flushAll(): Promise<void> {
    return asAdmin(this.url, (redis) => redis.flushall());
  }

  freezeFor(ms: number): Promise<void> {
    return asAdmin(this.url, (redis) => redis.call('CLIENT', 'PAUSE', ms));
  }

  async restart(): Promise<void> {
    await this.stop();
    process.once('exit', this.endWithUs);
    const options = { port: this.port, bind: '127.0.0.1', dir: tmpdir(), save: '', appendonly: 'no' };
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
    this.server = spawn(redisBinary() ?? 'redis-server', words, { stdio: 'ignore' });
    await answering(this.url, this.server);
  }

  async stop(): Promise<void> {
    const server = this.server;
    this.server = undefined;
    process.removeListener('exit', this.endWithUs);
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
}

/** Somebody else's server, which cannot be ended: a door in front of it is, and what a restart forgets is forgotten by command. */
class BorrowedRedis implements TestRedis {
  readonly url: string;
  private door?: Server;
  private readonly passing = new Set<Socket>();

  constructor(
    private readonly realUrl: string,
    private readonly port: number,
  ) {
    const throughTheDoor = new URL(realUrl);
    throughTheDoor.host = `127.0.0.1:${port}`;
    this.url = throughTheDoor.href;
  }

  flushAll(): Promise<void> {
    return asAdmin(this.realUrl, (redis) => redis.flushall());
  }

  freezeFor(ms: number): Promise<void> {
    return asAdmin(this.realUrl, (redis) => redis.call('CLIENT', 'PAUSE', ms));
  }

  async restart(): Promise<void> {
    await this.stop();
    await asAdmin(this.realUrl, async (redis) => {
      await redis.flushall();
      await redis.script('FLUSH');
    });
    this.door = createServer((socket) => this.letThrough(socket)).listen(this.port, '127.0.0.1');
    await once(this.door, 'listening');
  }

  async stop(): Promise<void> {
    const door = this.door;
    this.door = undefined;
    if (door === undefined) return;
    door.close();
    for (const socket of this.passing) socket.destroy();
    await once(door, 'close');
  }

  private letThrough(near: Socket): void {
    const { hostname, port } = new URL(this.realUrl);
    const far = connect(Number(port || 6379), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.passing.add(socket);
      socket.on('error', () => undefined); // The close that follows says it to the other side.
      socket.on('close', () => {
        this.passing.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}

async function asAdmin(url: string, act: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  // Failures reach the caller through the command; without a listener ioredis prints them besides.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await act(redis);
  } finally {
    redis.disconnect();
  }
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await pause(20)) {
    if (server.exitCode !== null) throw new Error(`redis-server ended with ${server.exitCode} instead of listening on ${url}`);
    const answers = await asAdmin(url, (redis) => redis.ping()).then(
      () => true,
      () => false, // Not listening yet.
    );
    if (answers) return;
  }
  throw new Error(`redis-server did not answer on ${url} within 10 s`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function redisBinary(): string | undefined {
  const places = (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, 'redis-server'));
  return places.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // Absent or not ours to run: either way the next directory is asked.
  }
}
