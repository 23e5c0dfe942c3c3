import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutant, MUTANTS } from './mutants/mutants';
import { type Outcome } from './world';

export type Patch = Mutant['patches'][number];
interface LoadedWorld {
  playSeed(seed: number): Promise<Outcome>;
}
export type LoadWorld = (patches: readonly Patch[]) => LoadedWorld;

/** What a run of the simulation came to: one line of JSON. */
export interface Report {
  readonly seeds: number;
  readonly violations: number;
  /** Every seed that failed, and what it is accused of. */
  readonly failed: readonly { readonly seed: number; readonly violations: readonly string[] }[];
  readonly events: number;
  readonly seconds: number;
  /** How often each fault struck, and where: at which statement, channel or lane. */
  readonly faults: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What became of messages, runs and triggers. */
  readonly states: Readonly<Record<string, number>>;
  /** Seeds that were played twice and did not happen alike. */
  readonly unlike: readonly number[];
}

export interface Caught {
  readonly mutant: string;
  readonly mistake: string;
  /** The seed that caught it; null: none did. */
  readonly seed: number | null;
  readonly tried: number;
  readonly violation: string | null;
}

const HELP = `npm run simulate -- [--seeds 2000] [--from 1] [--workers 2] [--twice] [--mutant NAME|all] [--json]
  Plays seeds of the simulated world. With --mutant: plants that fault and looks for the seed that catches it.
  --twice plays every seed twice and compares. Without --json it prints for people.
`;

/** Gives the exit code: 0 when nothing is wrong, and when every mutant was caught. */
export async function main(args: readonly string[], loadWorld: LoadWorld): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const seeds = numberOf(args, '--seeds') ?? 2_000;
  const mutant = wordOf(args, '--mutant');
  if (mutant !== undefined) return showCaught(await catchMutants(mutant, seeds, loadWorld), args.includes('--json'));
  const options = { from: numberOf(args, '--from') ?? 1, seeds, twice: args.includes('--twice') };
  const workers = numberOf(args, '--workers') ?? 2;
  const report = args.includes('--kept')
    ? await play(keptSeeds(), false, loadWorld)
    : workers > 1 && seeds > 50
      ? await playApart(options, workers)
      : await play(range(options.from, seeds), options.twice, loadWorld);
  return showReport(report, args.includes('--json'));
}

export function keptSeeds(): number[] {
  const file = JSON.parse(readFileSync(join(__dirname, 'seeds.json'), 'utf8')) as { seeds: { seed: number }[] };
  return file.seeds.map(({ seed }) => seed);
}

async function play(seeds: readonly number[], twice: boolean, loadWorld: LoadWorld): Promise<Report> {
  const world = loadWorld([]);
  const began = performance.now();
  const failed: { seed: number; violations: readonly string[] }[] = [];
  const unlike: number[] = [];
  const faults: Record<string, Record<string, number>> = {};
  const states: Record<string, number> = {};
  let events = 0;
  for (const seed of seeds) {
    const outcome = await world.playSeed(seed);
    if (outcome.violations.length > 0) failed.push({ seed, violations: outcome.violations });
    if (twice && (await world.playSeed(seed)).hash !== outcome.hash) unlike.push(seed);
    events += outcome.events;
    for (const [hit, count] of outcome.hits) {
      const [fault, where] = hit.split(' @ ') as [string, string];
      addTo((faults[fault] ??= {}), where, count);
    }
    for (const [state, count] of outcome.states) addTo(states, state, count);
  }
  const violations = failed.reduce((sum, one) => sum + one.violations.length, 0);
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return { seeds: seeds.length, violations, failed, events, seconds, faults, states, unlike };
}

/** The same in several processes, each with its share of the seeds. */
async function playApart(options: { from: number; seeds: number; twice: boolean }, workers: number): Promise<Report> {
  const began = performance.now();
  const share = Math.ceil(options.seeds / workers);
  const reports = await Promise.all(
    Array.from({ length: workers }, (_one, index) => {
      const seeds = Math.min(share, options.seeds - index * share);
      const args = ['--from', String(options.from + index * share), '--seeds', String(seeds), '--workers', '1', '--json'];
      return reportOf(options.twice ? [...args, '--twice'] : args);
    }),
  );
  const faults: Record<string, Record<string, number>> = {};
  const states: Record<string, number> = {};
  for (const report of reports) {
    for (const [fault, places] of Object.entries(report.faults))
      for (const [where, count] of Object.entries(places)) addTo((faults[fault] ??= {}), where, count);
    for (const [state, count] of Object.entries(report.states)) addTo(states, state, count);
  }
  const sum = (of: (report: Report) => number): number => reports.reduce((total, report) => total + of(report), 0);
  return {
    seeds: sum((report) => report.seeds),
    violations: sum((report) => report.violations),
    failed: reports.flatMap((report) => report.failed),
    events: sum((report) => report.events),
    seconds: Math.round((performance.now() - began) / 100) / 10,
    faults,
    states,
    unlike: reports.flatMap((report) => report.unlike),
  };
}

function reportOf(args: readonly string[]): Promise<Report> {
  const child = spawn(process.execPath, [...process.execArgv, join(__dirname, 'run.cjs'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let line = '';
  child.stdout.on('data', (data: Buffer) => (line += data.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 || code === 1) resolve(JSON.parse(line) as Report);
      else reject(new Error(`A worker of the simulation ended with ${code}.`));
    });
  });
}

/** The known seed first, then the others in order. */
async function catchMutants(name: string, seeds: number, loadWorld: LoadWorld): Promise<Caught[]> {
  const wanted = name === 'all' ? MUTANTS : MUTANTS.filter((one) => one.name === name);
  if (wanted.length === 0)
    throw new Error(`There is no mutant "${name}". There are: ${MUTANTS.map((one) => one.name).join(', ')}.`);
  const caught: Caught[] = [];
  for (const mutant of wanted) caught.push(await catchMutant(mutant, seeds, loadWorld));
  return caught;
}

async function catchMutant(mutant: Mutant, seeds: number, loadWorld: LoadWorld): Promise<Caught> {
  const { name, mistake } = mutant;
  const world = loadWorld(mutant.patches);
  const order = [mutant.seed, ...range(1, seeds).filter((seed) => seed !== mutant.seed)];
  for (const [index, seed] of order.entries()) {
    const { violations } = await world.playSeed(seed);
    const [violation] = violations;
    if (violation !== undefined) return { mutant: name, mistake, seed, tried: index + 1, violation };
  }
  return { mutant: name, mistake, seed: null, tried: order.length, violation: null };
}

function showReport(report: Report, asJson: boolean): number {
  const { seeds, violations, failed, events, seconds, faults, states, unlike } = report;
  if (asJson) process.stdout.write(`${JSON.stringify({ simulation: 'send path', ...report })}\n`);
  else {
    process.stdout.write(`${seeds} seeds, ${events} events, ${seconds} s, ${violations} violations\n`);
    for (const [fault, places] of Object.entries(faults)) {
      const total = Object.values(places).reduce((sum, count) => sum + count, 0);
      process.stdout.write(`  ${fault}: ${total} times, at ${Object.keys(places).length} places\n`);
    }
    for (const [state, count] of Object.entries(states).sort()) process.stdout.write(`  ${state}: ${count}\n`);
    for (const one of failed) process.stdout.write(`seed ${one.seed}: ${one.violations.join(' · ')}\n`);
    for (const seed of unlike) process.stdout.write(`seed ${seed} did not happen alike twice\n`);
  }
  return violations + unlike.length === 0 ? 0 : 1;
}

function showCaught(caught: readonly Caught[], asJson: boolean): number {
  const missed = caught.filter(({ seed }) => seed === null);
  if (asJson)
    process.stdout.write(
      `${JSON.stringify({ simulation: 'mutants', caught: caught.length - missed.length, mutants: caught })}\n`,
    );
  else
    for (const { mutant, seed, tried, violation } of caught)
      process.stdout.write(`${mutant}: ${seed === null ? 'NOT CAUGHT' : `seed ${seed}, after ${tried}: ${violation}`}\n`);
  return missed.length === 0 ? 0 : 1;
}

const range = (from: number, count: number): number[] =>
  Array.from({ length: Math.max(0, count) }, (_one, index) => from + index);

function wordOf(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

function numberOf(args: readonly string[], name: string): number | undefined {
  const word = wordOf(args, name);
  if (word === undefined) return undefined;
  const number = Number(word);
  if (!Number.isInteger(number) || number < 0) throw new Error(`${name} needs a whole number.`);
  return number;
}

function addTo(counts: Record<string, number>, name: string, count: number): void {
  counts[name] = (counts[name] ?? 0) + count;
}
