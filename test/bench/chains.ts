import { redisForTests } from '@wapas/testing/redis';
import { Client } from 'pg';
import { startTutorial } from './baselines/tutorial';
import { type BenchOptions } from './arguments';
import { type Started } from './children';
import { DatabaseServer } from './database-server';
import { journeyFolder } from './full-rules';
import { Load, type LoadJob } from './load';
import { describeMachine } from './machine';
import { Product, until } from './product';
import { ProviderStub } from './provider-stub';
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
  const counter = await ChainCounter.open(productDatabase, stub, bench.hasHoldout, started);
  const atRest = (): Promise<void> => product.atRest();
  const single = await prepare({ ...toProduct, batch: 1, inFlight: 64 }, { load, counter, atRest }, seconds);
  const batches = await prepare(toProductInBatches, { load, counter, atRest }, seconds);
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
  readonly counter: ChainCounter;
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

async function chainsPerSecond(course: Course, events: number, { load, counter }: Instruments): Promise<number> {
  await counter.begin();
  const { firstPostAt } = await load.run({ ...course, until: { kind: 'events', events } });
  const endedAt = await counter.allComplete(events);
  return events / ((endedAt - firstPostAt - DELAY_MS) / 1_000);
}

const SENT = "select count(*)::int as count from message where state = 'sent'";
const SENT_AND_GHOSTS = `select (select count(*) from message where state = 'sent')::int + (select count(*) from decision where kind = 'ghost')::int as count`;
/** Safely below the nine in ten who are treated: rows are counted only when nearly all messages have been accepted. */
const MOSTLY_TREATED = 0.87;

/** Knows how many chains are complete. Looks at the provider first: counting rows takes time from what is measured. */
class ChainCounter {
  private acceptedBefore = 0;
  private completeBefore = 0;

  private constructor(
    private readonly client: Client,
    private readonly stub: ProviderStub,
    private readonly hasHoldout: boolean,
  ) {}

  static async open(url: string, stub: ProviderStub, hasHoldout: boolean, started: Started): Promise<ChainCounter> {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined); // The next query says so.
    await client.connect();
    started.toStop(() => client.end());
    return new ChainCounter(client, stub, hasHoldout);
  }

  async begin(): Promise<void> {
    this.acceptedBefore = await this.stub.accepted();
    this.completeBefore = await this.complete();
  }

  /** Resolves with the moment at which `count` more chains were complete. */
  async allComplete(count: number): Promise<number> {
    const accepted = this.acceptedBefore + count * (this.hasHoldout ? MOSTLY_TREATED : 1);
    await until('the provider to accept the messages', async () => (await this.stub.accepted()) >= accepted);
    await until('every outcome to be stored', async () => (await this.complete()) >= this.completeBefore + count, 30_000, 5);
    return Date.now();
  }

  private async complete(): Promise<number> {
    const { rows } = await this.client.query<{ count: number }>(this.hasHoldout ? SENT_AND_GHOSTS : SENT);
    return rows[0]?.count ?? 0;
  }
}

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
  const counter = await ChainCounter.open(database, stub, false, started);
  const course = { url, batch: 1, inFlight: 64, content: 'payments failed' } as const;
  return prepare(course, { load, counter, atRest: async () => undefined }, seconds);
}
