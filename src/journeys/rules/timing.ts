import { after, type Duration, type Instant } from '@wapas/kernel';
import { nextMonthDay, nextOpeningOfAll } from '@wapas/local-hours';
import { allHold } from './condition';
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
export function toNextStep(
  version: { readonly window: Duration; readonly steps: readonly Pick<Step, 'after'>[] },
  step: Pick<Step, 'after'>,
): Duration {
  const next = version.steps.find((one) => one.after > step.after);
  return ((next?.after ?? version.window) - step.after) as Duration;
}

/** The first moment at which the hours of a step let it out, from `now` on. */
export function nextMomentOf(run: RunState, step: Step, now: Instant): Instant | null {
  const own = ownHoursOf(run, step);
  return nextOpeningOfAll(own === undefined ? step.legalHours : [...step.legalHours, own], now);
}

/**
 * When a step is meant to go out: at its own hour, or on the first of its days of the month where that comes before the next step and
 * the end of the window. Waiting for them is worth something only while the message is.
 */
export function meantFor(version: JourneyVersion, run: RunState, step: Step): Instant {
  const planned = plannedAt(run, step);
  const { days } = step;
  if (days === undefined || !allHold(days.when, run.facts)) return planned;
  const begin = nextMonthDay(days, planned);
  if (begin === null) return planned;
  const first = nextMomentOf(run, step, begin) ?? begin;
  return first < endOf(version, run, step) ? first : planned;
}

/** When the next step's time comes, or the run's end. Steps that are meant for one moment are one another's neighbours, not one another's end. */
function endOf(version: JourneyVersion, run: RunState, step: Step): Instant {
  const next = version.steps.find((one) => one.after > step.after);
  return earlierOf(run.expiresAt, next ? plannedAt(run, next) : run.expiresAt);
}

/**
 * Late is worse than never: not beyond its own delay, not into the next step's time, not beyond the window (P7). It counts
 * from the moment it is meant for: being held does not make a step young again, and being brought forward does not age it.
 */
export function lastMoment(version: JourneyVersion, run: RunState, step: Step): Instant {
  return earlierOf(after(meantFor(version, run, step), step.maxDelay), (endOf(version, run, step) - 1) as Instant);
}
