import { alwaysValid, type Interval, newcombe, type Share } from './proportion';
import { Seeded } from './seeded';
import { mayShowInterval } from './verdict';

export interface ExperimentsPlan {
  readonly experiments: number;
  /** Rates of the control; each experiment takes the next one. */
  readonly bases: readonly number[];
  /** What messages add in truth, as a share; 0 for an A/A simulation. */
  readonly uplift: number;
  readonly controlShare: number;
  readonly perDay: number;
  readonly days: number;
  readonly seed: number;
}

export interface ExperimentsResult {
  readonly experiments: number;
  /** Share of experiments whose interval left zero out at the one look at the end (Newcombe). */
  readonly flaggedAtEnd: number;
  /** Share of experiments that were flagged at any of the daily looks (always-valid interval, behind its gate). */
  readonly flaggedAtAnyPeek: number;
  /** Share of Newcombe intervals at the end that hold the truth. */
  readonly covered: number;
}

/** Plays experiments with a known truth through the same intervals and the same gate as the reports, one look a day. */
export function simulateExperiments(plan: ExperimentsPlan): ExperimentsResult {
  const draws = new Seeded(plan.seed);
  let [ended, peeked, covered] = [0, 0, 0];
  for (let number = 0; number < plan.experiments; number += 1) {
    const base = plan.bases[number % plan.bases.length] as number;
    const { end, peekFlagged } = playOne(plan, base, draws);
    if (leavesOut(end, 0)) ended += 1;
    if (peekFlagged) peeked += 1;
    if (!leavesOut(end, plan.uplift)) covered += 1;
  }
  const { experiments } = plan;
  return {
    experiments,
    flaggedAtEnd: ended / experiments,
    flaggedAtAnyPeek: peeked / experiments,
    covered: covered / experiments,
  };
}

function playOne(plan: ExperimentsPlan, base: number, draws: Seeded): { end: Interval; peekFlagged: boolean } {
  const controls = Math.round(plan.perDay * plan.controlShare);
  let treated: Share = { count: 0, of: 0 };
  let control: Share = { count: 0, of: 0 };
  let peekFlagged = false;
  for (let day = 0; day < plan.days; day += 1) {
    treated = grown(treated, plan.perDay - controls, base + plan.uplift, draws);
    control = grown(control, controls, base, draws);
    const shown = mayShowInterval({ treated, control }) ? alwaysValid(treated, control) : null;
    if (shown && leavesOut(shown, 0)) peekFlagged = true;
  }
  const end = newcombe(treated, control);
  if (!end) throw new Error('An experiment needs people in both arms.');
  return { end, peekFlagged };
}

function grown({ count, of }: Share, people: number, rate: number, draws: Seeded): Share {
  return { count: count + draws.successes(people, rate), of: of + people };
}

const leavesOut = ({ low, high }: Interval, value: number): boolean => low > value || high < value;
