import { readOptions, runCommand, UsageError } from '../command';
import { type ExperimentsResult, type ExperimentsPlan, simulateExperiments } from './rules/simulate-experiments';

const USAGE = `Plays experiments with a known truth through the intervals of the reports and prints how often they are wrong.

  npm run simulate:experiments -- [--experiments 20000] [--seed 1] [--json]
`;
const MOST_EXPERIMENTS = 1_000_000;

/** False alarms without a difference, and how often the interval holds a planted one: one line for each plan, or one of JSON for all. */
function main(): void {
  const values = readOptions(USAGE, { experiments: { type: 'string' }, seed: { type: 'string' }, json: { type: 'boolean' } });
  const experiments = wholeNumber('experiments', values.experiments ?? '20000', 1, MOST_EXPERIMENTS);
  const seed = wholeNumber('seed', values.seed ?? '1', 0, 2 ** 32 - 1);
  const base = { experiments, bases: [0.03, 0.05, 0.08, 0.12, 0.18, 0.24, 0.3], controlShare: 0.1, seed };
  const sizes = [200, 1_000].map((perDay) => ({ ...base, perDay, days: 30 }));
  const plans = sizes.flatMap((size) => [0, 0.02, 0.05, 0.08].map((uplift): ExperimentsPlan => ({ ...size, uplift })));
  const found = plans.map((plan) => {
    const one = { ...plan, ...simulateExperiments(plan) };
    if (!values.json) process.stdout.write(`${inWords(one)}\n`);
    return one;
  });
  if (values.json) process.stdout.write(`${JSON.stringify({ simulation: true, plans: found })}\n`);
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d{1,10}$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`--${name} must be a whole number from ${least} to ${most}.\n\n${USAGE}`);
}

function inWords({ experiments, perDay, days, uplift, ...found }: ExperimentsPlan & ExperimentsResult): string {
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  return (
    `simulation: ${experiments} experiments, ${perDay} a day for ${days} days, planted uplift ${percent(uplift)}: ` +
    `flagged at the end ${percent(found.flaggedAtEnd)}, at any daily peek ${percent(found.flaggedAtAnyPeek)}, ` +
    `interval holds the truth ${percent(found.covered)}`
  );
}

runCommand(main);
