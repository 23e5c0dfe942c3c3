import { setTimeout as pause } from 'node:timers/promises';
import { basketTouched, cartUpdated, CUSTOMERS, introduction, paymentCaptured, paymentFailed } from './events';
import { HttpConnection } from './http-connection';
import { type LoadJob, type LoadResult } from './load';

process.on('message', (job: LoadJob) => {
  work(job).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});
process.send?.('ready');

async function work(job: LoadJob): Promise<LoadResult> {
  const url = new URL(job.url);
  const connections = await Promise.all(Array.from({ length: job.inFlight }, () => HttpConnection.open(url)));
  const poster = new Poster(job, url);
  const firstPostAt = Date.now();
  const begin = performance.now();
  try {
    if (job.until.kind === 'paced') await paced(poster, connections, job.until.perSecond / job.batch, job.until.seconds);
    else await asFastAsAnswered(poster, connections, job.until);
  } finally {
    for (const connection of connections) connection.close();
  }
  const seconds = (performance.now() - begin) / 1_000;
  return {
    acknowledged: poster.acknowledged,
    perSecond: poster.acknowledged / seconds,
    ...poster.latencies(),
    firstPostAt,
    lastAnswerAt: Date.now(),
  };
}

/** Each connection posts again as soon as it has been answered. */
async function asFastAsAnswered(
  poster: Poster,
  connections: readonly HttpConnection[],
  until: { kind: 'seconds'; seconds: number } | { kind: 'events'; events: number },
): Promise<void> {
  const end = until.kind === 'seconds' ? performance.now() + until.seconds * 1_000 : Infinity;
  const events = until.kind === 'events' ? until.events : Infinity;
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < end && poster.asked < events) await poster.post(connection, performance.now());
    }),
  );
}

/** Posts when the timetable says so; what finds no free connection waits for one, and its waiting counts. */
async function paced(poster: Poster, connections: readonly HttpConnection[], perSecond: number, seconds: number): Promise<void> {
  const begin = performance.now();
  const total = Math.floor(perSecond * seconds);
  let next = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (next < total) {
        const dueAt = begin + (next / perSecond) * 1_000;
        next += 1;
        // Timers round to milliseconds: coming a little late is the generator's own doing and is not counted.
        const early = dueAt - performance.now();
        if (early > 0) await pause(Math.ceil(early));
        await poster.post(connection, early > 0 ? performance.now() : dueAt);
      }
    }),
  );
}

const EVENTS: Readonly<Record<Exclude<LoadJob['content'], 'clicks'>, (run: string, number: number) => string>> = {
  introductions: (_run, number) => introduction(number % CUSTOMERS),
  'payments failed': paymentFailed,
  'payments captured': paymentCaptured,
  'carts updated': cartUpdated,
  'baskets touched': basketTouched,
};

const BROWSER = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36';

class Poster {
  asked = 0;
  acknowledged = 0;
  private readonly took: number[] = [];
  private readonly head: string;

  constructor(
    private readonly job: LoadJob,
    url: URL,
  ) {
    const key = job.key === undefined ? '' : `authorization: Bearer ${job.key}\r\n`;
    this.head = `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\n${key}content-type: application/json\r\n`;
  }

  async post(connection: HttpConnection, from: number): Promise<void> {
    if (this.job.content === 'clicks') return this.click(connection, from);
    const body = this.nextBody();
    const status = await connection.post(this.head, body);
    // 207 says that some of a batch were refused: nothing here deserves that.
    if (status < 200 || status > 299 || status === 207) throw new Error(`${this.job.url} answered ${status}`);
    this.took.push(performance.now() - from);
    this.acknowledged += this.job.batch;
  }

  /** A customer follows a link: anything but a redirect is an error. */
  private async click(connection: HttpConnection, from: number): Promise<void> {
    const { paths = [], url } = this.job;
    const path = paths[this.asked % paths.length] ?? '/';
    this.asked += 1;
    const status = await connection.post(`GET ${path} HTTP/1.1\r\nhost: ${new URL(url).host}\r\nuser-agent: ${BROWSER}\r\n`, '');
    if (status !== 302) throw new Error(`A link was answered with ${status}`);
    this.took.push(performance.now() - from);
    this.acknowledged += 1;
  }

  latencies(): { p50: number; p99: number } {
    const sorted = Float64Array.from(this.took).sort();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    return { p50: at(0.5), p99: at(0.99) };
  }

  private nextBody(): string {
    const first = this.asked;
    this.asked += this.job.batch;
    if (this.job.batch === 1) return this.event(first);
    return `{"events":[${Array.from({ length: this.job.batch }, (_none, index) => this.event(first + index)).join(',')}]}`;
  }

  private event(number: number): string {
    const { content, run } = this.job;
    if (content === 'clicks') throw new Error('A click is no event.');
    return EVENTS[content](run, number);
  }
}
