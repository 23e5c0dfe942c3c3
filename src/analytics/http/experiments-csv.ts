import { type Column } from '../rules/csv';
import { type ExperimentDto } from './experiment.dto';

/** Experiments as a table: the three numbers in columns of their own. */
export const EXPERIMENT_COLUMNS: readonly Column<ExperimentDto>[] = [
  ['experiment', (one) => one.id],
  ['versions', (one) => one.versions.join(' ')],
  ['from', (one) => one.from],
  ['to', (one) => one.to],
  ['is_current', (one) => String(one.isCurrent)],
  ['holdout_percent', (one) => one.holdoutPercent],
  // `no_control`: no cell of the comparison says anything.
  ['reading', (one) => one.reading],
  ['verdict', (one) => one.verdict],
  ['interval', (one) => one.intervalKind],
  ['treated_entered', (one) => one.treated.entered],
  ['treated_recovered', (one) => one.treated.recovered],
  ['holdout_entered', (one) => one.holdout.entered],
  ['holdout_recovered', (one) => one.holdout.recovered],
  ['attributed', (one) => one.attributed.count],
  ...intervalOf('organic_rate', (one) => one.organic),
  ...intervalOf('incremental_difference', (one) => one.incremental?.difference),
  ...intervalOf('incremental_recoveries', (one) => one.incremental?.recoveries),
  ['incremental_revenue_currency', (one) => one.incremental?.revenue.currency ?? null],
  ...intervalOf('incremental_revenue_minor_units', (one) => one.incremental?.revenue.interval),
  ['cost_per_incremental_recovery', (one) => one.incremental?.costPerRecovery?.kind ?? null],
  ['cost_per_incremental_recovery_minor_units', (one) => one.incremental?.costPerRecovery?.value ?? null],
  ['unpriced_units', (one) => one.unpriced],
  ['split_p', (one) => one.split?.p ?? null],
  ['note', (one) => one.note],
  ['runs_treated', (one) => one.runs.treated],
  ['runs_holdout', (one) => one.runs.holdout],
];

function intervalOf(
  name: string,
  interval: (
    experiment: ExperimentDto,
  ) => { readonly value: number; readonly low: number; readonly high: number } | null | undefined,
): Column<ExperimentDto>[] {
  return [
    [name, (one) => interval(one)?.value ?? null],
    [`${name}_low`, (one) => interval(one)?.low ?? null],
    [`${name}_high`, (one) => interval(one)?.high ?? null],
  ];
}
