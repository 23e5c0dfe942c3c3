export const RUN_OUTCOMES = [
  'entered',
  'eligible',
  'messaged',
  'delivered',
  'read',
  'clicked',
  'recovered',
  'attributed',
  'untouched',
] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** Null stands for "any". */
export interface RunFilter {
  readonly journey: string | null;
  readonly arm: string | null;
  readonly versions: readonly number[] | null;
  readonly variant: string | null;
  /** Empty: those of which nobody said a reason. */
  readonly reason: string | null;
  /** Empty: those whose goal no message came before. */
  readonly channel: string | null;
  readonly outcome: RunOutcome;
  /** Only those that count in the comparison: a person's first entry in an experiment. */
  readonly comparedOnly: boolean;
  readonly from: Date;
  readonly to: Date;
}
