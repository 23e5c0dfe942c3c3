import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type BenchOptions } from './arguments';
import { type Started } from './children';
import { chunksOf, share, withGenerators, withoutIndexes } from './bulk';
import { DatabaseServer, query, withClient } from './database-server';
import { Load } from './load';
import { describeMachine } from './machine';
import { Product } from './product';
import { ProviderStub } from './provider-stub';
import { type Report, rowBelow, tellProgress, tellRound } from './report';

const RUNS = 1_000_000;
const RUNS_FULL = 10_000_000;
const DAYS = 90;
const CHUNK = 100_000;
const REQUESTS_A_ROUND = 8;
const LIMIT_MS = 300;
/** Days there begin half an hour past six in the evening, UTC. */
const INDIA_MS = 18.5 * 3_600_000;

const questions = (range: string, month: string): Readonly<Record<string, string>> => ({
  'journey report': `/v1/analytics/journeys/payment_failed?${range}`,
  'experiments with verdict': `/v1/analytics/journeys/payment_failed/experiments?${range}`,
  'series by day': `/v1/analytics/journeys/payment_failed/series?grain=day&${range}`,
  'series by day and reason': `/v1/analytics/journeys/payment_failed/series?grain=day&breakdown=reason&${range}`,
  'series by channel': `/v1/analytics/journeys/payment_failed/series?breakdown=channel&${range}`,
  'a page of 100 recovered runs': `/v1/runs?journey=payment_failed&outcome=recovered&${range}`,
  'a page of 100 runs of a hundred thousand, by how soon': `/v1/runs?journey=payment_failed&outcome=recovered&within=21&arm=holdout&${range}`,
  'a page of runs of which there are none': `/v1/runs?journey=payment_failed&outcome=attributed&arm=holdout&${range}`,
  'a page of 100 delivered messages': `/v1/messages?journey=payment_failed&outcome=delivered&${range}`,
  'a page of 100 refused messages, the last of all': `/v1/messages?journey=payment_failed&state=rejected&${range}`,
  'a page of 100 messages that a provider bills for a month': `/v1/messages?outcome=billed&channel=sms&provider=sms&country=IN&currency=INR&calledOn=${month}`,
});

/**
 * How long reports take over 90 days of one journey with a million runs (ten with --full), every number of the range asked
 * for. The figure of a round is the slowest of eight requests. Outcomes are generated into the tables that the bus fills;
 * the application rolls them up itself, and how long that took is told on stderr.
 */
export async function benchAnalytics({ rounds, full }: BenchOptions, started: Started): Promise<Report> {
  const runs = full ? RUNS_FULL : RUNS;
  const server = await DatabaseServer.start(started);
  const database = await server.create('bench_analytics');
  const stub = await ProviderStub.start(started);
  const product = await Product.start({ databaseUrl: database, providerUrl: stub.url }, await Load.start(started), started);
  await generate(database, runs);
  const to = new Date(Math.ceil(Date.now() / 86_400_000) * 86_400_000 + INDIA_MS);
  const from = new Date(to.getTime() - (DAYS + 1) * 86_400_000);
  const month = new Date(to.getTime() - (DAYS / 2) * 86_400_000).toISOString().slice(0, 7);
  const asked = questions(`from=${from.toISOString()}&to=${to.toISOString()}`, month);
  await rolledUp(database, product, asked['journey report'] as string);
  for (const path of Object.values(asked)) await slowest(product, path);
  const seen: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, path] of Object.entries(asked)) (seen[name] ??= []).push(await slowest(product, path));
    tellRound(round, seen);
  }
  return {
    bench: 'analytics',
    machine: await describeMachine(server.version),
    rows: Object.entries(seen).map(([name, figures]) =>
      rowBelow(`${name} over ${runs.toLocaleString('en')} runs, slowest of ${REQUESTS_A_ROUND}`, 'ms', figures, LIMIT_MS),
    ),
  };
}

async function slowest({ url, key }: Product, path: string, requests = REQUESTS_A_ROUND): Promise<number> {
  let worst = 0;
  for (let request = 0; request < requests; request += 1) {
    const startedAt = performance.now();
    const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path} answered ${response.status}.`);
    worst = Math.max(worst, performance.now() - startedAt);
  }
  return worst;
}

/** Nine of ten are treated; rates, reasons and times are spread by a hash of the number, so every run of the bench has the same data. Of twenty thousand messages one is refused. */
const OUTCOMES_AND_TOUCHES = `
  with made as (
    insert into outcome (run_id, journey_key, version, variant, arm, test, reason_class, entered_at, person_id, dropped_at, ended_at, end_reason, goal_at, amount, currency)
    select md5('run' || n)::uuid, 'payment_failed', 1, '', arm, false, (array['user_error', 'instrument', 'timeout', 'bank'])[1 + dice % 4], entered, md5('person' || n % ($3::int * 9 / 10))::uuid,
           entered - interval '2 seconds', entered + coalesce(goal, interval '24 hours'), case when goal is null then 'window_over' else 'goal_reached' end,
           entered + goal, case when goal is not null then 9900 + dice % 400000 end, case when goal is not null then 'INR' end
    from (select n, arm, dice, entered, case when abs(hashint4(n + 7)) % 100 < case arm when 'treated' then 26 else 18 end
                 then make_interval(secs => 20 + power(abs(hashint4(n + 11)) % 1000 / 1000.0, 4) * 80000) end as goal
          from (select n, abs(hashint4(n)) as dice, case when abs(hashint4(n + 3)) % 10 = 0 then 'holdout' else 'treated' end as arm,
                       business_now() - interval '26 hours' - make_interval(secs => n::float8 / $3 * $4 * 86400) as entered from generate_series($1::int, $2::int) n) a) b
    returning run_id, arm, entered_at, goal_at)
  insert into touch (message_id, run_id, step, channel, provider, state, at, delivered_at, read_at, category, billable)
  select md5('message' || channel || n)::uuid, o.run_id, channel, channel, channel, case when abs(hashint4(n + 17)) % 20000 = 0 then 'rejected' else 'sent' end, o.entered_at + after, o.entered_at + after + interval '3 seconds',
         case when abs(hashint4(n + 5)) % 3 = 0 then o.entered_at + after + interval '5 minutes' end, case channel when 'whatsapp' then 'utility' end, case channel when 'whatsapp' then true end
  from generate_series($1::int, $2::int) n
  join made o on o.run_id = md5('run' || n)::uuid and o.arm = 'treated'
  cross join (values ('push', interval '1 minute', 10), ('whatsapp', interval '15 minutes', 7), ('sms', interval '2 hours', 4)) as step (channel, after, share)
  where abs(hashint4(n + 13)) % 10 < share and (o.goal_at is null or o.goal_at > o.entered_at + after)`;
const STALE = `
  insert into outcome_stale (journey_key, slot)
  select distinct journey_key, date_bin('15 minutes', entered_at, timestamptz '2000-01-01Z') from outcome where journey_key = 'payment_failed'`;

async function generate(url: string, runs: number): Promise<void> {
  await withGenerators(url, async (clients) => {
    await withoutIndexes(clients, ['outcome', 'touch'], () =>
      share('pieces of outcomes', chunksOf(1, runs, CHUNK), clients, async (one, [first, last]) => {
        await one.query(OUTCOMES_AND_TOUCHES, [first, last, runs, DAYS]);
      }),
    );
    await clients[0].query(STALE);
  });
}

/** Asked again for as long as there is more to count than a report waits for. */
async function countedBy({ url, key }: Product, path: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } });
    await response.arrayBuffer();
    if (response.ok) return;
    if (response.status !== 503) throw new Error(`${path} answered ${response.status}.`);
  }
}

/** The application does this in the background, slowly; the first report that is asked for does it at once. */
async function rolledUp(url: string, product: Product, path: string): Promise<void> {
  const startedAt = performance.now();
  const left = async () =>
    Number((await query<{ left: number }>(url, 'select count(*)::int as left from outcome_stale'))[0]?.left ?? 0);
  const all = await left();
  let answered = false;
  const first = countedBy(product, path).finally(() => (answered = true));
  while (!answered) {
    tellProgress('rolled up', all - (await left()), all + 1);
    await pause(500);
  }
  await first;
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  process.stderr.write(
    `${process.stderr.isTTY ? '\n' : ''}${all} quarters of an hour rolled up by the first reports in ${seconds} s\n`,
  );
  await withClient(url, async (client) => {
    for (const kind of ['entry', 'recovery', 'message']) await client.query(`vacuum analyze ${kind}_rollup, ${kind}_daily`);
  });
}
