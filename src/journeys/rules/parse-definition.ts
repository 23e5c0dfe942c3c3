import Ajv, { type ErrorObject } from 'ajv';
import { DateTime } from 'luxon';
import { type KeyKind } from '@wapas/entity-keys';
import { type Duration, minutes, parseDuration } from '@wapas/kernel';
import { type Condition } from './condition';
import { type JourneyVersion, type SendingHours, type Signal, type Step } from './definition';
import { definitionSchema } from './definition-schema';

/** A journey as its author wrote it. */
export interface JourneyDefinition {
  readonly format: 'wapas.journey/1';
  readonly key: string;
  readonly name: string;
  readonly trigger: { readonly event: string; readonly where?: readonly Condition[]; readonly maxAge?: string };
  readonly correlateBy: readonly KeyKind[];
  readonly reentryAfter?: string;
  readonly goal: { readonly events: readonly string[]; readonly by: readonly KeyKind[] };
  readonly exits?: readonly { readonly event: string; readonly reason: string }[];
  readonly silence?: readonly string[];
  readonly window: string;
  readonly holdoutPercent?: number;
  readonly steps: readonly StepDefinition[];
}

interface StepDefinition {
  readonly key: string;
  readonly after: string;
  readonly minDelay?: string;
  readonly maxDelay?: string;
  readonly channel: string;
  readonly unless?: readonly { readonly step: string; readonly signal: Signal }[];
  readonly hours?: {
    readonly from: string;
    readonly to: string;
    readonly zone?: string;
    readonly outside?: 'hold' | 'expire';
    readonly exceptWithin?: string;
  };
  readonly mandatory?: boolean;
  readonly messages: readonly { readonly when?: readonly Condition[]; readonly template: Readonly<Record<string, unknown>> }[];
}

/** What is wrong with a definition, where, and how to mend it. */
export interface DefinitionFault {
  readonly at: string;
  readonly code: string;
  readonly detail: string;
}

export type ParsedDefinition =
  | { readonly ok: true; readonly definition: JourneyDefinition }
  | { readonly ok: false; readonly faults: readonly DefinitionFault[] };

const matchesSchema = new Ajv({ allErrors: true, strictTypes: false }).compile<JourneyDefinition>(definitionSchema);
const DAY_MS = 86_400_000;
const LONGEST = 30 * DAY_MS;

/** Checks a definition of any origin. Gives all problems at once. Templates are checked by the channels they belong to. */
export function parseDefinition(value: unknown): ParsedDefinition {
  if (!matchesSchema(value)) return { ok: false, faults: (matchesSchema.errors ?? []).map(faultOf) };
  const faults = [...faultsOfTiming(value), ...faultsOfSteps(value), ...faultsOfEvents(value), ...faultsOfConditions(value)];
  return faults.length > 0 ? { ok: false, faults } : { ok: true, definition: value };
}

/** A version ready to decide with. Call only with a definition that parseDefinition has passed. */
export function compileVersion(definition: JourneyDefinition, version: number): JourneyVersion {
  return {
    key: definition.key,
    version,
    name: definition.name,
    trigger: {
      event: definition.trigger.event,
      where: definition.trigger.where ?? [],
      maxAge: length(definition.trigger.maxAge ?? '24h'),
    },
    correlateBy: definition.correlateBy,
    reentryAfter: length(definition.reentryAfter ?? '0s'),
    goal: definition.goal,
    exits: definition.exits ?? [],
    silence: definition.silence ?? [],
    window: length(definition.window),
    holdoutPercent: definition.holdoutPercent ?? 10,
    steps: definition.steps.map(compileStep),
  };
}

function compileStep(step: StepDefinition): Step {
  const after = length(step.after);
  return {
    key: step.key,
    channel: step.channel,
    after,
    minDelay: step.minDelay === undefined ? (Math.min(after, minutes(5)) as Duration) : length(step.minDelay),
    maxDelay: length(step.maxDelay ?? '30m'),
    unless: step.unless ?? [],
    hours: step.hours && compileHours(step.hours),
    mandatory: step.mandatory ?? false,
    messages: step.messages.map(({ when, template }) => ({ when: when ?? [], template })),
  };
}

function compileHours(hours: NonNullable<StepDefinition['hours']>): SendingHours {
  return {
    from: minuteOfDay(hours.from),
    to: minuteOfDay(hours.to),
    zone: hours.zone ?? 'Asia/Kolkata',
    outside: hours.outside ?? 'expire',
    exceptWithin: length(hours.exceptWithin ?? '0s'),
  };
}

function faultsOfTiming(definition: JourneyDefinition): DefinitionFault[] {
  const window = length(definition.window);
  const faults: DefinitionFault[] = [];
  if (window <= 0 || window > LONGEST)
    faults.push({ at: '/window', code: 'window_out_of_range', detail: 'Use more than 0s and at most 30d.' });
  if (definition.trigger.maxAge !== undefined) faults.push(...outOfRange('/trigger/maxAge', definition.trigger.maxAge));
  definition.steps.forEach((step, index) => {
    const at = `/steps/${index}`;
    const after = length(step.after);
    const previous = definition.steps[index - 1];
    faults.push(...outOfRange(`${at}/after`, step.after));
    if (step.maxDelay !== undefined) faults.push(...outOfRange(`${at}/maxDelay`, step.maxDelay));
    if (after >= window)
      faults.push({
        at: `${at}/after`,
        code: 'step_after_window',
        detail: `The journey ends at T+${definition.window}, before this step. Lengthen window or move the step.`,
      });
    if (previous && after <= length(previous.after))
      faults.push({
        at: `${at}/after`,
        code: 'steps_out_of_order',
        detail: `It must be later than step "${previous.key}" before it.`,
      });
    if (step.minDelay !== undefined && length(step.minDelay) > after)
      faults.push({ at: `${at}/minDelay`, code: 'min_delay_too_long', detail: 'It must not be longer than after.' });
  });
  return faults;
}

function outOfRange(at: string, text: string): DefinitionFault[] {
  const given = length(text);
  return given > 0 && given <= LONGEST ? [] : [{ at, code: 'delay_out_of_range', detail: 'Use more than 0s and at most 30d.' }];
}

function faultsOfSteps(definition: JourneyDefinition): DefinitionFault[] {
  const faults: DefinitionFault[] = [];
  const earlier = new Set<string>();
  definition.steps.forEach((step, index) => {
    const at = `/steps/${index}`;
    if (earlier.has(step.key))
      faults.push({ at: `${at}/key`, code: 'duplicate_step', detail: 'Another step has this key. Give each its own.' });
    step.unless?.forEach((one, position) => {
      if (!earlier.has(one.step))
        faults.push({
          at: `${at}/unless/${position}/step`,
          code: 'unknown_step',
          detail: 'It must be the key of an earlier step.',
        });
    });
    if (step.hours && !DateTime.local({ zone: step.hours.zone ?? 'Asia/Kolkata' }).isValid)
      faults.push({ at: `${at}/hours/zone`, code: 'unknown_zone', detail: 'Use an IANA zone, such as Asia/Kolkata.' });
    if (step.hours && step.hours.from === step.hours.to)
      faults.push({
        at: `${at}/hours`,
        code: 'hours_never_open',
        detail: 'from and to are the same minute. Leave hours out to allow the whole day.',
      });
    earlier.add(step.key);
  });
  return faults;
}

/** The trigger leaves a mark like any event: as a goal, an exit or a silence it would stop what it starts. */
function faultsOfEvents({ trigger, goal, exits = [], silence = [] }: JourneyDefinition): DefinitionFault[] {
  const faults: DefinitionFault[] = [];
  if (goal.events.includes(trigger.event))
    faults.push({
      at: '/goal/events',
      code: 'goal_is_trigger',
      detail: 'The trigger would end the run it starts. Choose another goal.',
    });
  exits.forEach(({ event }, position) => {
    if (event === trigger.event)
      faults.push({
        at: `/exits/${position}/event`,
        code: 'exit_is_trigger',
        detail: 'The trigger would end the run it starts. Choose another exit.',
      });
  });
  if (silence.includes(trigger.event))
    faults.push({
      at: '/silence',
      code: 'silence_is_trigger',
      detail: 'The trigger would silence the run it starts. Leave it out.',
    });
  return faults;
}

function faultsOfConditions(definition: JourneyDefinition): DefinitionFault[] {
  return [
    { at: '/trigger/where', conditions: definition.trigger.where ?? [] },
    ...definition.steps.flatMap((step, index) =>
      step.messages.map(({ when = [] }, position) => ({ at: `/steps/${index}/messages/${position}/when`, conditions: when })),
    ),
  ].flatMap(({ at, conditions }) =>
    conditions.flatMap(({ field }, position) =>
      isFact(field)
        ? []
        : [
            {
              at: `${at}/${position}/field`,
              code: 'unknown_fact',
              detail: 'Use reason.class, reason.code, amount.value, amount.currency, name, attempts, keys.… or properties.….',
            },
          ],
    ),
  );
}

/** What a run knows; null: any one name. A misspelt field would never hold, and nobody would notice. */
const FACTS: Readonly<Record<string, readonly string[] | null>> = {
  name: [],
  attempts: [],
  amount: ['value', 'currency'],
  reason: ['class', 'code'],
  keys: ['order', 'payment', 'cart', 'checkout', 'kycApplication', 'mandate'],
  properties: null,
};
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

function isFact(path: string): boolean {
  const [root, field, ...rest] = path.split('.') as [string, ...string[]];
  if (!Object.hasOwn(FACTS, root) || rest.length > 0) return false;
  const fields = FACTS[root];
  if (!fields) return field !== undefined && !FORBIDDEN.has(field);
  return field === undefined ? fields.length === 0 : fields.includes(field);
}

function faultOf(error: ErrorObject): DefinitionFault {
  const params = error.params as { missingProperty?: string; additionalProperty?: string };
  const at = `${error.instancePath}/${params.missingProperty ?? params.additionalProperty ?? ''}`.replace(/\/$/, '') || '/';
  return {
    at,
    code:
      error.keyword === 'additionalProperties' ? 'unknown_field' : error.keyword === 'required' ? 'missing_field' : 'bad_value',
    detail: `It ${error.message ?? 'is not valid'}.`,
  };
}

const length = (text: string): Duration => parseDuration(text) ?? (0 as Duration);

function minuteOfDay(text: string): number {
  const [hour, minute] = text.split(':').map(Number) as [number, number];
  return hour * 60 + minute;
}
