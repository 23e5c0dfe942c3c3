import { after, between, type Instant } from '@wapas/kernel';
import { nextMonthDay, nextOpeningOfAll } from '@wapas/local-hours';
import { allHold } from './condition';
import { type Asked, type JourneyVersion, type Step } from './definition';
import { type Decision, type RunState } from './run';
import { answerOf } from './signals';
import { earlierOf, lastMoment, meantFor, nextMomentOf, ownHoursOf, plannedAt } from './timing';
import { drawOf } from './variant-of-run';

/**
 * One outcome for a step that is due, or a reason to look again later. Whatever speaks against the step wins over whatever
 * speaks for it, and says so; a step that was held goes through all of it again.
 */
export function decideStep(version: JourneyVersion, run: RunState, step: Step, dueAt: Instant, now: Instant): Decision {
  const { key } = step;
  const notAfter = lastMoment(version, run, step);
  if (now > notAfter) return { kind: 'expire', step: key, reason: 'too_late' };
  const against = speaksAgainst(run, step);
  if (against !== null) return { kind: 'skip', step: key, reason: against };
  const message = messageFor(version, run, step);
  if (message < 0) return { kind: 'skip', step: key, reason: 'no_message_for_these_facts' };
  const { unsureUntil } = run.memory;
  if (unsureUntil !== undefined && unsureUntil > now)
    return now < notAfter
      ? { kind: 'hold', step: key, until: earlierOf(unsureUntil, notAfter), reason: 'awaiting_status' }
      : { kind: 'expire', step: key, reason: 'awaiting_status' };
  const better = betterDay(version, run, step, now);
  if (better !== null) return { kind: 'hold', step: key, until: better, reason: 'outside_days' };
  const later = postponedTo(version, run, notAfter, now);
  if (later !== null) return { kind: 'hold', step: key, until: later, reason: 'customer_active' };
  const closed = outsideHours(run, step, notAfter, now);
  if (closed) return closed;
  const isGhost = run.memory.shadow === true || (run.arm === 'holdout' && !step.mandatory);
  const variant = step.messages[message]?.variant?.key;
  return { kind: isGhost ? 'ghost' : 'send', step: key, message, ...(variant ? { variant } : {}), dueAt, notAfter };
}

/** Why the step is not for this run as things stand; null when it is. */
function speaksAgainst(run: RunState, step: Step): string | null {
  const isSo = ({ step: earlier, signal, answer }: Asked): boolean => answerOf(run.signals[earlier] ?? [], signal) === answer;
  const seen = step.unless.find(isSo);
  if (seen) return reasonOf(seen);
  const missing = step.if.find((asked) => !isSo(asked));
  if (missing) return `not_${reasonOf(missing)}`;
  return allHold(step.when, run.facts) ? null : 'not_for_these_facts';
}

const reasonOf = ({ step, signal, answer }: Asked): string =>
  answer === 'yes' ? `${step}_${signal}` : `${step}_${signal}_${answer}`;

function messageFor(version: JourneyVersion, run: RunState, step: Step): number {
  // Most steps have no variants: nothing is drawn for them.
  const bucket = step.messages.some(({ variant }) => variant !== undefined) ? drawOf(version, step.key, run.unit) : 0;
  return step.messages.findIndex(
    ({ when, variant }) => (!variant || (bucket >= variant.from && bucket < variant.to)) && allHold(when, run.facts),
  );
}

/** Until when a step waits for its days of the month; null: today is one of them, or none of them comes in time. */
function betterDay(version: JourneyVersion, run: RunState, step: Step, now: Instant): Instant | null {
  if (step.days === undefined) return null;
  const meant = meantFor(version, run, step);
  const waits = meant > plannedAt(run, step) && now < meant && nextMonthDay(step.days, now) !== null;
  return waits ? meant : null;
}

/** A customer who was seen a moment ago is left alone for a while, a few times at the most, and never so long that the step is lost. */
function postponedTo({ postpone }: JourneyVersion, run: RunState, notAfter: Instant, now: Instant): Instant | null {
  const { activeAt, postponed = 0 } = run.memory;
  if (!postpone || activeAt === undefined || postponed >= postpone.most) return null;
  if (between(activeAt, now) > postpone.within) return null;
  const later = earlierOf(after(now, postpone.by), notAfter);
  return later > now ? later : null;
}

function outsideHours(run: RunState, step: Step, notAfter: Instant, now: Instant): Decision | null {
  const opening = nextMomentOf(run, step, now);
  if (opening === null) return null;
  const own = ownHoursOf(run, step);
  const { key } = step;
  const planned = plannedAt(run, step);
  // A step that was brought forward falls back to its own hour: falling forward must not lose it to the night.
  if (now < planned) return { kind: 'hold', step: key, until: earlierOf(opening, planned), reason: 'outside_hours' };
  const mustExpire = own?.outside === 'expire' && nextOpeningOfAll([own], now) !== null;
  return opening <= notAfter && !mustExpire
    ? { kind: 'hold', step: key, until: opening, reason: 'outside_hours' }
    : { kind: 'expire', step: key, reason: 'outside_hours' };
}
