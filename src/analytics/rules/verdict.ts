import { alwaysValid, type Interval, newcombe, type Share } from './proportion';
import { checkSplit, type SplitCheck } from './split';
import { minimumSample, type Sample } from './sample-size';

export type Verdict = 'collecting' | 'not proven' | 'proven' | 'harmful';

const LEAST_PEOPLE = 100;
const LEAST_GOALS_IN_CONTROL = 30;
/** Two weeks: what happens on pay-day or at a week-end happens in both halves. */
const LEAST_DAYS = 14;
/** The difference a report waits for before it says that nothing was proven. */
export const WANTED_DIFFERENCE = 0.05;

export interface Experiment {
  readonly treated: Share;
  readonly control: Share;
  /** The control's planned share of all entrants, 0 when there is none. */
  readonly controlShare: number;
  /** From the first entry that is counted until now, or until the end of the range that was asked for. */
  readonly days: number;
  /** Nobody enters any more and every window is over. */
  readonly isOver: boolean;
}

export type Reading =
  /** Nothing to compare with: whatever was recovered, nobody knows what would have happened anyway. */
  | { readonly kind: 'no_control' }
  /** The arms are not as large as planned: something sorts people, and no figure of the comparison means anything. */
  | { readonly kind: 'split_is_off'; readonly split: SplitCheck }
  | {
      readonly kind: 'read';
      readonly verdict: Verdict;
      readonly split: SplitCheck;
      /** Absent until there are enough people and goals to show one. */
      readonly difference?: Interval;
      readonly intervalKind: 'always_valid' | 'final';
      /** For a difference of five points at the control's rate; null while that rate says nothing. */
      readonly needed: Sample | null;
    };

/** From here on an interval may be shown. Earlier, its plug-in variance lies. */
export function mayShowInterval({ treated, control }: Pick<Experiment, 'treated' | 'control'>): boolean {
  return treated.of >= LEAST_PEOPLE && control.of >= LEAST_PEOPLE && control.count >= LEAST_GOALS_IN_CONTROL;
}

/** What may be said of an experiment at this look. */
export function readExperiment(experiment: Experiment): Reading {
  const { treated, control, controlShare, isOver, days } = experiment;
  if (!(controlShare > 0) || control.of === 0) return { kind: 'no_control' };
  const split = checkSplit([treated.of, control.of], [1 - controlShare, controlShare]);
  if (split === null) return { kind: 'no_control' };
  if (split.isOff) return { kind: 'split_is_off', split };
  const intervalKind = isOver ? 'final' : 'always_valid';
  const needed = minimumSample({ base: control.count / control.of, difference: WANTED_DIFFERENCE, controlShare });
  const difference = mayShowInterval(experiment) ? (isOver ? newcombe : alwaysValid)(treated, control) : null;
  if (difference === null) return { kind: 'read', verdict: isOver ? 'not proven' : 'collecting', split, intervalKind, needed };
  const enough = isOver || (days >= LEAST_DAYS && needed !== null && control.of >= needed.control);
  return {
    kind: 'read',
    verdict: verdictOf(difference, enough, isOver || days >= LEAST_DAYS),
    split,
    difference,
    intervalKind,
    needed,
  };
}

/** Harm is said at once; a success waits for the second week. */
function verdictOf({ low, high }: Interval, enough: boolean, mayPraise: boolean): Verdict {
  if (high < 0) return 'harmful';
  if (low > 0 && mayPraise) return 'proven';
  return enough && low <= 0 ? 'not proven' : 'collecting';
}
