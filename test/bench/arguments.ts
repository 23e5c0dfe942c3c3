import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly name: string;
  readonly json: boolean;
  readonly rounds: number;
  /** Longer measurements, for figures to publish. */
  readonly full: boolean;
}

/** The caller asked for something there is not. The message says what there is. */
export class UsageError extends Error {}

const FEWEST_ROUNDS = 3;
const USAGE = (names: readonly string[]): string =>
  `Usage: npm run bench -- <${names.join('|')}> [--json] [--rounds N] [--full]   (N: ${FEWEST_ROUNDS} or more)`;

export function readArguments(args: string[], names: readonly string[]): BenchOptions {
  const { values, positionals } = parsed(args, names);
  if (values.help) {
    process.stdout.write(`${USAGE(names)}\n`);
    process.exit(0);
  }
  const [name, ...more] = positionals;
  if (name === undefined) throw new UsageError(`Which bench? ${USAGE(names)}`);
  if (!names.includes(name)) throw new UsageError(`There is no bench "${name}". ${USAGE(names)}`);
  if (more.length > 0) throw new UsageError(`One bench at a time. ${USAGE(names)}`);
  const rounds = Number(values.rounds ?? FEWEST_ROUNDS);
  if (!Number.isInteger(rounds) || rounds < FEWEST_ROUNDS || rounds > 100)
    throw new UsageError(`--rounds must be a whole number from ${FEWEST_ROUNDS} to 100. ${USAGE(names)}`);
  return { name, json: values.json ?? false, rounds, full: values.full ?? false };
}

function parsed(args: string[], names: readonly string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean' }, rounds: { type: 'string' }, full: { type: 'boolean' }, help: { type: 'boolean' } },
    });
  } catch (error) {
    // What follows the first sentence tells how to pass a file that is called like an option.
    const [what] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UsageError(`${what}. ${USAGE(names)}`);
  }
}
