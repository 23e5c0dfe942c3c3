export { type Arm } from './rules/run';
export { storyStore as runReader } from './store/story.store';
export { runFacts } from './store/run-facts.store';
export { storedVersions } from './version-facts';
export { type EndedWithWorth, withWorths } from './worth-of-goals';
import { type Lateness } from './lateness';
import { type Arm } from './rules/run';
import { type RunFaults } from './store/audit.store';

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

/** Bus event `recovery.reversed`: money of a recovery went back, all of it or a part. Carries the run's start: it may come before its end. */
export interface RecoveryReversed extends RunStarted {
  /** The refund. */
  readonly eventId: string;
  /** Minor units of what went back; null when the source does not say: then all of it. */
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

/** Whose a run has become, and whose it was when it began. */
export interface RunMoved {
  readonly runId: string;
  readonly personId: string;
  readonly movedFrom: string;
}

/** What a report must know of a published version. */
export interface VersionFacts {
  readonly key: string;
  readonly version: number;
  readonly name: string;
  readonly holdoutPercent: number;
  /** When the first step is due, from T, in milliseconds. */
  readonly firstStepAfter: number;
  /** From T: after this no goal is counted, in milliseconds. */
  readonly window: number;
  /** The same for versions that treat people alike: what is sent, when, to whom, and the holdout's share. */
  readonly treatment: string;
  /** Registered templates that it may send, by the names of `registeredNamesOf`: what they say may change while people are in it. */
  readonly registered: readonly string[];
}

/** Which journeys there are: answered from memory. */
export abstract class KnownJourneys {
  abstract isKnown(key: string): boolean;
  /** Every version ever published, in order. */
  abstract versions(): readonly VersionFacts[];
  /** Those versions of a journey that people enter now: several while a new one is let out to a share of them, none while it is paused. */
  abstract enteredNow(key: string): ReadonlySet<number>;
}

/** Journey files that were refused at start. */
export abstract class BrokenJourneys {
  abstract files(): string[];
}

/** What journeys of this deployment are doing, for whoever watches machines. */
export abstract class RunFigures {
  /** What the continuous check found last; null: nobody has looked yet. */
  abstract faults(): RunFaults | null;
  /** How late this process took steps up, since it started. */
  abstract lateness(): ReturnType<Lateness['figures']>;
  /** Runs that are due and not taken up, counted to 100,000, and for how many seconds the oldest is. */
  abstract due(): Promise<{ readonly count: number; readonly oldestSeconds: number }>;
  /** Channels without a provider over which live journeys would write. */
  abstract unserved(): { readonly channel: string; readonly journeys: readonly string[] }[];
  /** What holds runs just now. */
  abstract incidents(): { readonly dimension: string; readonly value: string; readonly gateway: string | null }[];
}

/** What the continuous check of runs and timers found last, which mass incidents hold runs, which channels have no provider, and which links nowhere to lead, in words. */
export abstract class RunsAtFault {
  abstract lines(): string[];
}
