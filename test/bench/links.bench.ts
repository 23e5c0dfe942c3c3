import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchOptions } from './arguments';
import { type Started } from './children';
import { DatabaseServer, query } from './database-server';
import { Load, type LoadResult } from './load';
import { describeMachine } from './machine';
import { Product, until } from './product';
import { ProviderStub } from './provider-stub';
import { median, type Report, rowAtLeast, rowBelow, tellRound } from './report';

const LINKS = 1_000;
const IN_FLIGHT = 64;
/** Redirects a second that one core gives. */
const FLOOR = 5_000;

const JOURNEY = `format: wapas.journey/1
key: bench
name: Bench
trigger: { event: Payment Failed }
correlateBy: [order, payment]
goal: { events: [Payment Captured, Order Paid], by: [order, payment] }
silence: [Payment Authorized]
window: 24h
holdoutPercent: 0
steps:
  - key: push
    after: 1s
    channel: push
    messages:
      - template: { title: Payment not completed, body: Tap to try again., deepLink: '{{link}}' }
`;

/**
 * Redirects a second of links that were followed before: messages that were really sent, clicked in turn, each click committed
 * before its answer. A second of a core is a second of the application's own CPU time (all its threads), so that the load
 * generator and Postgres, which share the machine, do not count.
 */
export async function benchLinks({ rounds, full }: BenchOptions, started: Started): Promise<Report> {
  const seconds = full ? 10 : 3;
  const server = await DatabaseServer.start(started);
  const load = await Load.start(started);
  const stub = await ProviderStub.start(started);
  const databaseUrl = await server.create('bench_product');
  const product = await Product.start({ databaseUrl, providerUrl: stub.url, journeysDir: journeyFolder(started) }, load, started);
  const paths = await linksOf(product, databaseUrl, load);

  const follow = async (lasting: number, perSecond?: number): Promise<LoadResult> => {
    const end = perSecond === undefined ? { kind: 'seconds' as const } : { kind: 'paced' as const, perSecond };
    const result = await load.run({
      url: product.url,
      content: 'clicks',
      paths,
      batch: 1,
      inFlight: IN_FLIGHT,
      until: { ...end, seconds: lasting },
    });
    await product.atRest();
    return result;
  };
  await follow(3);

  const seen = { 'a second': [] as number[], 'a core second': [] as number[], p99: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const before = cpuSeconds(product.pid);
    const { acknowledged, perSecond } = await follow(seconds);
    seen['a second'].push(perSecond);
    seen['a core second'].push(acknowledged / (cpuSeconds(product.pid) - before));
    seen.p99.push((await follow(seconds, median(seen['a second']) / 2)).p99);
    tellRound(round, seen);
  }
  return {
    bench: 'links',
    machine: await describeMachine(server.version),
    rows: [
      rowAtLeast('cached redirects, click committed, per core of the application', 'redirects/s', seen['a core second'], FLOOR),
      rowAtLeast(
        'the same as seen from outside, 64 in flight, generator and Postgres on the same cores',
        'redirects/s',
        seen['a second'],
        FLOOR,
      ),
      rowBelow('p99 at half load', 'ms', seen.p99, 50),
    ],
  };
}

/** Sends a thousand messages and gives the paths of their links. */
async function linksOf(product: Product, databaseUrl: string, load: Load): Promise<string[]> {
  await load.run({
    url: `${product.url}/v1/events/batch`,
    key: product.key,
    batch: 100,
    inFlight: 4,
    content: 'payments failed',
    until: { kind: 'events', events: LINKS },
  });
  const sent = `select l.token from link l join message m on m.id = l.message_id where m.state = 'sent' limit ${LINKS}`;
  await until('the messages to be sent', async () => (await query(databaseUrl, sent)).length === LINKS);
  return (await query<{ token: string }>(databaseUrl, sent)).map(({ token }) => `/WAPAS/${token}`);
}

/** User and system time of a process so far, in seconds: Linux counts them in hundredths. Elsewhere the row has no figure. */
function cpuSeconds(pid: number): number {
  if (process.platform !== 'linux') return NaN;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function journeyFolder(started: Started): string {
  const folder = mkdtempSync(join(tmpdir(), 'wapas-bench-journeys-'));
  started.toStop(async () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'bench.yaml'), JOURNEY);
  return folder;
}
