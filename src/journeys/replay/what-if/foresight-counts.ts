import { type SendDifference } from '../rules/compare-sends';

/** What a what-if counts beside its messages. Every figure only grows. */
export interface ForesightCounts {
  /** Of the period; what is heard after it is not counted. */
  events: number;
  /** Triggers, and events that share a key with one, of which what they said cannot be opened. */
  unreadable: number;
  triggers: number;
  treated: number;
  holdout: number;
  /** Triggers that joined a run. */
  attempts: number;
  laps: number;
  readonly notEntered: Record<string, number>;
  readonly ended: Record<string, number>;
  readonly notLived: Record<string, number>;
  /** Runs whose goal is recorded, and those that the stated rates let pay. */
  recovered: { recorded: number; estimated: number };
  /** Of messages that would be sent: what was heard of the same step, or what the rates say. */
  answers: { recorded: number; stated: number };
  would: number;
  was: number;
  same: number;
  readonly different: Record<SendDifference['what'], number>;
}

export const noCounts = (): ForesightCounts => ({
  events: 0,
  unreadable: 0,
  triggers: 0,
  treated: 0,
  holdout: 0,
  attempts: 0,
  laps: 0,
  notEntered: {},
  ended: {},
  notLived: {},
  recovered: { recorded: 0, estimated: 0 },
  answers: { recorded: 0, stated: 0 },
  would: 0,
  was: 0,
  same: 0,
  different: { added: 0, dropped: 0, moved: 0, rechannelled: 0 },
});

export function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
