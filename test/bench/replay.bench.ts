import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type Instant, toIso } from '@wapas/kernel';
import { compileVersion } from '../../src/journeys/rules/compile-version';
import { type JourneyDefinition } from '../../src/journeys/rules/journey-definition';
import { type BenchOptions } from './arguments';
import { Started } from './children';
import { DatabaseServer, query, withClient } from './database-server';
import { generateLivedPeriod, type LivedPeriod } from './lived-period';
import { Load } from './load';
import { describeMachine } from './machine';
import { BENCH_SECRET, Product } from './product';
import { ProviderStub } from './provider-stub';
import { type Report, rowAtLeast, rowBelow, tellProgress, tellRound } from './report';

const EVENTS = 100_000;
const EVENTS_FULL = 1_000_000;
/** The limit is for a million events; fewer have as much less. */
const SECONDS_A_MILLION = 60;
const MEMORY_MB = 512;
/** A limit of our own: a month of a million events is audited while somebody waits. */
const RUNS_A_SECOND = 2_000;

interface Answer {
  readonly id: string;
  readonly state: string;
  readonly progress: number;
  readonly problem: string | null;
  readonly result: Readonly<Record<string, unknown>> | null;
}

/**
 * Merchants see 92 to 96 % of UPI payments come in, and 85 to 90 % of card payments (productgrowth.in, UPI payment success rates, June 2026):
 * in the first month as many fail as at the worst of both where every fourth pays by card. In the other every one fails, as dear as a month can be.
 */
const MONTHS = [
  { name: 'of which every tenth payment fails', failing: 0.1 },
  { name: 'of which every payment fails', failing: 1 },
] as const;

/**
 * How long a what-if over a month of stored events takes, from the order until it is done: the starter journey with its WhatsApp moved
 * and a further push, so that it finds as many differences as there are people who are written to. Beside it how many runs a second an
 * audit of the same month goes through.
 */
export async function benchReplay({ rounds, full }: BenchOptions, started: Started): Promise<Report> {
  const events = full ? EVENTS_FULL : EVENTS;
  const server = await DatabaseServer.start(started, { max_wal_size: '8GB' });
  const stub = await ProviderStub.start(started);
  const load = await Load.start(started);
  const rows: Report['rows'][number][] = [];
  for (const [number, month] of MONTHS.entries()) {
    const databaseUrl = await server.create(`bench_replay_${number}`);
    // Each month has an application of its own: the most that it has had in memory is that of this month.
    const beginning = new Started();
    started.toStop(() => beginning.stop());
    const product = await Product.start(
      { databaseUrl, providerUrl: stub.url, environment: channelsAt(stub.url) },
      load,
      beginning,
    );
    rows.push(...(await measureMonth(month, { product, databaseUrl, events, rounds })));
    await beginning.stop();
  }
  return { bench: 'replay', machine: await describeMachine(server.version), rows };
}

async function measureMonth(
  { name, failing }: (typeof MONTHS)[number],
  { product, databaseUrl, events, rounds }: { product: Product; databaseUrl: string; events: number; rounds: number },
): Promise<Report['rows']> {
  const ask = (method: string, path: string, body?: object) => answerOf(product, method, path, body);
  const [stored] = await query<{ definition: JourneyDefinition; version: number }>(
    databaseUrl,
    `select definition, version from journey_version where key = 'payment_failed' order by version desc limit 1`,
  );
  if (!stored) throw new Error('The starter journey is not published.');
  const { definition, version } = stored;
  const now = Date.now() as Instant;
  const compiled = compileVersion(definition, version);
  const period = await withClient(databaseUrl, (client) =>
    generateLivedPeriod(client, { secret: BENCH_SECRET, version: compiled, events, failing, now }),
  );
  const asked = { journey: 'payment_failed', from: toIso(period.from), to: toIso(period.to) };
  const seen = { 'what-if s': [] as number[], 'peak MB': [] as number[], 'audit runs/s': [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const whatIf = await timed(ask, { ...asked, kind: 'whatif', definition: changed(definition) }, 'what-if');
    checkWhatIf(whatIf.answer, period);
    seen['what-if s'].push(whatIf.seconds);
    seen['peak MB'].push(peakMemoryMb(product.pid));
    const audit = await timed(ask, { ...asked, kind: 'audit', version }, 'audit');
    checkAudit(audit.answer);
    seen['audit runs/s'].push(period.runs / audit.seconds);
    tellRound(round, seen);
  }
  const month = `${period.events.toLocaleString('en')} stored events, ${name}`;
  return [
    rowBelow(`what-if over ${month}`, 's', seen['what-if s'], (SECONDS_A_MILLION * period.events) / EVENTS_FULL),
    rowBelow(`peak memory of the application, what-if over ${month} included`, 'MB', seen['peak MB'], MEMORY_MB),
    rowAtLeast(`audit of ${period.runs.toLocaleString('en')} runs, ${name}`, 'runs/s', seen['audit runs/s'], RUNS_A_SECOND),
  ];
}

/** WhatsApp five minutes earlier, and a further push after three quarters of an hour. */
function changed(definition: JourneyDefinition): object {
  const steps = definition.steps.map((step) => (step.key === 'whatsapp' ? { ...step, after: '10m' } : step));
  const push = steps.find(({ key }) => key === 'push');
  return {
    ...definition,
    maxMessages: 4,
    steps: [...steps.slice(0, 2), { ...push, key: 'nudge', after: '45m' }, ...steps.slice(2)],
  };
}

/** Otherwise it would have measured nothing. */
function checkWhatIf({ result }: Answer, { events }: LivedPeriod): void {
  const found = result as { events: number; messages: { would: number; was: number; added: number; moved: number } };
  if (found.events < events * 0.98) throw new Error(`Only ${found.events} of ${events} events were lived.`);
  if (found.messages.added === 0 || found.messages.moved === 0)
    throw new Error('The what-if found no difference where there are many.');
}

function checkAudit({ result }: Answer): void {
  const found = result as { runs: number; differences: number };
  if (found.differences > found.runs * 0.01) throw new Error(`The audit found ${found.differences} differences in ${found.runs} runs that nobody planted.`); // prettier-ignore
}

async function timed(
  ask: (method: string, path: string, body?: object) => Promise<Answer>,
  body: object,
  what: string,
): Promise<{ answer: Answer; seconds: number }> {
  const startedAt = performance.now();
  const { id } = await ask('POST', '/v1/replays', body);
  for (;;) {
    const answer = await ask('GET', `/v1/replays/${id}`);
    if (answer.state === 'done') {
      tellProgress(what, 1, 1);
      return { answer, seconds: (performance.now() - startedAt) / 1_000 };
    }
    if (answer.state !== 'waiting' && answer.state !== 'running')
      throw new Error(`The ${what} is ${answer.state}: ${answer.problem}.`);
    tellProgress(what, Math.min(99, Math.floor(answer.progress * 100)), 100);
    await pause(100);
  }
}

async function answerOf({ url, key }: Product, method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** The most that the process has had in memory since it started (Linux). */
function peakMemoryMb(pid: number): number {
  const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(found) / 1_024;
}

/** WhatsApp and SMS beside push: nothing is sent, but their messages are rendered, linted and priced. */
const channelsAt = (url: string): Record<string, string> => ({
  WHATSAPP_ACCESS_TOKEN: 'bench',
  WHATSAPP_PHONE_NUMBER_ID: '1000',
  WHATSAPP_APP_SECRET: 'bench-app-secret',
  WHATSAPP_VERIFY_TOKEN: 'bench-verify-0123456789',
  WHATSAPP_BASE_URL: url,
  MSG91_AUTH_KEY: 'bench',
  MSG91_BASE_URL: url,
  MSG91_WEBHOOK_TOKEN: '8f3a61d2c94b7e05a1d6f0938b2c47e5',
});
