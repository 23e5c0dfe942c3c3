import { setTimeout as pause } from 'node:timers/promises';
import { after, type Instant, minutes } from '@wapas/kernel';
import { type DemoOptions, readArguments, USAGE } from './arguments';
import { account, type Account, isAtRest, readFacts } from './counter';
import { type Customer, inventCustomers } from './customers';
import { FollowedCustomer } from './followed-customer';
import { Handsets } from './handsets';
import { Player } from './player';
import { addresses, indianTime, jsonLine, type QueueLine, recoveryReport } from './report';
import { Shop } from './shop';
import { setStage, type Stage } from './stage';
import { Teardown } from './teardown';
import { Terminal } from './terminal';
import { Wapas } from './wapas';

/** `npm run demo`: two hundred invented customers, the real application, and what it recovers. */
async function main(): Promise<void> {
  const read = readArguments(process.argv.slice(2));
  if (read.ok === 'help') {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  if (!read.ok) {
    process.stderr.write(`${read.problem}\n\n${USAGE}\n`);
    process.exit(2);
  }
  const terminal = new Terminal(read.options.json);
  const teardown = new Teardown();
  const verdict: Verdict = { isSound: false };
  const stopping = stopOnSignals(teardown, verdict);
  try {
    await tellStory(read.options, { terminal, teardown, verdict });
    await teardown.run();
    process.exit(verdict.isSound ? 0 : 1);
  } catch (error) {
    if (stopping.aborted) return; // What broke off was stopped by hand, and the signal ends the process.
    terminal.endProgress();
    process.stderr.write(`${wordsOf(error)}\n`);
    await teardown.run().catch((problem: unknown) => process.stderr.write(`${String(problem)}\n`));
    process.exit(1);
  }
}

/** What the exit code says: sound only when the report is there, nothing was sent twice, and nothing after the goal. */
interface Verdict {
  isSound: boolean;
}

interface Telling {
  readonly terminal: Terminal;
  readonly teardown: Teardown;
  readonly verdict: Verdict;
}

async function tellStory(options: DemoOptions, { terminal, teardown, verdict }: Telling): Promise<void> {
  terminal.note('Starting the application, its database and the sandbox …');
  const stage = await setStage(options, teardown);
  const played = play(options, stage, terminal, teardown).catch((error: unknown) => explain(error, stage));
  const { account, queue, followed } = await Promise.race([played, stage.broken]);
  const seconds = Math.round(performance.now() / 100) / 10;
  if (options.json) terminal.json(jsonLine(account, queue, seconds));
  for (const line of ['', ...recoveryReport(account, queue, seconds, options), '']) terminal.line(line);
  verdict.isSound = account.sendsAfterGoal === 0 && account.duplicateSends === 0;
  if (options.once) return;
  for (const line of addresses(stage, followed)) terminal.line(line);
  await stage.broken;
}

const CHILD_TELLS_WITHIN_MS = 1_000;

/** A request that failed because a child died is news of the child: its last lines say more. */
async function explain(error: unknown, stage: Stage): Promise<never> {
  await Promise.race([stage.broken, pause(CHILD_TELLS_WITHIN_MS)]);
  throw error;
}

interface Played {
  readonly account: Account;
  readonly queue: QueueLine;
  /** Whose timeline was told. */
  readonly followed: Customer | undefined;
}

/** Entries are over after twenty minutes; then there is time for the last SMS (T+2h) and for whoever pays after it. */
const STORY = minutes(20 + 160);

async function play(options: DemoOptions, stage: Stage, terminal: Terminal, teardown: Teardown): Promise<Played> {
  const { clock } = stage;
  const customers = inventCustomers(options.seed);
  const wapas = new Wapas(stage);
  const shop = await Shop.open(stage.shopPort, customers, wapas, clock);
  teardown.add(() => shop.close());
  await wapas.introduce(customers);

  const followed = new FollowedCustomer(wapas, terminal);
  const received = { accepted: 0, refused: 0 };
  const player = new Player({ wapas, shop, clock, handsets: new Handsets(stage.sandboxUrl) }, customers, (entry, customer) => {
    received[entry.accepted ? 'accepted' : 'refused'] += 1;
    if (!options.json) followed.offer(customer);
  });
  const start = clock.now();
  const end = after(start, STORY);
  const showing = setInterval(() => {
    const now = clock.now();
    const text = `${indianTime(now)} IST · ${received.accepted} messages accepted, ${received.refused} refused`;
    terminal.progress((now - start) / STORY, text);
  }, 100);
  try {
    await player.play(start, end);
    await untilAtRest(stage, end);
    await followed.end();
  } finally {
    clearInterval(showing);
    terminal.endProgress();
  }
  const facts = await readFacts(stage.databaseUrl, stage.ledgerFile, clock.anchor, end);
  return { account: account(facts), queue: await readQueue(stage), followed: followed.who };
}

const COMES_TO_REST_WITHIN_MS = 15_000;

async function untilAtRest({ databaseUrl }: Stage, end: Instant): Promise<void> {
  for (const giveUpAt = Date.now() + COMES_TO_REST_WITHIN_MS; Date.now() < giveUpAt;) {
    if (await isAtRest(databaseUrl, end)) return;
    await pause(50);
  }
  throw new Error('The application did not come to rest: something that is due is not being done.');
}

async function readQueue({ appUrl }: Stage): Promise<QueueLine> {
  const response = await fetch(`${appUrl}/health/ready`);
  return ((await response.json()) as { queue: QueueLine }).queue;
}

/** Ctrl-C reaches the children, too; they hear it twice and end once. Gives a signal that says that it has come. */
function stopOnSignals(teardown: Teardown, verdict: Verdict): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) return;
      stopping.abort();
      teardown.run().then(
        () => process.exit(verdict.isSound ? 0 : 1),
        (error: unknown) => {
          process.stderr.write(`${String(error)}\n`);
          process.exit(1);
        },
      );
    });
  }
  return stopping.signal;
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

void main();
