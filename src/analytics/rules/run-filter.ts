import { type EntryFilter } from './entry-filter';

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
export interface RunFilter extends EntryFilter {
  /** Empty: those whose goal no message came before. */
  readonly channel: string | null;
  readonly outcome: RunOutcome;
  /** Of what the goal was worth. */
  readonly currency: string | null;
  /** Goals in less than so many seconds from entry. */
  readonly within: number | null;
}
