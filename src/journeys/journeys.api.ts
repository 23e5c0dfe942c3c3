export type * from './journeys.events';
export { type Arm } from './rules/run';
export { storyStore as runReader } from './store/story.store';
export { runFacts, type RunMoved } from './store/run-facts.store';
export { storedVersions, type VersionFacts } from './version-facts';
export { type EndedWithWorth, withWorths } from './worth-of-goals';
import { type Lateness } from './lateness';
import { type RunFaults } from './store/audit.store';
import { type VersionFacts } from './version-facts';

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
