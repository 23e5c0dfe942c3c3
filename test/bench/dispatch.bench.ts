import { redisForTests } from '@wapas/testing/redis';
import { type BenchOptions } from './arguments';
import { nextMessage, type Started, startProgram } from './children';
import { DatabaseServer, query } from './database-server';
import { journeyFolder } from './full-rules';
import { Load } from './load';
import { describeMachine } from './machine';
import { oneStepJourney } from './one-step-journey';
import { Product, until } from './product';
import { ProviderStub } from './provider-stub';
import { type Baseline, type Report, type Row, rowAgainst, rowWithoutBaseline, tellRound } from './report';
import { COUNT_SENT, SentCounter } from './sent-counter';

const JOURNEY = oneStepJourney(['after: 1s', 'maxDelay: 2h']);

const FLOOR = 1.3;
const BULL = 'one Bull job per message, nothing stored';

/**
 * Sends a second: messages that wait as rows go out through the real path (queue, slots, tokens, claim under the locks, guard,
 * consent, caps, call, outcome stored). The messages are planned by the product itself while the kill switch is on; it is lifted
 * and the clock runs from the first message that the provider gets until the last outcome is stored. The baseline adds one Bull
 * job for each message and works them in the same process; its clock runs from the first message until the last.
 */
export async function benchDispatch({ rounds, full }: BenchOptions, started: Started): Promise<Report> {
  const messages = full ? 20_000 : 6_000;
  const server = await DatabaseServer.start(started);
  const load = await Load.start(started);
  const stub = await ProviderStub.start(started);
  const redis = await redisForTests();
  if (redis) started.toStop(() => redis.stop());
  const parts = { server, load, stub, journeysDir: journeyFolder(JOURNEY, started) };
  const inProcess = await prepare(parts, started);
  const overBull = redis ? await prepare({ ...parts, redisUrl: redis.url }, started) : undefined;
  const bull = redis ? await prepareBull(redis.url, stub, started) : undefined;

  const seen: Record<'in-process' | 'Bull' | 'baseline', number[]> = { 'in-process': [], Bull: [], baseline: [] };
  for (const side of [inProcess, overBull, bull]) await side?.(WARM_UP);
  for (let round = 0; round < rounds; round += 1) {
    seen['in-process'].push(await inProcess(messages));
    if (bull) seen.baseline.push(await bull(messages));
    if (overBull) seen.Bull.push(await overBull(messages));
    tellRound(round, seen);
  }

  const baseline = bull && { name: BULL, figures: seen.baseline };
  return {
    bench: 'dispatch',
    machine: await describeMachine(server.version),
    rows: [
      row('dispatch to a loopback provider, outcome stored, in-process queue', seen['in-process'], baseline),
      ...(overBull ? [row('dispatch to a loopback provider, outcome stored, over Bull', seen.Bull, baseline)] : []),
    ],
  };
}

function row(name: string, figures: readonly number[], baseline: Baseline | undefined): Row {
  if (baseline) return rowAgainst(name, 'messages/s', figures, baseline, FLOOR);
  return rowWithoutBaseline(name, 'messages/s', figures, FLOOR, 'redis-server is missing, so there is no Bull to compare with.');
}

type Side = (messages: number) => Promise<number>;
const WARM_UP = 3_000;

interface Parts {
  readonly server: DatabaseServer;
  readonly load: Load;
  readonly stub: ProviderStub;
  readonly journeysDir: string;
  readonly redisUrl?: string;
}

async function prepare({ server, load, stub, journeysDir, redisUrl }: Parts, started: Started): Promise<Side> {
  const databaseUrl = await server.create(redisUrl ? 'bench_bull' : 'bench_in_process');
  // The customers of a bench get more in a minute than anybody gets in a day; the caps are asked all the same.
  const environment = { WAPAS_CAP_PER_DAY: '1000', ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }) };
  const product = await Product.start({ databaseUrl, providerUrl: stub.url, journeysDir, environment }, load, started);
  const counter = await SentCounter.open(databaseUrl, stub, COUNT_SENT, started);
  return async (messages) => {
    await switchSending(product, 'PUT');
    await plan(product, databaseUrl, load, messages);
    await counter.begin();
    await stub.watch();
    await switchSending(product, 'DELETE');
    await query(databaseUrl, `update message set offer_at = clock_timestamp() where state = 'planned'`);
    const endedAt = await counter.allComplete(messages);
    const perSecond = messages / ((endedAt - (await stub.firstAt())) / 1_000);
    await product.atRest();
    return perSecond;
  };
}

/** Triggers for so many messages; resolves when all wait as rows and nothing else is left to do. */
async function plan(product: Product, databaseUrl: string, load: Load, messages: number): Promise<void> {
  const { url, key } = product;
  const until100 = { kind: 'events', events: messages } as const;
  await load.run({ url: `${url}/v1/events/batch`, key, batch: 100, inFlight: 8, content: 'payments failed', until: until100 });
  await until('every message to wait', async () => {
    const [row] = await query<{ waiting: number }>(
      databaseUrl,
      `select count(*)::int as waiting from message where state = 'planned'`,
    );
    return row?.waiting === messages;
  });
  await product.atRest();
}

async function switchSending({ url, key }: Product, method: 'PUT' | 'DELETE'): Promise<void> {
  const response = await fetch(`${url}/v1/operations/stop`, { method, headers: { authorization: `Bearer ${key}` } });
  if (!response.ok) throw new Error(`The kill switch answered ${response.status}.`);
}

async function prepareBull(redisUrl: string, stub: ProviderStub, started: Started): Promise<Side> {
  const child = startProgram('baselines/bull-sends.process.js', started, { args: [redisUrl, stub.url] });
  await nextMessage(child);
  return async (messages) => {
    const before = await stub.watch();
    child.send(messages);
    await until('Bull to have sent everything', async () => (await stub.accepted()) >= before + messages, 60_000, 5);
    const endedAt = Date.now();
    return messages / ((endedAt - (await stub.firstAt())) / 1_000);
  };
}
