import { type Costs } from './cost';
import { type ExperimentVersions } from './experiments';
import { type CostPerRecovery, costPerIncrementalRecovery, incrementalRevenue } from './money';
import { type Interval, wilson } from './proportion';
import { type Sample } from './sample-size';
import { type SplitCheck } from './split';
import { daysToVerdict, readExperiment, type Reading, type Verdict } from './verdict';

/** One arm of an experiment; everybody counts once, with their first entry. */
export interface ArmSums {
  readonly entered: number;
  readonly recovered: number;
  readonly attributed: number;
  readonly takings: readonly { currency: string; recovered: number; amount: number; squares: number }[];
}

export interface ExperimentFacts {
  readonly versions: ExperimentVersions;
  readonly treated: ArmSums;
  readonly holdout: ArmSums;
  /** Of the treated's messages. */
  readonly cost: Costs;
  /** The first entry that is counted here, milliseconds since 1970. */
  readonly firstAt: number;
  /** The last entry there was, counted here or not: until its window is over a comparison is no final one, whatever range was asked for. */
  readonly lastAt: number;
  /** Where the range ends whose entries are counted here. */
  readonly endsAt: number;
}

/** The three numbers, side by side and never mixed. */
export interface Comparison {
  readonly treated: { readonly entered: number; readonly recovered: number; readonly rate: Interval | null };
  readonly holdout: { readonly entered: number; readonly recovered: number };
  /** Goals of the treated after a message inside its window: touched. */
  readonly attributed: { readonly count: number; readonly rate: number | null };
  /** What happens without messages: the holdout's rate. Null without a holdout. */
  readonly organic: Interval | null;
  readonly reading: Reading['kind'];
  readonly verdict: Verdict | null;
  readonly intervalKind: 'always_valid' | 'final' | null;
  readonly split: SplitCheck | null;
  readonly needed: Sample | null;
  readonly daysToAnswer: number | null;
  readonly incremental: Incremental | null;
}

export interface Incremental {
  readonly difference: Interval;
  readonly recoveries: Interval;
  readonly revenue:
    | { readonly kind: 'amount'; readonly currency: string; readonly interval: Interval }
    | { readonly kind: 'mixed_currencies'; readonly currencies: readonly string[] }
    | { readonly kind: 'no_amounts' };
  readonly costPerRecovery: (CostPerRecovery & { readonly currency: string | null }) | null;
}

const DAY_MS = 86_400_000;

/** What may be said of an experiment now. `now` in milliseconds since 1970. */
export function compare(facts: ExperimentFacts, now: number): Comparison {
  const { versions, treated, holdout, cost } = facts;
  const lastAt = versions.isCurrent ? now : Math.min(now, facts.lastAt);
  const days = Math.max(0, (Math.min(lastAt, facts.endsAt) - facts.firstAt) / DAY_MS);
  const isOver = !versions.isCurrent && now > facts.lastAt + versions.window;
  const experiment = {
    treated: { count: treated.recovered, of: treated.entered },
    control: { count: holdout.recovered, of: holdout.entered },
    controlShare: versions.holdoutPercent / 100,
    days,
    isOver,
  };
  const reading = readExperiment(experiment);
  const read = reading.kind === 'read' ? reading : null;
  return {
    treated: { entered: treated.entered, recovered: treated.recovered, rate: rateOf(treated) },
    holdout: { entered: holdout.entered, recovered: holdout.recovered },
    attributed: { count: treated.attributed, rate: treated.entered > 0 ? treated.attributed / treated.entered : null },
    organic: versions.holdoutPercent > 0 ? rateOf(holdout) : null,
    reading: reading.kind,
    verdict: read?.verdict ?? null,
    intervalKind: read?.intervalKind ?? null,
    split: reading.kind === 'no_control' ? null : reading.split,
    needed: read?.needed ?? null,
    daysToAnswer: read && daysToVerdict(experiment, read.needed),
    incremental: read ? incrementalOf(facts, read, cost) : null,
  };
}

/** Null until a difference may be shown. A recovery has a price once the verdict says that there were any. */
function incrementalOf(
  facts: ExperimentFacts,
  { difference, intervalKind, verdict }: Extract<Reading, { kind: 'read' }>,
  { costs, unpriced }: Costs,
): Incremental | null {
  if (!difference) return null;
  const times = facts.treated.entered;
  const recoveries = { value: difference.value * times, low: difference.low * times, high: difference.high * times };
  const [only, ...more] = costs;
  const price = (amount: number): CostPerRecovery => {
    if (verdict !== 'proven') return { kind: 'not_proven' };
    if (unpriced > 0) return { kind: 'unpriced', units: unpriced };
    const reckoned = costPerIncrementalRecovery(amount, recoveries);
    return reckoned.kind === 'proven' ? { ...reckoned, ...inWhole(reckoned) } : reckoned;
  };
  return {
    difference,
    recoveries,
    revenue: revenueOf(facts, intervalKind),
    costPerRecovery:
      more.length === 0 && (only || unpriced > 0) ? { ...price(only?.amount ?? 0), currency: only?.currency ?? null } : null,
  };
}

function revenueOf({ treated, holdout }: ExperimentFacts, kind: 'always_valid' | 'final'): Incremental['revenue'] {
  const currencies = [...new Set([...treated.takings, ...holdout.takings].map(({ currency }) => currency))].sort();
  const [currency] = currencies;
  if (currency === undefined) return { kind: 'no_amounts' };
  if (currencies.length > 1) return { kind: 'mixed_currencies', currencies };
  const takings = ({ entered, takings: [paid] }: ArmSums) => ({
    entrants: entered,
    sum: paid?.amount ?? 0,
    sumOfSquares: paid?.squares ?? 0,
  });
  const goals = (treated.takings[0]?.recovered ?? 0) + (holdout.takings[0]?.recovered ?? 0);
  const interval = incrementalRevenue(takings(treated), takings(holdout), goals, kind);
  return interval ? { kind: 'amount', currency, interval: inWhole(interval) } : { kind: 'no_amounts' };
}

/** Money is told in whole minor units, an estimate too. */
const inWhole = ({ value, low, high }: Interval): Interval => ({
  value: Math.round(value),
  low: Math.round(low),
  high: Math.round(high),
});

const rateOf = ({ recovered, entered }: ArmSums): Interval | null => wilson({ count: recovered, of: entered });
