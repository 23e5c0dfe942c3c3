import { parseArgs } from 'node:util';
import { type ExperimentsPlan, simulateExperiments } from './rules/simulate-experiments';

const USAGE = `Plays experiments with a known truth through the intervals of the reports and prints how often they are wrong.

  npm run simulate:experiments -- [--experiments 20000] [--seed 1]
`;

/** Prints one line for each plan: false alarms without a difference, and how often the interval holds a planted one. */
function main(): void {
  const { values } = parseArgs({
    options: { experiments: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean' } },
  });
  const experiments = Number(values.experiments ?? 20_000);
  const seed = Number(values.seed ?? 1);
  if (values.help || !Number.isInteger(experiments) || experiments < 1 || experiments > 1_000_000 || !Number.isInteger(seed)) {
    process.stdout.write(USAGE);
    process.exit(values.help ? 0 : 2);
  }
  const base = { experiments, bases: [0.03, 0.05, 0.08, 0.12, 0.18, 0.24, 0.3], controlShare: 0.1, seed };
  for (const size of [
    { perDay: 200, days: 30 },
    { perDay: 1_000, days: 30 },
  ]) {
    for (const uplift of [0, 0.02, 0.05, 0.08]) print({ ...base, ...size, uplift });
  }
}

function print(plan: ExperimentsPlan): void {
  const { flaggedAtEnd, flaggedAtAnyPeek, covered } = simulateExperiments(plan);
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  process.stdout.write(
    `simulation: ${plan.experiments} experiments, ${plan.perDay} a day for ${plan.days} days, planted uplift ${percent(plan.uplift)}: ` +
      `flagged at the end ${percent(flaggedAtEnd)}, at any daily peek ${percent(flaggedAtAnyPeek)}, interval holds the truth ${percent(covered)}\n`,
  );
}

main();
