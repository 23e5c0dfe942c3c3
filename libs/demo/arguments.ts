import { parseArgs } from 'node:util';

/** What the caller of the demo wants. */
export interface DemoOptions {
  /** Which 200 customers: the same seed gives the same people and the same figures. */
  readonly seed: number;
  /** End when the report is printed, instead of leaving everything up. */
  readonly once: boolean;
  /** One line of JSON on stdout and nothing else there. */
  readonly json: boolean;
  /** The sandbox refuses every send: what is paid then is paid without us. */
  readonly noProviders: boolean;
  /** Port of the application; absent: a free one. */
  readonly port?: number;
}

export type ArgumentsResult =
  | { readonly ok: true; readonly options: DemoOptions }
  | { readonly ok: false; readonly problem: string }
  /** Somebody asks what there is. */
  | { readonly ok: 'help' };

/** Any would do; these customers show every part of the story, the holdout's own payments included. */
export const DEFAULT_SEED = 4;

export const USAGE = `npm run demo -- [--once] [--json] [--no-providers] [--seed N] [--port N]

  --once          end after the report; exit code 0 only without duplicate sends and sends after the goal
  --json          one line of JSON on stdout and nothing else there (implies --once)
  --no-providers  the sandbox refuses every send: only what is paid without us remains
  --seed N        other customers (default ${DEFAULT_SEED})
  --port N        port of the application (default: a free one)

Uses DATABASE_URL (a database of its own on that server) and REDIS_URL when they are set; without them everything is embedded.`;

/** Reads the flags. A flag that is not known is refused by name: a misspelt one would play another story than was asked for. */
export function readArguments(args: readonly string[]): ArgumentsResult {
  const { tokens } = parseArgs({ args: [...args], options: FLAGS, strict: false, tokens: true });
  const given = new Map<string, string | undefined>();
  for (const token of tokens) {
    if (token.kind !== 'option' || !Object.hasOwn(FLAGS, token.name)) return refuse(`Unknown argument: ${args[token.index]}`);
    given.set(token.name, token.value);
  }
  if (given.has('help')) return { ok: 'help' };
  const valued = (['once', 'json', 'no-providers'] as const).find((name) => given.get(name) !== undefined);
  if (valued) return refuse(`--${valued} takes no value.`);
  const seed = wholeNumber(given, 'seed', 0, 2 ** 32 - 1);
  const port = wholeNumber(given, 'port', 1, 65_535);
  if (seed === 'unreadable') return refuse('--seed must be a whole number from 0 to 4294967295.');
  if (port === 'unreadable') return refuse('--port must be a whole number from 1 to 65535.');
  const json = given.has('json');
  const once = json || given.has('once');
  return { ok: true, options: { seed: seed ?? DEFAULT_SEED, once, json, noProviders: given.has('no-providers'), port } };
}

const FLAGS = {
  once: { type: 'boolean' },
  json: { type: 'boolean' },
  'no-providers': { type: 'boolean' },
  seed: { type: 'string' },
  port: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const refuse = (problem: string): ArgumentsResult => ({ ok: false, problem });

function wholeNumber(
  given: ReadonlyMap<string, string | undefined>,
  name: string,
  least: number,
  most: number,
): number | undefined | 'unreadable' {
  if (!given.has(name)) return undefined;
  const text = given.get(name) ?? '';
  const value = Number(text);
  return /^\d{1,10}$/.test(text) && value >= least && value <= most ? value : 'unreadable';
}
