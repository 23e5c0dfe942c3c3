import { type Instant, toIso } from '@wapas/kernel';
import { applyDecisions } from '../../rules/apply-decisions';
import { decide } from '../../rules/decide';
import { type JourneyVersion } from '../../rules/definition';
import { type Intervention, isKept, type KeptDecision, keptOf } from '../../rules/recorded';
import { type Arm, type Decision, type ParkReason, type RunFacts, type RunInput, type RunState } from '../../rules/run';
import { startRun } from '../../rules/start-run';
import { sameJson } from './same-json';

/** Something that was written down about a run, in the order in which it happened. */
export type RecordedLine =
  | { readonly what: 'input'; readonly at: Instant; readonly input: RunInput }
  | { readonly what: 'intervention'; readonly at: Instant; readonly intervention: Intervention }
  | { readonly what: 'decision'; readonly at: Instant; readonly decision: KeptDecision };

/** A run as far as it was recorded: how it began, what followed, and where its row stands. */
export interface RecordedRun {
  readonly id: string;
  readonly enteredAt: Instant;
  /** Whom variants were drawn for when it began. */
  readonly unit: string;
  readonly arm: Arm;
  readonly shadow: boolean;
  /** Of the trigger. */
  readonly facts: RunFacts;
  readonly lines: readonly RecordedLine[];
  readonly row: RecordedRow;
}

/** What the row of a run says of where it stands. */
export interface RecordedRow {
  readonly lap: number;
  readonly nextStep: number;
  readonly startedAt: Instant;
  readonly expiresAt: Instant;
  readonly dueAt: Instant | null;
  readonly isOver: boolean;
  readonly endReason: string | null;
  readonly signals: RunState['signals'];
}

/** A decision that would be another one today; null: there is none on that side. */
export interface Difference {
  readonly at: Instant;
  readonly step: string | null;
  readonly recorded: object | null;
  readonly replayed: object | null;
}

export interface ReplayedRun {
  /** Decisions that were taken again. */
  readonly decisions: number;
  readonly differences: readonly Difference[];
}

/**
 * Lives a run once more: the same inputs in the same order at the same times, through the decide() of today. Each decision is
 * laid beside the one that was recorded, and the run that results beside its row. Time is no recorded input: a recorded
 * decision that follows from none is what was due then.
 */
export function replayRun(version: JourneyVersion, run: RecordedRun): ReplayedRun {
  const replay = new Replay(version, run);
  for (const line of run.lines) replay.take(line);
  return replay.end(run.row);
}

class Replay {
  private state: RunState;
  private readonly owed: { at: Instant; decision: KeptDecision }[] = [];
  private readonly differences: Difference[] = [];
  private decisions = 0;
  private endReason: string | null = null;

  constructor(
    private readonly version: JourneyVersion,
    { id, unit, arm, shadow, facts, enteredAt }: RecordedRun,
  ) {
    this.state = startRun(version, { id, unit, arm, facts, shadow }, enteredAt);
  }

  take(line: RecordedLine): void {
    switch (line.what) {
      case 'input':
        // Inputs of one batch stand before their decisions; those of an earlier one are settled by now.
        return this.feed(line.input, line.at);
      case 'intervention':
        this.state = intervened(this.state, line.intervention);
        return;
      case 'decision':
        if (this.owed.length === 0) this.feed({ kind: 'due', park: parkOf(line.decision) }, line.at);
        return this.compare(line);
    }
  }

  end(row: RecordedRow): ReplayedRun {
    for (const { at, decision } of this.owed) this.differ(at, null, decision);
    const replayed = rowOf(this.state, this.endReason);
    const recorded: Shown = { ...shown(row), signals: sorted(row.signals) };
    if (!sameJson(recorded, replayed)) {
      const keys = Object.keys(replayed).filter((key) => !sameJson(recorded[key], replayed[key]));
      const only = (from: Readonly<Record<string, unknown>>) => Object.fromEntries(keys.map((key) => [key, from[key]]));
      this.differences.push({ at: this.state.startedAt, step: null, recorded: only(recorded), replayed: only(replayed) });
    }
    return { decisions: this.decisions, differences: this.differences };
  }

  private feed(input: RunInput, at: Instant): void {
    const decided: Decision[] = decide(this.version, this.state, input, at);
    this.state = applyDecisions(this.state, decided);
    for (const decision of decided) {
      if (decision.kind === 'end') this.endReason ??= decision.reason;
      if (isKept(decision)) this.owed.push({ at, decision: keptOf(decision) });
    }
  }

  private compare({ at, decision }: RecordedLine & { what: 'decision' }): void {
    this.decisions += 1;
    const replayed = this.owed.shift();
    if (replayed === undefined) return this.differ(at, decision, null);
    // Of two that differ in their time alone both would read the same.
    if (replayed.at !== at) return this.differ(at, timed(decision, at), timed(replayed.decision, replayed.at));
    if (!sameJson(replayed.decision, decision)) this.differ(at, decision, replayed.decision);
  }

  private differ(at: Instant, recorded: KeptDecision | null, replayed: KeptDecision | null): void {
    this.differences.push({ at, step: (recorded ?? replayed)?.step ?? null, recorded, replayed });
  }
}

const timed = (decision: KeptDecision, at: Instant): KeptDecision & { readonly at: string } => ({ ...decision, at: toIso(at) });

/** A paused journey or an incident is an outer fact of that moment; that there was one shows in what was decided. */
const parkOf = ({ kind, reason }: KeptDecision): ParkReason | undefined => (kind === 'park' ? (reason as ParkReason) : undefined);

function intervened(state: RunState, intervention: Intervention): RunState {
  if (intervention.kind === 'moved') return { ...state, unit: intervention.into };
  return { ...state, memory: { ...state.memory, parked: undefined }, dueAt: intervention.dueAt };
}

type Shown = Readonly<Record<string, unknown>>;

const rowOf = (state: RunState, endReason: string | null): Shown => ({
  ...shown({ ...state, endReason }),
  signals: sorted(state.signals),
});

const shown = ({ lap, nextStep, startedAt, expiresAt, dueAt, isOver, endReason }: Omit<RecordedRow, 'signals'>): Shown => ({
  lap,
  nextStep,
  startedAt: toIso(startedAt),
  expiresAt: toIso(expiresAt),
  dueAt: dueAt && toIso(dueAt),
  isOver,
  endReason,
});

const sorted = (signals: RunState['signals']): Shown =>
  Object.fromEntries(Object.entries(signals).map(([step, heard]) => [step, [...heard].sort()]));
