import { redisForTests } from '@wapas/testing/redis';
import { Client } from 'pg';
import { type BenchOptions } from './arguments';
import { StepJobWorker } from './baselines/step-job';
import { type Started } from './children';
import { DatabaseServer, query } from './database-server';
import { fullRules, journeyFolder } from './full-rules';
import { Load } from './load';
import { describeMachine } from './machine';
import { generatePending, makeDue } from './pending-runs';
import { Product, until } from './product';
import { ProviderStub } from './provider-stub';
import { type Report, type Row, rowAgainst, rowBelow, rowWithoutBaseline, tellRound } from './report';

const PENDING = 1_000_000;
const PENDING_FULL = 5_000_000;
const DUE_AT_ONCE = 10_000;
const JOBS = 5_000;
const DUE_A_SECOND = 2_000;
/** Time to make runs due before the first of them is. */
const AHEAD_MS = 1_500;
const BASELINE = 'one Bull job a step with one SQL statement, nothing else pending';

/**
 * Due steps a second with a million runs pending (and five million with --full), and how late a step is at 2,000 due a
 * second. A step counts when its transaction is committed: the run has moved on, the decision is kept and the message is
 * planned. Sending is stopped meanwhile: it is measured by the chain.
 */
export async function benchTimers({ rounds, full }: BenchOptions, started: Started): Promise<Report> {
  const server = await DatabaseServer.start(started, { track_commit_timestamp: 'on', max_wal_size: '8GB' });
  const load = await Load.start(started);
  const stub = await ProviderStub.start(started);
  const databaseUrl = await server.create('bench_product');
  const journeysDir = journeyFolder(fullRules('1m'), started);
  const product = await Product.start({ databaseUrl, providerUrl: stub.url, journeysDir }, load, started);
  await startPattern(product, load, databaseUrl);
  const baseline = await prepareBaseline(server, rounds, started);
  const client = await connect(databaseUrl, started);
  const timers = new Timers(client, PENDING);

  await product.whileEnded(() => generatePending(databaseUrl, 1, PENDING));
  await tellSize(client, PENDING);
  await timers.stepsPerSecond(); // Node compiles what is hot.
  await baseline?.();
  const seconds = full ? 10 : 4;
  const seen = { 'steps/s': [] as number[], 'jobs/s': [] as number[], 'p99 ms': [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    seen['steps/s'].push(await timers.stepsPerSecond());
    if (baseline) seen['jobs/s'].push(await baseline());
    seen['p99 ms'].push(await timers.p99Lateness(seconds));
    tellRound(round, seen);
  }
  const more = full ? await withMorePending(product, databaseUrl, client, seen['steps/s'], seconds) : [];
  return {
    bench: 'timers',
    machine: await describeMachine(server.version),
    rows: [
      againstBull('due steps, 1 M pending', seen['steps/s'], seen['jobs/s']),
      rowBelow(`p99 lateness at ${DUE_A_SECOND.toLocaleString('en')} due/s, 1 M pending`, 'ms', seen['p99 ms'], 250),
      ...more,
    ],
  };
}

async function withMorePending(
  product: Product,
  databaseUrl: string,
  client: Client,
  before: readonly number[],
  seconds: number,
): Promise<Row[]> {
  await product.whileEnded(() => generatePending(databaseUrl, PENDING + 1, PENDING_FULL));
  await tellSize(client, PENDING_FULL);
  const timers = new Timers(client, PENDING_FULL);
  await timers.stepsPerSecond();
  const seen = { 'steps/s': [] as number[], 'p99 ms': [] as number[] };
  for (let round = 0; round < before.length; round += 1) {
    seen['steps/s'].push(await timers.stepsPerSecond());
    seen['p99 ms'].push(await timers.p99Lateness(seconds));
    tellRound(round, seen);
  }
  return [
    rowAgainst('due steps, 5 M pending', 'steps/s', seen['steps/s'], { name: 'the same with 1 M pending', figures: before }, 0.8),
    rowBelow(`p99 lateness at ${DUE_A_SECOND.toLocaleString('en')} due/s, 5 M pending`, 'ms', seen['p99 ms'], 250),
  ];
}

/** What so many pending runs take on disk, with their indexes, on stderr. */
async function tellSize(client: Client, pending: number): Promise<void> {
  const { rows } = await client.query<{ size: string }>(
    `select pg_size_pretty(sum(pg_total_relation_size(name))) as size from unnest(array['run', 'run_key']::regclass[]) as name`,
  );
  process.stderr.write(`${pending.toLocaleString('en')} pending runs take ${rows[0]?.size}\n`);
}

function againstBull(name: string, figures: readonly number[], jobs: readonly number[]): Row {
  if (jobs.length > 0) return rowAgainst(name, 'steps/s', figures, { name: BASELINE, figures: jobs }, 4);
  return rowWithoutBaseline(name, 'steps/s', figures, 4, 'redis-server is missing, so there are no Bull jobs to compare with.');
}

/** One trigger over HTTP, so that there is a run to copy; then nothing is sent any more. */
async function startPattern({ url, key }: Product, load: Load, databaseUrl: string): Promise<void> {
  const until1: { kind: 'events'; events: number } = { kind: 'events', events: 1 };
  await load.run({ url: `${url}/v1/events`, key, batch: 1, inFlight: 1, content: 'payments failed', until: until1 });
  await until('the first run', async () => (await query(databaseUrl, 'select from run')).length === 1);
  const answer = await fetch(`${url}/v1/operations/stop`, { method: 'PUT', headers: { authorization: `Bearer ${key}` } });
  if (!answer.ok) throw new Error(`Sending could not be stopped: ${answer.status}.`);
}

/** Measures on one connection; each measurement takes runs that were not taken before. */
class Timers {
  private taken = 0;

  constructor(
    private readonly client: Client,
    private readonly pending: number,
  ) {}

  /** Steps a second, from the moment at which all were due until the last was committed. */
  async stepsPerSecond(): Promise<number> {
    const at = (await this.now()) + AHEAD_MS;
    await makeDue(this.client, this.take(DUE_AT_ONCE), at, 0);
    await this.noneDue(at + 1);
    const { last } = await this.lateness(at);
    await this.clear();
    return DUE_AT_ONCE / (last / 1_000);
  }

  /** Milliseconds between the moment a step was due and its commit, the 99th of 100. */
  async p99Lateness(seconds: number): Promise<number> {
    const at = (await this.now()) + AHEAD_MS;
    await makeDue(this.client, this.take(DUE_A_SECOND * seconds), at, 1 / DUE_A_SECOND);
    await this.noneDue(at + seconds * 1_000);
    const { p99 } = await this.lateness(at);
    await this.clear();
    return p99;
  }

  /** Scattered over the table, as runs that are due together are. */
  private take(count: number): number[] {
    const numbers = Array.from({ length: count }, (_, index) => 1 + (((this.taken + index) * 7_919) % this.pending));
    this.taken += count;
    return numbers;
  }

  private async now(): Promise<number> {
    return (await this.one<{ now: number }>('select extract(epoch from business_now())::float8 * 1000 as now')).now;
  }

  /** Rows that are being worked on still show as due: none is due once the last commit is done. */
  private async noneDue(from: number): Promise<void> {
    const due = `select business_now() < to_timestamp(${from} / 1000.0) or (select due_at from run where due_at is not null order by due_at limit 1) <= business_now() as "isDue"`;
    await until('the due steps', async () => !(await this.one<{ isDue: boolean }>(due)).isDue);
  }

  /** Of the steps that were due at `at` and after; the commit's moment in business time. */
  private lateness(at: number): Promise<{ last: number; p99: number }> {
    return this.one(`
      select extract(epoch from max(committed) - to_timestamp(${at} / 1000.0))::float8 * 1000 as last,
             percentile_disc(0.99) within group (order by extract(epoch from committed - due))::float8 * 1000 as p99
      from (select c.anchor_business + (pg_xact_commit_timestamp(m.xmin) - c.anchor_real) * c.rate as committed, m.due_at as due
            from message m cross join business_clock c where m.state = 'planned') step`);
  }

  private async clear(): Promise<void> {
    await this.client.query(`update message set state = 'skipped', reason = 'bench', offer_at = null where state = 'planned'`);
  }

  private async one<Row extends object>(text: string): Promise<Row> {
    return (await this.client.query<Row>(text)).rows[0] as Row;
  }
}

async function connect(url: string, started: Started): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined); // The next query says so.
  await client.connect();
  started.toStop(() => client.end());
  return client;
}

const TABLES = `
  create table step_run (id uuid primary key, person_id uuid not null, next_step int not null, facts jsonb not null);
  create table step_message (id uuid primary key, run_id uuid not null, step int not null, person_id uuid not null, state text not null, content jsonb not null, unique (run_id, step));
  insert into step_run select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, gen_random_uuid(), 0, '{"amount": 149900}' from generate_series(0, COUNT - 1) n`;

/** Jobs a second from the moment at which all were due; undefined without a redis-server. */
async function prepareBaseline(
  server: DatabaseServer,
  rounds: number,
  started: Started,
): Promise<(() => Promise<number>) | undefined> {
  const redis = await redisForTests();
  if (redis === null) return undefined;
  started.toStop(() => redis.stop());
  const database = await server.create('bench_jobs');
  await query(database, TABLES.replace('COUNT', String(JOBS * (rounds + 1))));
  const worker = await StepJobWorker.start(database, redis.url, started);
  let first = 0;
  return async () => {
    const { dueAt, doneAt } = await worker.work({ first, count: JOBS });
    first += JOBS;
    return JOBS / ((doneAt - dueAt) / 1_000);
  };
}
