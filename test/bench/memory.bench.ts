import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { type BenchOptions } from './arguments';
import { type Started } from './children';
import { DatabaseServer } from './database-server';
import { journeyFolder } from './full-rules';
import { Load } from './load';
import { describeMachine } from './machine';
import { oneStepJourney } from './one-step-journey';
import { Product } from './product';
import { ProviderStub } from './provider-stub';
import { median, type Report, type Row, rowBelow, tellProgress, tellRound } from './report';

const JOURNEY = oneStepJourney(['after: 1s', 'maxDelay: 2h']);
const IDLE_MB = 200;
const LOAD_MB = 512;
/** After an hour no more than so many times what it was after a sixth of it. */
const FLAT = 1.1;
/** Somebody looks at a report this often. */
const REPORT_EVERY_MS = 5_000;
const LOOK_EVERY_MS = 250;
const HOUR = { seconds: 3_600, perSecond: 300, slice: 30 };

/**
 * Resident memory of the application's process, Postgres apart: at rest after a start, and the most while payments fail and come in as
 * fast as they are acknowledged, runs start, pushes go out a second later, and a report is read every five seconds. With --full also
 * whether it grows over an hour of 300 events a second. Linux: it is read from /proc.
 */
export async function benchMemory({ rounds, full }: BenchOptions, started: Started): Promise<Report> {
  const server = await DatabaseServer.start(started);
  const load = await Load.start(started);
  const stub = await ProviderStub.start(started);
  const databaseUrl = await server.create('bench_product');
  // The customers of a bench get more in a minute than anybody gets in a day; the caps are asked all the same.
  const environment = { WAPAS_CAP_PER_DAY: '1000' };
  const product = await Product.start(
    { databaseUrl, providerUrl: stub.url, journeysDir: journeyFolder(JOURNEY, started), environment },
    load,
    started,
  );

  const seen = { 'idle MB': [] as number[], 'load MB': [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    await product.whileEnded(async () => undefined);
    await pause(3_000);
    seen['idle MB'].push(residentMb(product.pid));
    seen['load MB'].push(Math.max(...(await watch(product, () => loadFully(product, load)))));
    await product.atRest();
    tellRound(round, seen);
  }
  return {
    bench: 'memory',
    machine: await describeMachine(server.version),
    rows: [
      rowBelow('resident memory of the application, idle', 'MB', seen['idle MB'], IDLE_MB),
      rowBelow('the most under full load', 'MB', seen['load MB'], LOAD_MB),
      ...(full ? await anHour(product, load) : []),
    ],
  };
}

/** Triggers and payments in turn, single and in batches. */
async function loadFully(product: Product, load: Load): Promise<void> {
  for (const content of ['payments failed', 'payments captured'] as const)
    for (const shape of [
      { batch: 1, inFlight: 64 },
      { batch: 100, inFlight: 16 },
    ])
      await load.run({ ...target(product, shape.batch), ...shape, content, until: { kind: 'seconds', seconds: 3 } });
}

async function anHour(product: Product, load: Load): Promise<Row[]> {
  const { seconds, perSecond, slice } = HOUR;
  const figures = await watch(product, async () => {
    for (let passed = 0; passed < seconds; passed += slice) {
      const content = (passed / slice) % 2 === 0 ? 'payments failed' : 'payments captured';
      await load.run({
        ...target(product, 1),
        batch: 1,
        inFlight: 64,
        content,
        until: { kind: 'paced', perSecond, seconds: slice },
      });
      tellProgress('an hour of events', passed + slice, seconds);
    }
  });
  const sixth = Math.floor(figures.length / 6);
  const early = median(figures.slice(sixth, 2 * sixth));
  const late = median(figures.slice(-sixth));
  process.stderr.write(`median MB of the second ten minutes ${Math.round(early)}, of the last ten ${Math.round(late)}\n`);
  return [
    rowBelow(`the most in an hour of ${perSecond} events a second`, 'MB', [Math.max(...figures)], LOAD_MB),
    rowBelow('the last ten minutes of that hour to its second ten', 'times', [late / early], FLAT),
  ];
}

/** Resident megabytes, looked at four times a second, while `work` goes on and somebody reads reports. */
async function watch(product: Product, work: () => Promise<void>): Promise<number[]> {
  const figures: number[] = [];
  const looking = setInterval(() => figures.push(residentMb(product.pid)), LOOK_EVERY_MS);
  let read: Promise<unknown> = Promise.resolve();
  const reading = setInterval(() => {
    read = readReport(product);
  }, REPORT_EVERY_MS);
  try {
    await work();
  } finally {
    clearInterval(looking);
    clearInterval(reading);
    await read;
  }
  return figures;
}

async function readReport({ url, key }: Product): Promise<void> {
  const response = await fetch(`${url}/v1/analytics/journeys/bench`, { headers: { authorization: `Bearer ${key}` } });
  await response.arrayBuffer();
}

const target = ({ url, key }: Product, batch: number) => ({ url: `${url}/v1/events${batch > 1 ? '/batch' : ''}`, key });

function residentMb(pid: number): number {
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(found) / 1_024;
}
