import { redisForTests } from '@wapas/testing/redis';
import { startTutorial } from './baselines/tutorial';
import { type BenchOptions } from './arguments';
import { type Started } from './children';
import { DatabaseServer } from './database-server';
import { journeyFolder } from './full-rules';
import { Load, type LoadJob } from './load';
import { describeMachine } from './machine';
import { Product } from './product';
import { ProviderStub } from './provider-stub';
import { COUNT_ALL_SENT, COUNT_SENT, COUNT_SENT_AND_GHOSTS, SentCounter } from './sent-counter';
import { type Baseline, type Report, type Row, rowAgainst, rowWithoutBaseline, tellRound } from './report';

/** The delay of the first step, the same on both sides; it is no work and does not count. */
export const DELAY_MS = 1_000;

/** Which journey is measured, with which settings, and how much faster than the tutorial it must be. */
export interface ChainBench {
  readonly name: string;
  readonly journey: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Runs once before the warm-up: what the customers of this journey have said. */
  readonly customers?: (databaseUrl: string) => Promise<void>;
  /** Some are in the holdout: their chain is complete when what would have been sent is decided. */
  readonly hasHoldout: boolean;
}

/**
 * Chains a second. A chain is complete when the provider has accepted its message and that outcome is stored
 * (`message.state = 'sent'`). Measured: a number of triggers fixed after the warm-up, posted as fast as they are
 * acknowledged; the time from before the first post until the last outcome is stored, less the step's one second of delay.
 * The tutorial is measured by the same code with the same delay, the same events and the same provider; it has no batches,
 * so both rows compare with its single posts.
 */
export async function benchChains(bench: ChainBench, { rounds, full }: BenchOptions, started: Started): Promise<Report> {
  const seconds = full ? 10 : 2;
  const server = await DatabaseServer.start(started);
  const load = await Load.start(started);
  const stub = await ProviderStub.start(started);
  const productDatabase = await server.create('bench_product');
  const { journey, environment } = bench;
  const journeysDir = journeyFolder(journey, started);
  const product = await Product.start(
    { databaseUrl: productDatabase, providerUrl: stub.url, journeysDir, environment },
    load,
    started,
  );
  await bench.customers?.(productDatabase);
  const toProduct = { url: `${product.url}/v1/events`, key: product.key, content: 'payments failed' } as const;
  const toProductInBatches = { ...toProduct, url: `${toProduct.url}/batch`, batch: 100, inFlight: 16 };
  const counting = bench.hasHoldout ? COUNT_SENT_AND_GHOSTS : COUNT_SENT;
  const counter = await SentCounter.open(productDatabase, stub, counting, started);
  const atRest = (): Promise<void> => product.atRest();
  const treated = bench.hasHoldout ? MOSTLY_TREATED : 1;
  const single = await prepare({ ...toProduct, batch: 1, inFlight: 64 }, { load, counter, treated, atRest }, seconds);
  const batches = await prepare(toProductInBatches, { load, counter, treated, atRest }, seconds);
  const tutorial = await prepareTutorial(server, stub, load, started, seconds);

  const seen = { single: [] as number[], batches: [] as number[], tutorial: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    seen.single.push(await single());
    if (tutorial) seen.tutorial.push(await tutorial());
    seen.batches.push(await batches());
    tellRound(round, seen);
  }

  const baseline = tutorial && { name: TUTORIAL, figures: seen.tutorial };
  return {
    bench: bench.name,
    machine: await describeMachine(server.version),
    rows: [
      row('trigger to stored outcome, single, 64 in flight', seen.single, baseline, 8),
      row('trigger to stored outcome, batches of 100', seen.batches, baseline, 15),
    ],
  };
}

const TUTORIAL = 'Express + TypeORM find/save + one delayed Bull job per step';

function row(name: string, figures: readonly number[], baseline: Baseline | undefined, target: number): Row {
  if (baseline) return rowAgainst(name, 'chains/s', figures, baseline, target);
  return rowWithoutBaseline(
    name,
    'chains/s',
    figures,
    target,
    'redis-server is missing, so there is no tutorial chain to compare with.',
  );
}

type Course = Omit<LoadJob, 'run' | 'until'>;

interface Instruments {
  readonly load: Load;
  readonly counter: SentCounter;
  /** Of the chains, those whose message the provider gets. */
  readonly treated: number;
  /** Resolves when what follows a chain (reports, for one) has been worked off as well. */
  readonly atRest: () => Promise<void>;
}

/** Node compiles what is hot: after a shorter warm-up the first round ran at half the speed of the second. */
const WARM_UP_EVENTS = 500;

/** Warms one side up and fixes the number of triggers that it takes for about so many seconds. */
async function prepare(course: Course, instruments: Instruments, seconds: number): Promise<() => Promise<number>> {
  const measure = async (events: number): Promise<number> => {
    const perSecond = await chainsPerSecond(course, events, instruments);
    await instruments.atRest();
    return perSecond;
  };
  await measure(WARM_UP_EVENTS);
  const perSecond = await measure(WARM_UP_EVENTS * 3);
  const events = Math.max(WARM_UP_EVENTS, Math.round((perSecond * seconds) / 100) * 100);
  return () => measure(events);
}

async function chainsPerSecond(course: Course, events: number, { load, counter, treated }: Instruments): Promise<number> {
  await counter.begin();
  const { firstPostAt } = await load.run({ ...course, until: { kind: 'events', events } });
  const endedAt = await counter.allComplete(events, treated);
  return events / ((endedAt - firstPostAt - DELAY_MS) / 1_000);
}

/** Safely below the nine in ten who are treated: rows are counted only when nearly all messages have been accepted. */
const MOSTLY_TREATED = 0.87;

/** Undefined without a redis-server. */
async function prepareTutorial(
  server: DatabaseServer,
  stub: ProviderStub,
  load: Load,
  started: Started,
  seconds: number,
): Promise<(() => Promise<number>) | undefined> {
  const redis = await redisForTests();
  if (redis === null) return undefined;
  started.toStop(() => redis.stop());
  const database = await server.create('bench_tutorial');
  const url = await startTutorial('chain', [database, redis.url, stub.url], started);
  const counter = await SentCounter.open(database, stub, COUNT_ALL_SENT, started);
  const course = { url, batch: 1, inFlight: 64, content: 'payments failed' } as const;
  return prepare(course, { load, counter, treated: 1, atRest: async () => undefined }, seconds);
}
