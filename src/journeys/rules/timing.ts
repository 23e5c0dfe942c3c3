import { after, type Duration, type Instant } from '@wapas/kernel';
import { type JourneyVersion, type Step } from './definition';
import { type RunState } from './run';

export const earlierOf = (one: Instant, other: Instant): Instant => Math.min(one, other) as Instant;
export const plannedAt = (run: RunState, step: Step): Instant => after(run.startedAt, step.after);

/** A step's own hours as they bind what this run has planned, however late that goes out. */
export function ownHoursOf({ startedAt }: RunState, { hours }: Step) {
  if (hours === undefined) return undefined;
  const { from, to, zone, outside, exceptWithin } = hours;
  return { from, to, zone, outside, bindsAfter: after(startedAt, exceptWithin) };
}

/** From a step's own hour to the next one's, or to the end of the window after the last; steps of one moment count as one. */
export function toNextStep(version: JourneyVersion, step: Step): Duration {
  const next = version.steps.find((one) => one.after > step.after);
  return ((next?.after ?? version.window) - step.after) as Duration;
}

/**
 * Late is worse than never: not beyond its own delay, not into the next step's time, not beyond the window (P7). It counts
 * from the step's own hour: being held does not make a step young again, and being brought forward does not age it. Steps
 * that are meant for one moment are one another's neighbours, not one another's end.
 */
export function lastMoment(version: JourneyVersion, run: RunState, step: Step): Instant {
  const next = version.steps.find((one) => one.after > step.after);
  const over = earlierOf(run.expiresAt, next ? plannedAt(run, next) : run.expiresAt);
  return earlierOf(after(plannedAt(run, step), step.maxDelay), (over - 1) as Instant);
}
