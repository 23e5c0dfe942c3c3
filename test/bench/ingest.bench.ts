import { startRawInsert } from './baselines/pgbench';
import { startTutorial } from './baselines/tutorial';
import { type BenchOptions } from './arguments';
import { type Started } from './children';
import { DatabaseServer } from './database-server';
import { Load, type LoadResult } from './load';
import { describeMachine } from './machine';
import { Product } from './product';
import { ProviderStub } from './provider-stub';
import { median, type Report, rowAgainst, rowBelow, tellRound } from './report';

const SINGLE = { batch: 1, inFlight: 64 };
const BATCHES = { batch: 100, inFlight: 16 };
/** Both sides run this long before anything counts: Node compiles what is hot. */
const WARM_UP_SECONDS = 3;

/**
 * Acknowledged events a second: an event counts when its 2xx has arrived, that is when it is committed with its marks. The
 * events are payments that came in, while the starter journeys are published: each is attributed to its customer and looked
 * up among the live runs behind the answer, on the same two cores. What triggers do beyond that is the business of `chain`.
 * Between measurements the bus comes to rest, so that nobody works off another's backlog.
 */
export async function benchIngest({ rounds, full }: BenchOptions, started: Started): Promise<Report> {
  const seconds = full ? 10 : 2.5;
  const server = await DatabaseServer.start(started);
  const load = await Load.start(started);
  const stub = await ProviderStub.start(started);
  const product = await Product.start(
    { databaseUrl: await server.create('bench_product'), providerUrl: stub.url },
    load,
    started,
  );
  const tutorialUrl = await startTutorial('endpoint', [await server.create('bench_tutorial')], started);
  const rawInsert = await startRawInsert(server, started);

  const post = async (shape: { batch: number; inFlight: number }, lasting = seconds, perSecond?: number): Promise<LoadResult> => {
    const url = `${product.url}/v1/events${shape.batch > 1 ? '/batch' : ''}`;
    const end = perSecond === undefined ? { kind: 'seconds' as const } : { kind: 'paced' as const, perSecond };
    const result = await load.run({
      url,
      key: product.key,
      content: 'payments captured',
      ...shape,
      until: { ...end, seconds: lasting },
    });
    await product.atRest();
    return result;
  };
  const postToTutorial = (lasting = seconds): Promise<LoadResult> =>
    load.run({ url: tutorialUrl, content: 'payments captured', ...SINGLE, until: { kind: 'seconds', seconds: lasting } });

  await post(SINGLE, WARM_UP_SECONDS);
  await postToTutorial(WARM_UP_SECONDS);

  const seen: Seen = { pgbench: [], single: [], batches: [], tutorial: [], p99: [] };
  for (let round = 0; round < rounds; round += 1) {
    seen.pgbench.push(await rawInsert.measure(seconds));
    seen.single.push((await post(SINGLE)).perSecond);
    seen.tutorial.push((await postToTutorial()).perSecond);
    seen.batches.push((await post(BATCHES)).perSecond);
    seen.p99.push((await post(SINGLE, seconds, median(seen.single) / 2)).p99);
    tellRound(round, seen);
  }

  const pgbench = { name: rawInsert.name, figures: seen.pgbench };
  const tutorial = { name: 'Express + class-validator + TypeORM save', figures: seen.tutorial, pgbench: seen.pgbench };
  return {
    bench: 'ingest',
    machine: await describeMachine(server.version),
    rows: [
      rowAgainst('single, 64 in flight, to pgbench', 'events/s', seen.single, pgbench, 0.5),
      rowAgainst('single, 64 in flight, to the tutorial endpoint', 'events/s', seen.single, tutorial, 5),
      rowBelow('single, p99 at half load', 'ms', seen.p99, 25),
      rowAgainst('batches of 100', 'events/s', seen.batches, pgbench, 1.2),
    ],
  };
}

type Seen = Record<'pgbench' | 'single' | 'batches' | 'tutorial' | 'p99', number[]>;
