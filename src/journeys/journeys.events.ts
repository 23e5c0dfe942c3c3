import { type Arm } from './rules/run';

/** Bus event `run.started`: a person has entered a journey. */
export interface RunStarted {
  readonly runId: string;
  readonly journeyKey: string;
  readonly version: number;
  readonly arm: Arm;
  readonly test: boolean;
  readonly reasonClass: string | null;
  readonly personId: string;
  /** When what the journey repairs has happened, RFC 3339; the run started when that was heard of. */
  readonly droppedOffAt: string;
  /** What was drawn where texts have variants, as `step:variant` joined by `+`; absent where nothing is drawn. */
  readonly variant?: string;
  /** When they entered, business time, RFC 3339. */
  readonly at: string;
}

/** Bus event `run.ended`: nothing more will be sent for this run. Carries its start too: the two may be delivered in any order. */
export interface RunEnded extends RunStarted {
  /** goal_reached, window_over, or the reason of an exit. */
  readonly reason: string;
  /** The event that ended it; null when time did. */
  readonly eventId: string | null;
  /** When that event happened, business time, RFC 3339. */
  readonly endedAt: string;
  /** What the goal was worth, in minor units, as its event says; null when it does not, or for another end. Absent in what was published by an earlier version. */
  readonly worth?: { readonly value: number; readonly currency: string } | null;
  /** Its end happened before its first step was due. Absent in what was published by an earlier version. */
  readonly isEarly?: boolean;
}

/** Bus event `recovery.reversed`: money of a recovery went back, all of it or a part, or its order was cancelled. Carries the run's start: it may come before its end. */
export interface RecoveryReversed extends RunStarted {
  /** The refund or cancellation. */
  readonly eventId: string;
  /** Minor units of what went back; null when the source does not say or the order was cancelled: then all of it. */
  readonly amount: number | null;
  /** Of the amount; null without one. Absent in what was published by an earlier version: that of the goal. */
  readonly currency?: string | null;
  /** Business time, RFC 3339. */
  readonly reversedAt: string;
}

/** Bus event `runs.erased`: an erased person's runs have ended and know nothing any more. May come again. */
export interface RunsErased {
  readonly erasureId: string;
  readonly runIds: readonly string[];
}

/** Bus event `runs.moved`: a guest's runs belong to the customer the guest turned out to be. */
export interface RunsMoved {
  readonly guestId: string;
  readonly personId: string;
  readonly runIds: readonly string[];
}
