import { after, assertNever, type Instant } from '@wapas/kernel';
import { allHold } from './condition';
import { decideStep } from './decide-step';
import { type JourneyVersion, type Signal } from './definition';
import { type Decision, type ParkReason, type RunFacts, type RunInput, type RunState } from './run';
import { isKnown } from './signals';
import { firstDue, heldFrom } from './start-run';
import { earlierOf, lastMoment, plannedAt } from './timing';

/** What should happen to this run now. A later receipt never revives a run that is over. */
export function decide(version: JourneyVersion, run: RunState, input: RunInput, now: Instant): Decision[] {
  if (run.isOver) return input.kind === 'goal_reached' ? lateGoal(version, run, input, run.memory.endReason) : [];
  switch (input.kind) {
    case 'due':
      return decideDue(version, run, input, now);
    case 'goal_reached':
      // The scheduler may be a moment late: a goal after the window is not reached in time.
      return input.at < run.expiresAt
        ? [...flagsOf(run, input), { kind: 'end', reason: 'goal_reached', eventId: input.eventId, at: input.at }]
        : [...overAt(version, run, now), ...lateGoal(version, run, input, 'window_over')];
    case 'exit_reached':
      return [{ kind: 'end', reason: input.reason, eventId: input.eventId, at: input.at }];
    case 'another_attempt':
      return decideAttempt(version, run, input.eventId, input.facts, now);
    case 'confirmed':
      return run.memory.heldUntil === undefined ? goOn(version, run, now) : [begin(version, now, 'confirmed')];
    case 'active':
      return (run.memory.activeAt ?? 0) >= input.at ? [] : [{ kind: 'see', at: input.at }];
    case 'signal':
      if (TROUBLE.has(input.signal) && !isOfThisLap(run, input)) return [];
      return run.signals[input.step]?.includes(input.signal) ? [] : [{ kind: 'note', step: input.step, signal: input.signal }];
    case 'not_reached':
      if (!isOfThisLap(run, input)) return [];
      return decideNotReached(version, run, input.step, input.reason, now);
    default:
      return assertNever(input);
  }
}

/** What tells how a call went, and not what the customer did. */
const TROUBLE: ReadonlySet<Signal> = new Set(['failed', 'unknown']);

/** T has begun anew since: how an earlier lap's message went says nothing of this lap's; what the customer did with it still counts. */
const isOfThisLap = (run: RunState, { lap }: { lap?: number }): boolean => lap === undefined || lap === run.lap;

/** Paid is paid, whatever the amount: asking on could be asking twice. That it was another amount is for a person to see. */
function flagsOf({ facts }: RunState, { amount, eventId }: RunInput & { kind: 'goal_reached' }): Decision[] {
  if (!amount || !facts.amount) return [];
  const isSame = amount.value === facts.amount.value && amount.currency === facts.amount.currency;
  return isSame ? [] : [{ kind: 'flag', reason: 'amount_differs', eventId }];
}

/**
 * A bank may settle a payment up to three days after it was called failed: the state moves forward, nothing is sent, and
 * the success is counted apart. A run that ended otherwise, by its goal or an exit, knows all there is to know.
 */
function lateGoal(
  version: JourneyVersion,
  run: RunState,
  { eventId, at }: RunInput & { kind: 'goal_reached' },
  endReason: string | undefined,
): Decision[] {
  const isLate = endReason === 'window_over' && !run.memory.hasLateGoal && at < after(run.startedAt, version.lateGoal);
  return isLate ? [{ kind: 'late_goal', eventId, at }] : [];
}

function decideDue(version: JourneyVersion, run: RunState, { park }: { park?: ParkReason }, now: Instant): Decision[] {
  if (run.dueAt === null || run.dueAt > now) return [];
  const mayWaitOn = run.memory.heldUntil !== undefined && run.memory.parked === undefined;
  if (now >= run.expiresAt && !mayWaitOn) return overAt(version, run, now);
  if (park) return [{ kind: 'park', reason: park }];
  if (run.memory.heldUntil !== undefined) return decideUnknown(version, now);
  const step = version.steps[run.nextStep];
  if (!step) return [{ kind: 'wait', nextStep: run.nextStep, until: run.expiresAt }];
  // Nobody has said what became of the latest attempt either.
  if (version.hold?.onUnknown === 'skip' && run.memory.unsureUntil !== undefined && now >= run.memory.unsureUntil)
    return decideUnknown(version, now);
  const decision = decideStep(version, run, step, run.dueAt, now);
  return decision.kind === 'hold' ? [decision] : [decision, waitForNext(version, run, run.nextStep + 1)];
}

/** Nobody has said what became of it. Without a word the last event is trusted, unless its author wants certainty. */
function decideUnknown(version: JourneyVersion, now: Instant): Decision[] {
  return version.hold?.onUnknown === 'skip'
    ? [{ kind: 'end', reason: 'status_unknown', at: now }]
    : [begin(version, now, 'status_unknown')];
}

/** The window has closed: every step that was still to come says so (P10). */
function overAt(version: JourneyVersion, run: RunState, now: Instant): Decision[] {
  const left = version.steps.slice(run.nextStep);
  const given = left.map(({ key }): Decision => ({ kind: 'expire', step: key, reason: 'window_over' }));
  return [...given, { kind: 'end', reason: 'window_over', at: now }];
}

const begin = (version: JourneyVersion, now: Instant, reason: string): Decision & { kind: 'begin' } => ({
  kind: 'begin',
  at: now,
  dueAt: firstDue(version, now),
  expiresAt: after(now, version.window),
  reason,
});

/** The latest attempt did fail: the step that waited to hear that goes out now, and every other one in its time. */
function goOn(version: JourneyVersion, run: RunState, now: Instant): Decision[] {
  const { unsureUntil } = run.memory;
  const next = version.steps[run.nextStep];
  if (unsureUntil === undefined || !next || run.dueAt === null) return [];
  const isHeld = run.dueAt === earlierOf(unsureUntil, lastMoment(version, run, next));
  return [{ kind: 'advance', step: next.key, until: isHeld ? now : run.dueAt, reason: 'confirmed' }];
}

/**
 * The matter has failed once more. It is one matter still; whether T begins anew is the author's choice. Of an attempt that is heard of
 * only after a later one nothing is learnt but that it was made: it neither makes the later one certain nor tells what to write. Of one of
 * which nobody knows whether it failed, T has begun and stays; the steps wait as T would have (rule 24).
 */
function decideAttempt(version: JourneyVersion, run: RunState, eventId: string, facts: RunFacts, now: Instant): Decision[] {
  if (isEarlier(facts, run.facts)) return [{ kind: 'attach', eventId, facts: null }];
  const latest = { ...facts, name: facts.name ?? run.facts.name, known: run.facts.known };
  const { hold, attempts } = version;
  const { heldUntil, unsureUntil } = run.memory;
  if (heldUntil !== undefined) {
    const attach: Decision = { kind: 'attach', eventId, facts: latest };
    return hold && !allHold(hold.when, latest) ? [attach, begin(version, now, 'confirmed')] : [attach];
  }
  const until = heldFrom(version, latest, now);
  // Who tries every minute and hears nothing each time waits no longer for that.
  const waits = until !== undefined && unsureUntil !== undefined && unsureUntil > now ? unsureUntil : until;
  const attach: Decision = { kind: 'attach', eventId, facts: latest, ...(waits === undefined ? {} : { unsureUntil: waits }) };
  const attached = waits === undefined ? [attach, ...goOn(version, run, now)] : [attach];
  // Before its first step nothing has been said yet: T stands, or who tries every minute would never hear anything.
  if (attempts === 'attach' || run.nextStep === 0 || run.lap >= version.maxLaps) return attached;
  const hasAnswered = Object.values(run.signals).some((signals) => isKnown(signals, 'engaged'));
  if (attempts === 'restart_when_engaged' && !hasAnswered) return attached;
  return [attach, { ...begin(version, now, 'another_attempt'), kind: 'restart', eventId }];
}

const isEarlier = (one: RunFacts, other: RunFacts): boolean =>
  one.happenedAt !== undefined && other.happenedAt !== undefined && one.happenedAt < other.happenedAt;

function waitForNext(version: JourneyVersion, run: RunState, nextStep: number): Decision {
  const next = version.steps[nextStep];
  return { kind: 'wait', nextStep, until: next ? earlierOf(plannedAt(run, next), run.expiresAt) : run.expiresAt };
}

/** The step before failed for good: the next one need not wait for its hour, only for its earliest moment (P8). */
function decideNotReached(version: JourneyVersion, run: RunState, stepKey: string, reason: string, now: Instant): Decision[] {
  // The message was stopped because the matter is over: no channel has failed, and none has to make up for it.
  if (version.exits.some((exit) => exit.reason === reason)) return [];
  const failed = version.steps.findIndex((step) => step.key === stepKey);
  const note: Decision[] = run.signals[stepKey]?.includes('failed') ? [] : [{ kind: 'note', step: stepKey, signal: 'failed' }];
  const next = version.steps[run.nextStep];
  if (run.arm === 'holdout' || !next || failed !== run.nextStep - 1 || run.dueAt === null || run.memory.parked) return note;
  const until = Math.max(now, after(run.startedAt, next.minDelay)) as Instant;
  return until < run.dueAt ? [...note, { kind: 'advance', step: next.key, until, reason: `${stepKey}_${reason}` }] : note;
}
