import { type Duration, minutes, parseDuration } from '@wapas/kernel';
import { type LocalHours } from '@wapas/local-hours';
import { type Ending, type JourneyVersion, type SendingHours, type Step, type StepMessage } from './definition';
import {
  type AskedDefinition,
  type GoalDefinition,
  type JourneyDefinition,
  type MessageDefinition,
  type StepDefinition,
} from './journey-definition';
import { legalHoursOf, type LegalHoursName } from './legal-hours';

/** A version ready to decide with. Call only with a definition that parseDefinition has passed. */
export function compileVersion(definition: JourneyDefinition, version: number): JourneyVersion {
  const goals = [definition.goal, ...(definition.goal.or ?? [])].map(compileGoal);
  const goalKinds = unique(goals.flatMap(({ by }) => by));
  const exits = (definition.exits ?? []).map(({ event, reason, by, where }) => ({
    event,
    reason,
    by: by ?? goalKinds,
    where: where ?? [],
  }));
  return {
    key: definition.key,
    version,
    name: definition.name,
    trigger: {
      event: definition.trigger.event,
      where: definition.trigger.where ?? [],
      maxAge: length(definition.trigger.maxAge ?? '24h'),
    },
    hold: definition.hold
      ? {
          when: definition.hold.when ?? [],
          for: length(definition.hold.for),
          calm: (definition.hold.during ?? []).map(calmOutside),
          confirmedBy: definition.hold.confirmedBy ?? [],
          onUnknown: definition.hold.onUnknown ?? 'enter',
        }
      : null,
    correlateBy: definition.correlateBy,
    correlateWith: definition.correlateWith ?? [],
    reentryAfter: length(definition.reentryAfter ?? '0s'),
    reentryAfterForPerson: length(definition.reentryAfterForPerson ?? '0s'),
    maxEntries: definition.maxEntries ?? null,
    attempts: definition.attempts ?? 'attach',
    maxLaps: definition.maxLaps ?? 3,
    goal: { events: unique(goals.flatMap(({ events }) => events)), by: goalKinds },
    goals,
    exits,
    silence: definition.silence ?? [],
    window: length(definition.window),
    lateGoal: length(definition.lateGoal ?? '3d'),
    holdoutPercent: definition.holdoutPercent ?? 10,
    postpone: definition.postpone
      ? {
          events: definition.postpone.events,
          within: length(definition.postpone.within ?? '3m'),
          by: length(definition.postpone.by ?? '5m'),
          most: definition.postpone.most ?? 3,
        }
      : null,
    ...(definition.incidents === 'ignore' ? { incidents: 'ignore' as const } : {}),
    maxMessages: definition.maxMessages ?? Math.max(3, definition.steps.length),
    steps: definition.steps.map((step) => compileStep(step, definition.legalHours ?? [])),
  };
}

const compileGoal = ({ events, by, where }: GoalDefinition): Ending => ({ events, by, where: where ?? [] });

function compileStep(step: StepDefinition, legal: readonly LegalHoursName[]): Step {
  const after = length(step.after);
  const purpose = step.purpose ?? 'service';
  return {
    key: step.key,
    channel: step.channel,
    purpose,
    after,
    minDelay: step.minDelay === undefined ? (Math.min(after, minutes(5)) as Duration) : length(step.minDelay),
    maxDelay: length(step.maxDelay ?? '30m'),
    when: step.when ?? [],
    if: (step.if ?? []).map(compileAsked),
    unless: (step.unless ?? []).map(compileAsked),
    hours: step.hours && compileHours(step.hours),
    // Absent, not undefined: what reports take for one treatment is a hash of this.
    ...(step.days && {
      days: { from: step.days.from, to: step.days.to, zone: step.days.zone ?? 'Asia/Kolkata', when: step.days.when ?? [] },
    }),
    legalHours: legalHoursOf(step.channel, purpose, legal),
    mandatory: step.mandatory ?? false,
    messages: step.messages.flatMap(compileMessage),
  };
}

const compileAsked = ({ step, signal, answer }: AskedDefinition) => ({ step, signal, answer: answer ?? ('yes' as const) });

/** Variants become messages of their own, each for its share of the buckets. */
function compileMessage({ when = [], template, variants = [] }: MessageDefinition): StepMessage[] {
  if (template) return [{ when, template }];
  let from = 0;
  return variants.map((variant) => {
    const to = from + Math.round(variant.percent * 100);
    const message = { when, template: variant.template, variant: { key: variant.key, from, to } };
    from = to;
    return message;
  });
}

/** The rest of the day: what lies outside 10:00 to 13:00 is from 13:00 to 10:00. */
const calmOutside = ({ from, to, zone }: { from: string; to: string; zone?: string }): LocalHours => ({
  from: minuteOfDay(to),
  to: minuteOfDay(from),
  zone: zone ?? 'Asia/Kolkata',
});

export function compileHours(hours: NonNullable<StepDefinition['hours']>): SendingHours {
  return {
    from: minuteOfDay(hours.from),
    to: minuteOfDay(hours.to),
    zone: hours.zone ?? 'Asia/Kolkata',
    outside: hours.outside ?? 'expire',
    exceptWithin: length(hours.exceptWithin ?? '0s'),
  };
}

/** 0 for what the schema has let through and no clock can read. */
export const length = (text: string): Duration => parseDuration(text) ?? (0 as Duration);

function minuteOfDay(text: string): number {
  const [hour, minute] = text.split(':').map(Number) as [number, number];
  return hour * 60 + minute;
}

function unique<T>(list: readonly T[]): T[] {
  return [...new Set(list)];
}
