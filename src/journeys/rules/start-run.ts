import { after, type Duration, durationOf, type Instant } from '@wapas/kernel';
import { LONGEST_WAIT_MS, nextOpeningOfAll } from '@wapas/local-hours';
import { allHold } from './condition';
import { type JourneyVersion } from './definition';
import { type Arm, type RunFacts, type RunState } from './run';

/**
 * The first state of a run. T is the moment the trigger was accepted: who failed an hour ago is not messaged three times
 * at once. An uncertain trigger begins T only when its hold is over (rule 24).
 */
export function startRun(
  version: JourneyVersion,
  { id, unit, arm, facts, shadow }: { id: string; unit: string; arm: Arm; facts: RunFacts; shadow: boolean },
  now: Instant,
): RunState {
  const heldUntil = heldFrom(version, facts, now);
  const begin = heldUntil ?? now;
  return {
    id,
    arm,
    lap: 1,
    startedAt: begin,
    expiresAt: after(begin, version.window),
    nextStep: 0,
    dueAt: heldUntil ?? firstDue(version, now),
    signals: {},
    facts,
    isOver: false,
    unit,
    memory: { ...(heldUntil === undefined ? {} : { heldUntil }), ...(shadow ? { shadow } : {}) },
  };
}

/** Until when what these facts tell of waits for certainty; undefined: it is certain. */
export function heldFrom({ hold }: JourneyVersion, facts: RunFacts, now: Instant): Instant | undefined {
  if (!hold || !allHold(hold.when, facts)) return undefined;
  if (hold.calm.length === 0) return after(now, hold.for);
  const calmAt = nextOpeningOfAll(hold.calm, now);
  return calmAt === null ? undefined : after(calmAt, hold.for);
}

/** No run is live longer after its trigger: what comes later can mean nothing to it. */
export function longestLife({ hold, window, attempts, maxLaps }: JourneyVersion): Duration {
  const held = hold === null ? 0 : hold.for + (hold.calm.length > 0 ? LONGEST_WAIT_MS : 0);
  return durationOf(held + window * (attempts === 'attach' ? 1 : maxLaps));
}

/** When the first step is due if T is `begin`. */
export function firstDue(version: JourneyVersion, begin: Instant): Instant {
  const first = version.steps[0];
  return after(begin, first ? first.after : version.window);
}

/** Whether the first step of the run was still to come then. A further lap begins behind the first step. */
export const isBeforeFirstStep = (
  version: JourneyVersion,
  { lap, startedAt }: Pick<RunState, 'lap' | 'startedAt'>,
  at: Instant,
): boolean => lap === 1 && at <= firstDue(version, startedAt);
