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
  readonly version: number | null;
  readonly variant: string | null;
  readonly reason: string | null;
  readonly channel: string | null;
  readonly outcome: RunOutcome;
  readonly from: Date;
  readonly to: Date;
}
