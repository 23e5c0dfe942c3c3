import { after, assertNever, between, type Instant } from '@wapas/kernel';
import { holds } from './condition';
import { type JourneyVersion, type Signal, type Step } from './definition';
import { type Decision, type RunInput, type RunState } from './run';
import { nextOpening } from './sending-hours';

/** What should happen to this run now. A later receipt never revives a run that is over. */
export function decide(version: JourneyVersion, run: RunState, input: RunInput, now: Instant): Decision[] {
  if (run.isOver) return [];
  switch (input.kind) {
    case 'due':
      return decideDue(version, run, now);
    case 'goal_reached':
      // The scheduler may be a moment late: a goal after the window is not this journey's merit.
      return input.at < run.expiresAt
        ? [...flagsOf(run, input), { kind: 'end', reason: 'goal_reached', eventId: input.eventId, at: input.at }]
        : overAt(version, run, now);
    case 'exit_reached':
      return [{ kind: 'end', reason: input.reason, eventId: input.eventId, at: input.at }];
    case 'another_attempt':
      return [{ kind: 'attach', eventId: input.eventId, facts: input.facts }];
    case 'signal':
      return run.signals[input.step]?.includes(input.signal) ? [] : [{ kind: 'note', step: input.step, signal: input.signal }];
    case 'not_reached':
      return decideNotReached(version, run, input.step, input.reason, now);
    default:
      return assertNever(input);
  }
}

/** Paid is paid, whatever the amount: asking on could be asking twice. That it was another amount is for a person to see. */
function flagsOf({ facts }: RunState, { amount, eventId }: RunInput & { kind: 'goal_reached' }): Decision[] {
  if (!amount || !facts.amount) return [];
  const isSame = amount.value === facts.amount.value && amount.currency === facts.amount.currency;
  return isSame ? [] : [{ kind: 'flag', reason: 'amount_differs', eventId }];
}

function decideDue(version: JourneyVersion, run: RunState, now: Instant): Decision[] {
  if (run.dueAt === null || run.dueAt > now) return [];
  const step = version.steps[run.nextStep];
  if (now >= run.expiresAt) return overAt(version, run, now);
  if (!step) return [{ kind: 'wait', nextStep: run.nextStep, until: run.expiresAt }];
  const decision = decideStep(version, run, step, run.dueAt, now);
  return decision.kind === 'hold' ? [decision] : [decision, waitForNext(version, run, run.nextStep + 1)];
}

/** The window has closed: every step that was still to come says so (P10). */
function overAt(version: JourneyVersion, run: RunState, now: Instant): Decision[] {
  const left = version.steps.slice(run.nextStep);
  const given = left.map(({ key }): Decision => ({ kind: 'expire', step: key, reason: 'window_over' }));
  return [...given, { kind: 'end', reason: 'window_over', at: now }];
}

/** Whatever speaks against the step wins over whatever speaks for it, and says so. */
function decideStep(version: JourneyVersion, run: RunState, step: Step, dueAt: Instant, now: Instant): Decision {
  const { key } = step;
  const notAfter = lastMoment(version, run, step);
  if (now > notAfter) return { kind: 'expire', step: key, reason: 'too_late' };
  const seen = step.unless.find(({ step: earlier, signal }) => isKnown(run.signals[earlier] ?? [], signal));
  if (seen) return { kind: 'skip', step: key, reason: `${seen.step}_${seen.signal}` };
  const message = step.messages.findIndex(({ when }) => when.every((condition) => holds(condition, run.facts)));
  if (message < 0) return { kind: 'skip', step: key, reason: 'no_message_for_these_facts' };
  const outside = outsideHours(run, step, now);
  if (outside !== null) {
    const planned = plannedAt(run, step);
    // A step that was brought forward falls back to its own hour: falling forward must not lose it to the night.
    if (now < planned) return { kind: 'hold', step: key, until: earlierOf(outside, planned), reason: 'outside_hours' };
    const canWait = step.hours?.outside === 'hold' && outside <= notAfter;
    return canWait
      ? { kind: 'hold', step: key, until: outside, reason: 'outside_hours' }
      : { kind: 'expire', step: key, reason: 'outside_hours' };
  }
  const kind = run.arm === 'holdout' && !step.mandatory ? 'ghost' : 'send';
  return { kind, step: key, message, dueAt, notAfter };
}

function outsideHours(run: RunState, { hours }: Step, now: Instant): Instant | null {
  if (!hours || between(run.startedAt, now) <= hours.exceptWithin) return null;
  return nextOpening(hours, now);
}

/**
 * Late is worse than never: not beyond its own delay, not into the next step's time, not beyond the window (P7). It counts
 * from the step's own hour: being held does not make a step young again, and being brought forward does not age it.
 */
function lastMoment(version: JourneyVersion, run: RunState, step: Step): Instant {
  const next = version.steps[run.nextStep + 1];
  const over = earlierOf(run.expiresAt, next ? plannedAt(run, next) : run.expiresAt);
  return earlierOf(after(plannedAt(run, step), step.maxDelay), (over - 1) as Instant);
}

const earlierOf = (one: Instant, other: Instant): Instant => Math.min(one, other) as Instant;
const plannedAt = (run: RunState, step: Step): Instant => after(run.startedAt, step.after);

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
  if (run.arm === 'holdout' || !next || failed !== run.nextStep - 1 || run.dueAt === null) return note;
  const until = Math.max(now, after(run.startedAt, next.minDelay)) as Instant;
  return until < run.dueAt ? [...note, { kind: 'advance', step: next.key, until, reason: `${stepKey}_${reason}` }] : note;
}

const ENGAGED: readonly Signal[] = ['opened', 'read', 'clicked', 'replied'];
/** What a stronger signal proves about a weaker one: a click is a read, a read a delivery, also when no receipt said so. */
const PROVED_BY: Partial<Record<Signal, readonly Signal[]>> = {
  delivered: ['delivered', ...ENGAGED],
  read: ['read', 'clicked', 'replied'],
  opened: ['opened', 'clicked'],
  engaged: ENGAGED,
};

export function isKnown(signals: readonly Signal[], wanted: Signal): boolean {
  return (PROVED_BY[wanted] ?? [wanted]).some((signal) => signals.includes(signal));
}

/** The run after its decisions. */
export function applyDecisions(run: RunState, decisions: readonly Decision[]): RunState {
  return decisions.reduce(applyOne, run);
}

function applyOne(run: RunState, decision: Decision): RunState {
  switch (decision.kind) {
    case 'send':
    case 'ghost':
    case 'skip':
    case 'expire':
    case 'flag':
      return run;
    case 'hold':
    case 'advance':
      return { ...run, dueAt: decision.until };
    case 'wait':
      return { ...run, nextStep: decision.nextStep, dueAt: decision.until };
    case 'note':
      return { ...run, signals: { ...run.signals, [decision.step]: [...(run.signals[decision.step] ?? []), decision.signal] } };
    case 'attach':
      return { ...run, facts: { ...decision.facts, attempts: run.facts.attempts + 1 } };
    case 'end':
      return { ...run, isOver: true, dueAt: null };
    default:
      return assertNever(decision);
  }
}
