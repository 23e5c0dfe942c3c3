import { isZone } from '@wapas/kernel';
import { compileHours, length } from './compile-version';
import { type SendingHours } from './definition';
import { faultsOfConditions } from './faults-of-conditions';
import { faultsOfContradictions } from './faults-of-contradictions';
import { type JourneyDefinition } from './journey-definition';
import { LEGAL_HOURS_NAMES, legalHoursOf } from './legal-hours';
import { type DefinitionFault } from './parse-definition';
import { type Parts, type Readable } from './readable-parts';

const DAY_MS = 86_400_000;
const LONGEST = 30 * DAY_MS;

type Draft = Readable<JourneyDefinition>;
type StepParts = Parts<JourneyDefinition['steps'][number]>;
type MessageParts = Parts<JourneyDefinition['steps'][number]['messages'][number]>;

/**
 * What the schema cannot say: what is well-formed and still cannot work. Looks at what can be read of a definition; where that rests on
 * what cannot, nothing is said.
 */
export function faultsOfMeaning(draft: Draft): DefinitionFault[] {
  return [
    ...faultsOfTiming(draft),
    ...faultsOfSteps(draft),
    ...faultsOfHold(draft),
    ...faultsOfEvents(draft),
    ...faultsOfExits(draft),
    ...faultsOfConditions(draft),
    ...faultsOfContradictions(draft),
    ...faultsOfVariants(draft),
  ];
}

function faultsOfTiming(draft: Draft): DefinitionFault[] {
  const { window: windowText, trigger, hold, postpone, lateGoal, steps = [] } = draft.parts;
  const window = windowText === undefined ? undefined : length(windowText);
  const faults: DefinitionFault[] = [];
  if (window !== undefined && (window <= 0 || window > LONGEST))
    faults.push({ at: '/window', code: 'window_out_of_range', detail: 'Use more than 0s and at most 30d.' });
  faults.push(
    ...outOfRange('/trigger/maxAge', trigger?.maxAge),
    ...outOfRange('/hold/for', hold?.for),
    ...outOfRange('/postpone/within', postpone?.within),
    ...outOfRange('/postpone/by', postpone?.by),
    ...outOfRange('/lateGoal', lateGoal),
  );
  steps.forEach((step = {}, index) => {
    const at = `/steps/${index}`;
    const after = step.after === undefined ? undefined : length(step.after);
    faults.push(...outOfRange(`${at}/after`, step.after), ...outOfRange(`${at}/maxDelay`, step.maxDelay));
    if (after !== undefined && window !== undefined && after >= window)
      faults.push({
        at: `${at}/after`,
        code: 'step_after_window',
        detail: `The journey ends at T+${windowText}, before this step. Lengthen window or move the step.`,
      });
    faults.push(...faultsOfOrder(draft, index));
    if (step.minDelay !== undefined && after !== undefined && length(step.minDelay) > after)
      faults.push({ at: `${at}/minDelay`, code: 'min_delay_too_long', detail: 'It must not be longer than after.' });
  });
  return faults;
}

function outOfRange(at: string, text: string | undefined): DefinitionFault[] {
  if (text === undefined) return [];
  const given = length(text);
  return given > 0 && given <= LONGEST ? [] : [{ at, code: 'delay_out_of_range', detail: 'Use more than 0s and at most 30d.' }];
}

function faultsOfOrder({ parts: { steps = [] }, isUnclear }: Draft, index: number): DefinitionFault[] {
  const at = `/steps/${index}`;
  const step = steps[index];
  if (step?.after === undefined) return [];
  // A step whose moment cannot be read hides none of those before it: what is earlier than they are is out of order anyhow.
  const before = steps.slice(0, index).findLastIndex((one) => one?.after !== undefined);
  const previous = steps[before];
  const isNext = before === index - 1;
  const gap = previous?.after === undefined ? 1 : length(step.after) - length(previous.after);
  if (step.together && isNext && (gap !== 0 || !previous))
    return [
      {
        at: `${at}/together`,
        code: 'not_together',
        detail: 'Give it the same `after` as the step before it, or leave together out.',
      },
    ];
  if (gap > 0 || (gap === 0 && (step.together || !isNext || isUnclear(`${at}/together`)))) return [];
  const named = previous?.key === undefined ? '' : ` "${previous.key}"`;
  const detail =
    gap === 0
      ? `Step${named} before it has the same moment. Move one of them, or say together: true when both are meant at once.`
      : `It must be later than step${named} before it.`;
  return [{ at: `${at}/after`, code: 'steps_out_of_order', detail }];
}

function faultsOfSteps(draft: Draft): DefinitionFault[] {
  const faults: DefinitionFault[] = [];
  const earlier = new Set<string>();
  let areKeysClear = true;
  draft.parts.steps?.forEach((step, index) => {
    const at = `/steps/${index}`;
    if (step?.key !== undefined && earlier.has(step.key))
      faults.push({ at: `${at}/key`, code: 'duplicate_step', detail: 'Another step has this key. Give each its own.' });
    for (const list of ['if', 'unless'] as const)
      step?.[list]?.forEach((one, position) => {
        if (one?.step !== undefined && !earlier.has(one.step) && areKeysClear)
          faults.push({
            at: `${at}/${list}/${position}/step`,
            code: 'unknown_step',
            detail: 'It must be the key of an earlier step.',
          });
      });
    if (step) faults.push(...faultsOfHours(at, step, draft), ...faultsOfDays(at, step, draft));
    if (step?.key === undefined) areKeysClear = false;
    else earlier.add(step.key);
  });
  return faults;
}

const unknownZone = (at: string): DefinitionFault => ({
  at,
  code: 'unknown_zone',
  detail:
    'Use the IANA name of a time zone, such as Asia/Kolkata. An abbreviation or an offset is another place to another system.',
});

function faultsOfHold({ parts }: Draft): DefinitionFault[] {
  return (parts.hold?.during ?? []).flatMap(({ from, to, zone } = {}, index): DefinitionFault[] => {
    const at = `/hold/during/${index}`;
    if (zone !== undefined && !isZone(zone)) return [unknownZone(`${at}/zone`)];
    const detail = 'from and to are the same minute. Leave during out to let everything wait at any hour.';
    return from !== undefined && from === to ? [{ at, code: 'hours_never_end', detail }] : [];
  });
}

function faultsOfHours(at: string, { hours, channel, purpose }: StepParts, draft: Draft): DefinitionFault[] {
  if (!hours) return [];
  const { from, to, zone } = hours;
  const faults = zone !== undefined && !isZone(zone) ? [unknownZone(`${at}/hours/zone`)] : [];
  if (from === undefined || to === undefined) return faults;
  if (from === to)
    return [
      ...faults,
      {
        at: `${at}/hours`,
        code: 'hours_never_open',
        detail: 'from and to are the same minute. Leave hours out to allow the whole day.',
      },
    ];
  if (faults.length > 0 || channel === undefined) return faults;
  if (draft.isUnclear(`${at}/hours/zone`) || draft.isUnclear(`${at}/purpose`)) return [];
  const open = compileHours({ from, to, zone });
  const named = LEGAL_HOURS_NAMES.filter((name) => draft.parts.legalHours?.includes(name));
  const legal = legalHoursOf(channel, purpose ?? 'service', named);
  const meets = legal.every((one) => !isSameZone(one.zone, open.zone) || doMeet(open, one));
  if (meets) return [];
  return [
    {
      at: `${at}/hours`,
      code: 'hours_never_open',
      detail: 'They lie outside the hours that the law allows for this step. Move them into those.',
    },
  ];
}

function faultsOfDays(at: string, { days, hours }: StepParts, { isUnclear }: Draft): DefinitionFault[] {
  if (!days) return [];
  const { from, to, zone } = days;
  const faults: DefinitionFault[] = [];
  if (zone !== undefined && !isZone(zone)) faults.push(unknownZone(`${at}/days/zone`));
  if (from !== undefined && to !== undefined && to % 31 === from - 1)
    faults.push({ at: `${at}/days`, code: 'days_never_end', detail: 'Every day is one of these. Leave days out.' });
  if (!hours && !isUnclear(`${at}/hours`))
    faults.push({
      at: `${at}/days`,
      code: 'days_without_hours',
      detail: 'On such a day it would go out at midnight. Say under hours when it may.',
    });
  return faults;
}

/** Asia/Calcutta is Asia/Kolkata. */
const isSameZone = (one: string, other: string): boolean => placeOf(one) === placeOf(other);
const placeOf = (timeZone: string): string => new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
const isOpenAt = ({ from, to }: SendingHours, minute: number): boolean =>
  from <= to ? minute >= from && minute < to : minute >= from || minute < to;
const doMeet = (one: SendingHours, other: SendingHours): boolean => isOpenAt(one, other.from) || isOpenAt(other, one.from);

function faultsOfExits({ parts: { exits = [] } }: Draft): DefinitionFault[] {
  return exits.flatMap((exit, position) =>
    exit?.reason !== undefined && OWN_REASONS.has(exit.reason)
      ? [
          {
            at: `/exits/${position}/reason`,
            code: 'reserved_reason',
            detail: 'Wapas gives this reason itself, and reports would take the exit for that. Choose another word.',
          },
        ]
      : [],
  );
}

/** Ends of runs and messages that no exit made. */
const OWN_REASONS = new Set(['goal_reached', 'window_over', 'status_unknown', 'erased', 'restarted', 'silenced']);

/**
 * The trigger leaves a mark like any event: as a goal, an exit or a silence it would stop what it starts. Only an exit may say which
 * further ones end a run that is under way.
 */
function faultsOfEvents({ parts: { trigger, hold, goal, exits = [], silence = [] }, isUnclear }: Draft): DefinitionFault[] {
  const event = trigger?.event;
  if (event === undefined) return [];
  const faults: DefinitionFault[] = [];
  const goals = [
    { at: '/goal/events', events: goal?.events },
    ...(goal?.or ?? []).map((one, n) => ({ at: `/goal/or/${n}/events`, events: one?.events })),
  ];
  for (const { at, events } of goals)
    if (events?.includes(event))
      faults.push({
        at,
        code: 'goal_is_trigger',
        detail: 'The trigger would end the run it starts. Choose another goal.',
      });
  exits.forEach((exit, position) => {
    const at = `/exits/${position}`;
    if (exit?.event === event && (exit.where ?? []).length === 0 && !isUnclear(`${at}/where`))
      faults.push({
        at: `${at}/event`,
        code: 'exit_is_trigger',
        detail: 'The trigger would end the run it starts. Say under where which further ones end it, or choose another exit.',
      });
  });
  if (silence.includes(event))
    faults.push({
      at: '/silence',
      code: 'silence_is_trigger',
      detail: 'The trigger would silence the run it starts. Leave it out.',
    });
  if (hold?.confirmedBy?.includes(event) && (hold.when ?? []).length === 0 && !isUnclear('/hold/when'))
    faults.push({
      at: '/hold/confirmedBy',
      code: 'trigger_confirms_itself',
      detail: 'Every trigger would wait for itself. Say under hold.when which ones are uncertain.',
    });
  return faults;
}

function faultsOfVariants(draft: Draft): DefinitionFault[] {
  return (draft.parts.steps ?? []).flatMap((step, index) =>
    (step?.messages ?? []).flatMap((message, position, messages) => {
      const at = `/steps/${index}/messages/${position}`;
      const of = message ? faultsOfMessage(at, message, draft) : [];
      const isHidden = messages
        .slice(0, position)
        .some((one, n) => one && (one.when ?? []).length === 0 && !draft.isUnclear(`/steps/${index}/messages/${n}/when`));
      const detail = 'One before it has no conditions and is always taken. Put that last, or say under when what it is for.';
      return isHidden ? [...of, { at, code: 'message_never_used', detail }] : of;
    }),
  );
}

function faultsOfMessage(at: string, { template, variants }: MessageParts, { isUnclear }: Draft): DefinitionFault[] {
  const isClear = !isUnclear(`${at}/template`) && !isUnclear(`${at}/variants`);
  if ((template === undefined) === (variants === undefined))
    return isClear ? [{ at, code: 'template_or_variants', detail: 'Give either one template or variants of it.' }] : [];
  if (!variants) return [];
  const faults: DefinitionFault[] = [];
  const percents = variants.map((one) => one?.percent);
  const keys = variants.flatMap((one) => one?.key ?? []);
  const percent = percents.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  if (!percents.includes(undefined) && Math.abs(percent - 100) > 0.001)
    faults.push({ at: `${at}/variants`, code: 'shares_do_not_add_up', detail: 'The percents must add up to 100.' });
  if (new Set(keys).size < keys.length)
    faults.push({ at: `${at}/variants`, code: 'duplicate_variant', detail: 'Give each variant a key of its own.' });
  return faults;
}
