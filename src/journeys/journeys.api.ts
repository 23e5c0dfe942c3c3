export { type Arm } from './rules/run';
export { storyStore as runReader } from './store/story.store';
import { type Arm } from './rules/run';

/** Bus event `run.started`: a person has entered a journey. */
export interface RunStarted {
  readonly runId: string;
  readonly journeyKey: string;
  readonly version: number;
  readonly arm: Arm;
  readonly test: boolean;
  readonly reasonClass: string | null;
  /** Business time, RFC 3339. */
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

/** Which journeys there are: answered from memory. */
export abstract class KnownJourneys {
  abstract isKnown(key: string): boolean;
}

/** Journey files that were refused at start. */
export abstract class BrokenJourneys {
  abstract files(): string[];
}

/** What the continuous check of runs and timers found last, in words. */
export abstract class RunsAtFault {
  abstract lines(): string[];
}
