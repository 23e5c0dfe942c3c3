import { randomBytes } from 'node:crypto';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Analytics } from '@segment/analytics-node';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { AppProcess } from '../support/app-process';
import { printFigure } from '../support/figures';
import { freePort, until, World } from '../support/world';

jest.setTimeout(180_000);

const EVENTS = 10_000;
/** Of the requests, the answer is not the server's: half 429, half 503. Every second of those had reached the server. */
const REFUSED_PERCENT = 5;
const AT_ONCE = 40;

let world: World;
let key: string;
beforeAll(async () => {
  world = await World.start();
  key = await world.key(['ingest']);
  // The application under load is a process of its own: this one only holds the database.
  await world.pause();
});
afterAll(() => world?.stop());

it.each([
  ['@segment/analytics-node', withSegment],
  ['@rudderstack/rudder-sdk-node', withRudderStack],
])('every event that %s reported delivered is there exactly once', async (name, send) => {
  const prefix = randomBytes(4).toString('hex');
  const port = await freePort();
  const env = { ...world.env, PORT: String(port), WAPAS_CLOCK_START: '', WAPAS_CLOCK_RATE: '' };
  let app = await AppProcess.start(env);
  const front = await Front.start(port);
  let restarts = 0;
  const restarted = until(() => front.forwarded > 150, 'the server to have taken some', 120_000).then(async () => {
    await app.kill();
    app = await AppProcess.start(env);
    restarts += 1;
  });
  try {
    const delivered = await send(front.url, prefix);
    await restarted;
    const times = new Map<number, number>();
    for (const { content } of await world.events(`source = 'segment'`)) {
      const { run, number } = content.properties ?? {};
      if (run === prefix) times.set(Number(number), (times.get(Number(number)) ?? 0) + 1);
    }
    const lost = [...delivered].filter((number) => !times.has(number)).length;
    const doubled = [...times.values()].filter((count) => count > 1).length;
    printFigure(`P1 P2 ${name}`, {
      sent: EVENTS, 'reported delivered': delivered.size, lost, doubled, requests: front.requests, refused: front.refused, restarts,
    }); // prettier-ignore
    expect({ lost, doubled, restarts, refusedSome: front.refused > 10 }).toEqual({
      lost: 0,
      doubled: 0,
      restarts: 1,
      refusedSome: true,
    });
    expect(delivered.size).toBe(EVENTS);
  } finally {
    await restarted.catch(() => undefined); // What went wrong above is told above.
    await front.stop();
    await app.stop();
  }
});

/**
 * Gives the numbers of the events whose delivery the SDK reported. Node may warn of a leak of abort listeners: it is the SDK's own (3.1.0,
 * `sleep` in plugins/segmentio/publisher.js), which leaves one behind on its signal whenever a batch has waited to be tried again.
 */
async function withSegment(host: string, run: string): Promise<Set<number>> {
  const analytics = new Analytics({ writeKey: key, host, flushAt: 20, flushInterval: 200, maxRetries: 50 });
  analytics.on('error', () => undefined); // A failed delivery is not counted as delivered: that is enough.
  const delivered = new Set<number>();
  await inTurns(async (number) => {
    await new Promise<void>((resolve) => {
      const message = { userId: `cust_${number}`, event: 'Cart Updated', properties: { run, number, cart_id: `cart_${number}` } };
      analytics.track(message, (error) => {
        if (error === undefined || error === null) delivered.add(number);
        resolve();
      });
    });
  });
  await analytics.closeAndFlush({ timeout: 60_000 });
  return delivered;
}

async function withRudderStack(dataPlaneUrl: string, run: string): Promise<Set<number>> {
  const analytics = new RudderAnalytics(key, {
    dataPlaneUrl,
    flushAt: 20,
    flushInterval: 200,
    retryCount: 12,
    logLevel: 'none',
  });
  const delivered = new Set<number>();
  await inTurns(async (number) => {
    await new Promise<void>((resolve) => {
      const message = { userId: `cust_${number}`, event: 'Cart Updated', properties: { run, number, cart_id: `cart_${number}` } };
      analytics.track(message, (error?: Error) => {
        if (error === undefined || error === null) delivered.add(number);
        resolve();
      });
    });
  });
  return delivered;
}

/** Enough at the same time to fill several batches, few enough for the SDKs' own queues. */
async function inTurns(send: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  const turn = async (): Promise<void> => {
    while (next < EVENTS) {
      next += 1;
      await send(next - 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE * 20 }, turn));
}

/** Stands before the server like a load balancer on a bad day. */
class Front {
  requests = 0;
  refused = 0;
  forwarded = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(port: number): Promise<Front> {
    const server = createServer((incoming, answer) => void front.take(incoming, answer, port));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const front = new Front(server, `http://127.0.0.1:${(server.address() as { port: number }).port}`);
    return front;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(incoming: IncomingMessage, answer: ServerResponse, port: number): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    this.requests += 1;
    const refuses = this.requests % (100 / REFUSED_PERCENT) === 0;
    const turn = this.refused % 4;
    if (refuses) this.refused += 1;
    const reply = refuses && turn < 2 ? undefined : await this.forward(incoming, Buffer.concat(chunks), port);
    if (refuses) return void answer.writeHead(turn % 2 === 0 ? 429 : 503, { 'retry-after': '1' }).end();
    if (reply === undefined) return void incoming.socket.destroy();
    answer.writeHead(reply.status, reply.headers).end(reply.body);
  }

  /** Undefined when the server hung up: then so do we. */
  private forward({ method, url, headers }: IncomingMessage, body: Buffer, port: number) {
    this.forwarded += 1;
    return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer } | undefined>((resolve) => {
      const outgoing = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => resolve(undefined));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 502, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      });
      outgoing.on('error', () => resolve(undefined));
      outgoing.end(body);
    });
  }
}
