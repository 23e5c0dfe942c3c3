import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { hours } from '@wapas/kernel';
import { ratesWith } from '@wapas/stated-rates';
import { Mailbox } from './population/mailbox';
import { MovedClock } from './population/moved-clock';
import { outsideOf } from './population/outside';
import { playbookJourneys, PROGRAMMES } from './population/playbook-journeys';
import { type PlaybookReport, readPlaybook, tell } from './population/playbook-report';
import { inventPopulation } from './population/population';
import { Simulation } from './population/simulation';
import { setStage } from './stage';
import { Teardown } from './teardown';
import { Terminal } from './terminal';
import { Wapas } from './wapas';

const USAGE = `npm run simulate:playbook -- [--json] [--customers N] [--seed N]

The playbook's comparison with invented customers, through the real application: an e-mail four hours later against
push, WhatsApp and SMS on their timeline, each with a holdout. The figures are read from the application's own reports.

  --json          one line of JSON on stdout and nothing else there
  --customers N   100 to 20,000 (default 3,000)
  --seed N        other customers (default 1)`;

/** Entries are over after an hour; a goal counts for a day after its failure. */
const ENTER_WITHIN = hours(1);
const STORY = hours(25.5);

async function main(): Promise<void> {
  const options = readOptions();
  if (options === null) {
    process.stderr.write(`${USAGE}\n`);
    process.exit(2);
  }
  const terminal = new Terminal(options.json);
  const teardown = new Teardown();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => void teardown.run().finally(() => process.exit(1)));
  try {
    const report = await simulate(options, terminal, teardown);
    terminal.endProgress();
    if (options.json) terminal.json(report);
    for (const line of tell(report)) terminal.line(line);
    await teardown.run();
    process.exit(0);
  } catch (error) {
    terminal.endProgress();
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    await teardown.run().catch((problem: unknown) => process.stderr.write(`${String(problem)}\n`));
    process.exit(1);
  }
}

interface Options {
  readonly json: boolean;
  readonly customers: number;
  readonly seed: number;
}

/** Null when something is misspelt: another simulation than was asked for must not run. */
function readOptions(): Options | null {
  try {
    const { values } = parseArgs({
      options: { json: { type: 'boolean' }, customers: { type: 'string' }, seed: { type: 'string' } },
    });
    const [customers, seed] = [Number(values.customers ?? 3_000), Number(values.seed ?? 1)];
    const isFine = Number.isInteger(customers) && customers >= 100 && customers <= 20_000 && Number.isInteger(seed) && seed >= 0;
    return isFine && seed < 2 ** 32 ? { json: values.json ?? false, customers, seed } : null;
  } catch {
    return null;
  }
}

async function simulate({ seed, customers }: Options, terminal: Terminal, teardown: Teardown): Promise<PlaybookReport> {
  terminal.note('Simulation: starting the application, its database, the sandbox and a mailbox …');
  const mailbox = await Mailbox.open();
  teardown.add(() => mailbox.close());
  const folder = mkdtempSync(join(tmpdir(), 'wapas-playbook-'));
  teardown.add(() => rmSync(folder, { recursive: true, force: true }));
  for (const journey of playbookJourneys) writeFileSync(join(folder, `${journey.key}.json`), JSON.stringify(journey));
  const stage = await setStage(
    { noProviders: false, application: { ...settings(folder), SMTP_URL: mailbox.url }, sandbox: QUICK_SANDBOX },
    teardown,
  );
  const client = new Client({ connectionString: stage.databaseUrl });
  await client.connect();
  teardown.add(() => client.end());
  const sql = async (text: string, values?: readonly unknown[]) =>
    (await client.query<Record<string, unknown>>(text, values as unknown[])).rows;
  const clock = await MovedClock.startingNow(sql, stage.sandboxUrl);
  const wapas = new Wapas({ ...stage, clock });
  const people = inventPopulation({
    seed,
    count: customers,
    rates: ratesWith(),
    programmes: PROGRAMMES,
    enterWithin: ENTER_WITHIN,
  });
  const start = clock.now();
  const simulation = new Simulation(outsideOf(wapas, stage.sandboxUrl, mailbox), clock, people, (now) =>
    terminal.progress((now - start) / STORY, `${new Date(now).toISOString()} of the story`),
  );
  await Promise.race([simulation.play(people, STORY), stage.broken]);
  return readPlaybook(wapas, { seed, customers, from: start, to: clock.now() });
}

/** Business time stands still until it is moved, and no vendor's rate is the measure here. */
const settings = (journeys: string) => ({
  WAPAS_CLOCK_START: '2026-11-23T09:00:00+05:30',
  WAPAS_CLOCK_RATE: '0',
  WAPAS_JOURNEYS_DIR: journeys,
  WAPAS_SERVICE_OPT_IN: 'none',
  SMTP_FROM: 'orders@shop.example',
  SMTP_MAX_PER_SECOND: '1000',
  SMTP_MAX_CONCURRENT: '50',
  WHATSAPP_MAX_PER_SECOND: '1000',
  MSG91_MAX_PER_SECOND: '1000',
});
const QUICK_SANDBOX = {
  SANDBOX_RECEIPTS_SENT_AFTER_MS: '1',
  SANDBOX_RECEIPTS_DELIVERED_AFTER_MS: '3',
  SANDBOX_WHATSAPP_RATE_PER_SECOND: '10000',
};

void main();
