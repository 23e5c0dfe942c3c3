/** Which entries are asked for. Null stands for "any". */
export interface EntryFilter {
  readonly journey: string | null;
  readonly arm: string | null;
  readonly versions: readonly number[] | null;
  readonly variant: string | null;
  /** Empty: those of which nobody said a reason. */
  readonly reason: string | null;
  /** Only those that count in the comparison: a person's first entry in an experiment. */
  readonly comparedOnly: boolean;
  /** Whole quarters of an hour. */
  readonly from: Date;
  readonly to: Date;
}
