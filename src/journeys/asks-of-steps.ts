import { KEY_KINDS } from '@wapas/entity-keys';
import { type StepAsk } from '../channels/channels.api';
import { length } from './rules/compile-version';
import { type JourneyDefinition } from './rules/journey-definition';
import { LEGAL_HOURS_NAMES, legalHoursOf } from './rules/legal-hours';
import { type DefinitionFault } from './rules/parse-definition';
import { type Parts, type Readable } from './rules/readable-parts';
import { toNextStep } from './rules/timing';

type StepParts = Parts<JourneyDefinition['steps'][number]>;

/**
 * What each step asks of its templates, in the order of the steps. What cannot be read of a definition, or is wrong with it, asks for
 * nothing: a template is not found fault with for what may yet be written otherwise. Null: the step asks for nothing at all.
 */
export function asksOfSteps(readable: Readable<JourneyDefinition>, faults: readonly DefinitionFault[]): (StepAsk | null)[] {
  const { parts, isUnclear } = readable;
  const matter = parts.correlateBy?.includes(undefined) ? undefined : parts.correlateBy;
  const laws = parts.legalHours ?? (isUnclear('/legalHours') ? LEGAL_HOURS_NAMES : []);
  const timeline = timelineOf(parts, faults);
  return (parts.steps ?? []).map((step = {}, index) => {
    const { channel, purpose = 'service', mandatory = false } = step;
    if (channel === undefined || isUnclear(`/steps/${index}/purpose`)) return null;
    return {
      purpose,
      mandatory,
      matter: (matter as StepAsk['matter'] | undefined) ?? KEY_KINDS,
      ...(timeline === null ? ENDLESS : lengthsOf(timeline, step)),
      legalHours: legalHoursOf(
        channel,
        purpose,
        laws.flatMap((name) => name ?? LEGAL_HOURS_NAMES),
      ),
    };
  });
}

/** Long enough for every template. */
const ENDLESS = { toNextStepMs: Number.POSITIVE_INFINITY, lifeMs: Number.POSITIVE_INFINITY };

function lengthsOf(timeline: Timeline, step: StepParts) {
  const after = length(step.after ?? '');
  return { toNextStepMs: toNextStep(timeline, { after }), lifeMs: timeline.window - after };
}

type Timeline = Parameters<typeof toNextStep>[0];

/** Null: some hour is not yet what it will be. */
function timelineOf({ window, steps = [] }: Parts<JourneyDefinition>, faults: readonly DefinitionFault[]): Timeline | null {
  const isUnsettled = faults.some(({ at }) => at === '/window' || /^\/steps(\/\d+(\/(after|together))?)?$/.test(at));
  if (window === undefined || isUnsettled) return null;
  return { window: length(window), steps: steps.map((step) => ({ after: length(step?.after ?? '') })) };
}
