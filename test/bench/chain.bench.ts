import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisForTests } from '@wapas/testing/redis';
import { Client } from 'pg';
import { startTutorial } from './baselines/tutorial';
import { type BenchOptions } from './arguments';
import { type Started } from './children';
import { DatabaseServer } from './database-server';
import { Load, type LoadJob } from './load';
import { describeMachine } from './machine';
import { Product, until } from './product';
import { ProviderStub } from './provider-stub';
import { type Baseline, type Report, type Row, rowAgainst, rowWithoutBaseline, tellRound } from './report';

/** The delay of the only step, the same on both sides; it is no work and does not count. */
const DELAY_MS = 1_000;

const JOURNEY = `format: wapas.journey/1
key: bench
name: Bench
trigger: { event: Payment Failed }
correlateBy: [order, payment]
goal: { events: [Payment Captured, Order Paid], by: [order, payment] }
exits: [{ event: Order Cancelled, reason: order_cancelled }]
silence: [Payment Authorized]
window: 24h
holdoutPercent: 0
steps:
  - key: push
    after: ${DELAY_MS / 1_000}s
    channel: push
    messages:
      - template:
          title: Payment not completed
          body: Payment of {{amount|money}} didn't go through. Your items are saved. Tap to try again.
          deepLink: shop://orders/{{keys.order}}/pay
`;

/**
 * Chains a second. A chain is complete when the provider has accepted its message and that outcome is stored
 * (`message.state = 'sent'`). Measured: a number of triggers fixed after the warm-up, posted as fast as they are
 * acknowledged; the time from before the first post until the last outcome is stored, less the step's one second of delay.
 * The tutorial is measured by the same code with the same delay, the same events and the same provider; it has no batches,
 * so both rows compare with its single posts.
 */
export async function benchChain({ rounds, full }: BenchOptions, started: Started): Promise<Report> {
  const seconds = full ? 10 : 2;
  const server = await DatabaseServer.start(started);
  const load = await Load.start(started);
  const stub = await ProviderStub.start(started);
  const productDatabase = await server.create('bench_product');
  const journeysDir = journeyFolder(started);
  const product = await Product.start({ databaseUrl: productDatabase, providerUrl: stub.url, journeysDir }, load, started);
  const toProduct = { url: `${product.url}/v1/events`, key: product.key, content: 'payments failed' } as const;
  const toProductInBatches = { ...toProduct, url: `${toProduct.url}/batch`, batch: 100, inFlight: 16 };
  const counter = await ChainCounter.open(productDatabase, stub, started);
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
    bench: 'chain',
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
  const endedAt = await counter.allSent(events);
  return events / ((endedAt - firstPostAt - DELAY_MS) / 1_000);
}

/** Knows how many chains are complete. Looks at the provider first: counting rows takes time from what is measured. */
class ChainCounter {
  private acceptedBefore = 0;
  private sentBefore = 0;

  private constructor(
    private readonly client: Client,
    private readonly stub: ProviderStub,
  ) {}

  static async open(url: string, stub: ProviderStub, started: Started): Promise<ChainCounter> {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined); // The next query says so.
    await client.connect();
    started.toStop(() => client.end());
    return new ChainCounter(client, stub);
  }

  async begin(): Promise<void> {
    this.acceptedBefore = await this.stub.accepted();
    this.sentBefore = await this.sent();
  }

  /** Resolves with the moment at which `count` more messages were accepted and stored as sent. */
  async allSent(count: number): Promise<number> {
    await until('the provider to accept every message', async () => (await this.stub.accepted()) >= this.acceptedBefore + count);
    await until('every outcome to be stored', async () => (await this.sent()) >= this.sentBefore + count, 30_000, 5);
    return Date.now();
  }

  private async sent(): Promise<number> {
    const { rows } = await this.client.query<{ count: number }>(
      "select count(*)::int as count from message where state = 'sent'",
    );
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
  const counter = await ChainCounter.open(database, stub, started);
  const course = { url, batch: 1, inFlight: 64, content: 'payments failed' } as const;
  return prepare(course, { load, counter, atRest: async () => undefined }, seconds);
}

function journeyFolder(started: Started): string {
  const folder = mkdtempSync(join(tmpdir(), 'wapas-bench-journeys-'));
  started.toStop(async () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'bench.yaml'), JOURNEY);
  return folder;
}
