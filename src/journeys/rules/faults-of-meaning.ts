import { DateTime } from 'luxon';
import { compileHours, length } from './compile-version';
import { type Condition } from './condition';
import { type SendingHours } from './definition';
import { type JourneyDefinition, type MessageDefinition, type StepDefinition } from './journey-definition';
import { legalHoursOf } from './legal-hours';
import { type DefinitionFault } from './parse-definition';

const DAY_MS = 86_400_000;
const LONGEST = 30 * DAY_MS;

/** What the schema cannot say: what is well-formed and still cannot work. */
export function faultsOfMeaning(definition: JourneyDefinition): DefinitionFault[] {
  return [
    ...faultsOfTiming(definition),
    ...faultsOfSteps(definition),
    ...faultsOfHold(definition),
    ...faultsOfEvents(definition),
    ...faultsOfConditions(definition),
    ...faultsOfVariants(definition),
  ];
}

function faultsOfTiming(definition: JourneyDefinition): DefinitionFault[] {
  const window = length(definition.window);
  const faults: DefinitionFault[] = [];
  if (window <= 0 || window > LONGEST)
    faults.push({ at: '/window', code: 'window_out_of_range', detail: 'Use more than 0s and at most 30d.' });
  const lengths: [string, string | undefined][] = [
    ['/trigger/maxAge', definition.trigger.maxAge],
    ['/hold/for', definition.hold?.for],
    ['/postpone/within', definition.postpone?.within],
    ['/postpone/by', definition.postpone?.by],
    ['/lateGoal', definition.lateGoal],
  ];
  for (const [at, text] of lengths) if (text !== undefined) faults.push(...outOfRange(at, text));
  definition.steps.forEach((step, index) => {
    const at = `/steps/${index}`;
    const after = length(step.after);
    faults.push(...outOfRange(`${at}/after`, step.after));
    if (step.maxDelay !== undefined) faults.push(...outOfRange(`${at}/maxDelay`, step.maxDelay));
    if (after >= window)
      faults.push({
        at: `${at}/after`,
        code: 'step_after_window',
        detail: `The journey ends at T+${definition.window}, before this step. Lengthen window or move the step.`,
      });
    faults.push(...faultsOfOrder(at, step, definition.steps[index - 1]));
    if (step.minDelay !== undefined && length(step.minDelay) > after)
      faults.push({ at: `${at}/minDelay`, code: 'min_delay_too_long', detail: 'It must not be longer than after.' });
  });
  return faults;
}

function faultsOfOrder(at: string, step: StepDefinition, previous: StepDefinition | undefined): DefinitionFault[] {
  const gap = previous ? length(step.after) - length(previous.after) : 1;
  if (step.together && (gap !== 0 || !previous))
    return [
      {
        at: `${at}/together`,
        code: 'not_together',
        detail: 'Give it the same `after` as the step before it, or leave together out.',
      },
    ];
  if (step.together || gap > 0) return [];
  const detail =
    gap === 0
      ? `Step "${previous?.key}" has the same moment. Move one of them, or say together: true when both are meant at once.`
      : `It must be later than step "${previous?.key}" before it.`;
  return [{ at: `${at}/after`, code: 'steps_out_of_order', detail }];
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
    for (const list of ['if', 'unless'] as const)
      step[list]?.forEach((one, position) => {
        if (!earlier.has(one.step))
          faults.push({
            at: `${at}/${list}/${position}/step`,
            code: 'unknown_step',
            detail: 'It must be the key of an earlier step.',
          });
      });
    faults.push(...faultsOfHours(at, step, definition), ...faultsOfDays(at, step));
    earlier.add(step.key);
  });
  return faults;
}

function faultsOfHold({ hold }: JourneyDefinition): DefinitionFault[] {
  return (hold?.during ?? []).flatMap(({ from, to, zone }, index): DefinitionFault[] => {
    const at = `/hold/during/${index}`;
    if (zone !== undefined && !DateTime.local({ zone }).isValid)
      return [{ at: `${at}/zone`, code: 'unknown_zone', detail: 'Use an IANA zone, such as Asia/Kolkata.' }];
    const detail = 'from and to are the same minute. Leave during out to let everything wait at any hour.';
    return from === to ? [{ at, code: 'hours_never_end', detail }] : [];
  });
}

function faultsOfHours(at: string, step: StepDefinition, { legalHours = [] }: JourneyDefinition): DefinitionFault[] {
  if (!step.hours) return [];
  if (!DateTime.local({ zone: step.hours.zone ?? 'Asia/Kolkata' }).isValid)
    return [{ at: `${at}/hours/zone`, code: 'unknown_zone', detail: 'Use an IANA zone, such as Asia/Kolkata.' }];
  if (step.hours.from === step.hours.to)
    return [
      {
        at: `${at}/hours`,
        code: 'hours_never_open',
        detail: 'from and to are the same minute. Leave hours out to allow the whole day.',
      },
    ];
  const hours = compileHours(step.hours);
  const legal = legalHoursOf(step.channel, step.purpose ?? 'service', legalHours);
  const meets = legal.every((one) => one.zone !== hours.zone || doMeet(hours, one));
  if (meets) return [];
  return [
    {
      at: `${at}/hours`,
      code: 'hours_never_open',
      detail: 'They lie outside the hours that the law allows for this step. Move them into those.',
    },
  ];
}

function faultsOfDays(at: string, { days, hours }: StepDefinition): DefinitionFault[] {
  if (!days) return [];
  const faults: DefinitionFault[] = [];
  if (!DateTime.local({ zone: days.zone ?? 'Asia/Kolkata' }).isValid)
    faults.push({ at: `${at}/days/zone`, code: 'unknown_zone', detail: 'Use an IANA zone, such as Asia/Kolkata.' });
  if (days.to % 31 === days.from - 1)
    faults.push({ at: `${at}/days`, code: 'days_never_end', detail: 'Every day is one of these. Leave days out.' });
  if (!hours)
    faults.push({
      at: `${at}/days`,
      code: 'days_without_hours',
      detail: 'On such a day it would go out at midnight. Say under hours when it may.',
    });
  return faults;
}

const isOpenAt = ({ from, to }: SendingHours, minute: number): boolean =>
  from <= to ? minute >= from && minute < to : minute >= from || minute < to;
const doMeet = (one: SendingHours, other: SendingHours): boolean => isOpenAt(one, other.from) || isOpenAt(other, one.from);

/**
 * The trigger leaves a mark like any event: as a goal, an exit or a silence it would stop what it starts. Only an exit may say which
 * further ones end a run that is under way.
 */
function faultsOfEvents({ trigger, hold, goal, exits = [], silence = [] }: JourneyDefinition): DefinitionFault[] {
  const faults: DefinitionFault[] = [];
  const goals = [{ at: '/goal/events', ...goal }, ...(goal.or ?? []).map((one, n) => ({ at: `/goal/or/${n}/events`, ...one }))];
  for (const { at, events } of goals)
    if (events.includes(trigger.event))
      faults.push({
        at,
        code: 'goal_is_trigger',
        detail: 'The trigger would end the run it starts. Choose another goal.',
      });
  exits.forEach(({ event, where = [] }, position) => {
    if (event === trigger.event && where.length === 0)
      faults.push({
        at: `/exits/${position}/event`,
        code: 'exit_is_trigger',
        detail: 'The trigger would end the run it starts. Say under where which further ones end it, or choose another exit.',
      });
  });
  if (silence.includes(trigger.event))
    faults.push({
      at: '/silence',
      code: 'silence_is_trigger',
      detail: 'The trigger would silence the run it starts. Leave it out.',
    });
  if (hold?.confirmedBy?.includes(trigger.event) && (hold.when ?? []).length === 0)
    faults.push({
      at: '/hold/confirmedBy',
      code: 'trigger_confirms_itself',
      detail: 'Every trigger would wait for itself. Say under hold.when which ones are uncertain.',
    });
  return faults;
}

function faultsOfConditions(definition: JourneyDefinition): DefinitionFault[] {
  const ofRun: [string, readonly Condition[]][] = [
    ['/trigger/where', definition.trigger.where ?? []],
    ['/hold/when', definition.hold?.when ?? []],
    ...definition.steps.flatMap((step, index): [string, readonly Condition[]][] => [
      [`/steps/${index}/when`, step.when ?? []],
      [`/steps/${index}/days/when`, step.days?.when ?? []],
      ...step.messages.map(({ when = [] }, position): [string, readonly Condition[]] => [
        `/steps/${index}/messages/${position}/when`,
        when,
      ]),
    ]),
  ];
  const ofEndings: [string, readonly Condition[]][] = [
    ['/goal/where', definition.goal.where ?? []],
    ...(definition.goal.or ?? []).map(({ where = [] }, n): [string, readonly Condition[]] => [`/goal/or/${n}/where`, where]),
    ...(definition.exits ?? []).map(({ where = [] }, n): [string, readonly Condition[]] => [`/exits/${n}/where`, where]),
  ];
  const comparing = ofRun.flatMap(([at, conditions]) =>
    conditions.flatMap((condition, position) =>
      'sameAs' in condition
        ? [
            {
              at: `${at}/${position}/sameAs`,
              code: 'nothing_to_compare',
              detail: 'sameAs compares an event with the run it ends. Use it under goal and exits only.',
            },
          ]
        : [],
    ),
  );
  const paths = [...ofRun, ...ofEndings].flatMap(([at, conditions]) =>
    conditions.flatMap((condition, position) => [
      ...unknownFact(`${at}/${position}/field`, condition.field),
      ...('sameAs' in condition ? unknownFact(`${at}/${position}/sameAs`, condition.sameAs) : []),
    ]),
  );
  const matters = (definition.correlateWith ?? []).flatMap((path, n) => unknownFact(`/correlateWith/${n}`, path));
  return [...paths, ...comparing, ...matters];
}

/** What a run knows; null: any one name. A misspelt field would never hold, and nobody would notice. */
const FACTS: Readonly<Record<string, readonly string[] | null>> = {
  name: [],
  attempts: [],
  sameMethod: [],
  profile: ['isCustomer', 'hasPhone', 'hasEmail', 'hasPush'],
  known: ['isCustomer', 'hasPhone', 'hasEmail', 'hasWhatsapp', 'hasPush', 'language'],
  amount: ['value', 'currency'],
  reason: ['class', 'code'],
  keys: ['order', 'payment', 'cart', 'checkout', 'kycApplication', 'mandate'],
  properties: null,
};
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

function unknownFact(at: string, path: string): DefinitionFault[] {
  return isFact(path)
    ? []
    : [
        {
          at,
          code: 'unknown_fact',
          detail:
            'Use reason.class, reason.code, amount.value, amount.currency, name, profile.…, known.…, attempts, sameMethod, keys.… or properties.….',
        },
      ];
}

function isFact(path: string): boolean {
  const [root, field, ...rest] = path.split('.') as [string, ...string[]];
  if (!Object.hasOwn(FACTS, root) || rest.length > 0) return false;
  const fields = FACTS[root];
  if (!fields) return field !== undefined && !FORBIDDEN.has(field);
  return field === undefined ? fields.length === 0 : fields.includes(field);
}

function faultsOfVariants(definition: JourneyDefinition): DefinitionFault[] {
  return definition.steps.flatMap((step, index) =>
    step.messages.flatMap((message, position) => faultsOfMessage(`/steps/${index}/messages/${position}`, message)),
  );
}

function faultsOfMessage(at: string, { template, variants }: MessageDefinition): DefinitionFault[] {
  if ((template === undefined) === (variants === undefined))
    return [{ at, code: 'template_or_variants', detail: 'Give either one template or variants of it.' }];
  if (!variants) return [];
  const faults: DefinitionFault[] = [];
  const percent = variants.reduce((sum, one) => sum + one.percent, 0);
  if (Math.abs(percent - 100) > 0.001)
    faults.push({ at: `${at}/variants`, code: 'shares_do_not_add_up', detail: 'The percents must add up to 100.' });
  if (new Set(variants.map(({ key }) => key)).size < variants.length)
    faults.push({ at: `${at}/variants`, code: 'duplicate_variant', detail: 'Give each variant a key of its own.' });
  return faults;
}
