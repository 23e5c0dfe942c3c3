import { type KeyKind } from '@wapas/entity-keys';
import { type JourneyDefinition } from './journey-definition';
import { type DefinitionFault } from './parse-definition';
import { type Parts, type Readable } from './readable-parts';
import { waysTo } from './signals';

type Draft = Readable<JourneyDefinition>;
type AskedParts = Parts<NonNullable<JourneyDefinition['steps'][number]['if']>[number]> | undefined;
type ExitParts = Parts<NonNullable<JourneyDefinition['exits']>[number]>;

export type ConditionsParts = readonly (ConditionParts | undefined)[];
export interface ConditionParts {
  readonly field?: string;
  readonly is?: unknown;
  readonly in?: readonly unknown[];
  readonly notIn?: readonly unknown[];
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly startsWith?: string;
  readonly exists?: boolean;
  readonly sameAs?: string;
}

/** Conditions of one list, of which one rules another out: all of them must hold, so none ever counts. */
export function contradictionsAmong(at: string, conditions: ConditionsParts): DefinitionFault[] {
  const faults: DefinitionFault[] = [];
  const before = new Map<string, ConditionParts[]>();
  conditions.forEach((condition, position) => {
    // Of two operators nobody knows which one is meant.
    if (condition?.field === undefined || Object.keys(condition).length > 2) return;
    const earlier = before.get(condition.field) ?? [];
    const together = [...earlier, condition];
    if (canHold(together)) before.set(condition.field, together);
    else
      faults.push({
        at: `${at}/${position}`,
        code: 'never_holds',
        detail: `No ${condition.field} is this and what stands before it, and all of them must hold. Correct one, or leave it out.`,
      });
  });
  return faults;
}

/** Whether there is a value of one field that meets all of these. */
function canHold(conditions: readonly ConditionParts[]): boolean {
  const some = conditions.some((one) => one.exists !== false && one.notIn === undefined);
  const isAbsent = conditions.some((one) => one.exists === false);
  if (isAbsent) return !some;
  const least = Math.max(...conditions.map(({ atLeast = -Infinity }) => atLeast));
  const most = Math.min(...conditions.map(({ atMost = Infinity }) => atMost));
  const starts = conditions.flatMap(({ startsWith }) => startsWith ?? []);
  const isNumber = least > -Infinity || most < Infinity;
  if (least > most || (isNumber && starts.length > 0)) return false;
  if (starts.some((one) => starts.some((other) => !one.startsWith(other) && !other.startsWith(one)))) return false;
  const named = conditions.flatMap((one) => (one.is === undefined ? (one.in ? [one.in] : []) : [[one.is]]));
  if (named.length === 0) return true;
  const meets = (value: unknown): boolean =>
    named.every((list) => list.includes(value)) &&
    !conditions.some(({ notIn }) => notIn?.includes(value)) &&
    (!isNumber || (typeof value === 'number' && value >= least && value <= most)) &&
    starts.every((start) => typeof value === 'string' && value.startsWith(start));
  return named.flat().some(meets);
}

/** Parts that rule each other out: a step that asks for and against the same, exits that others always come before. */
export const faultsOfContradictions = (draft: Draft): DefinitionFault[] => [
  ...(draft.parts.steps ?? []).flatMap((step, index) => stepsNeverSent(`/steps/${index}`, step?.if ?? [], step?.unless ?? [])),
  ...exitsNeverTaken(draft),
];

function stepsNeverSent(at: string, wanted: readonly AskedParts[], unwanted: readonly AskedParts[]): DefinitionFault[] {
  const never = (place: string, of: AskedParts): DefinitionFault => ({
    at: place,
    code: 'step_never_sent',
    detail: `It asks for the contrary of ${of?.step} ${of?.signal} as well, so it is never sent. Leave one of the two out.`,
  });
  return [
    ...wanted.flatMap((one, position) =>
      wanted.slice(0, position).some((other) => isSameSignal(one, other) && answerOf(one) !== answerOf(other))
        ? [never(`${at}/if/${position}`, one)]
        : [],
    ),
    ...unwanted.flatMap((one, position) =>
      wanted.some((other) => proves(other, one)) ? [never(`${at}/unless/${position}`, one)] : [],
    ),
  ];
}

const answerOf = (asked: AskedParts): string => asked?.answer ?? 'yes';

function isSameSignal(one: AskedParts, other: AskedParts): boolean {
  if (!one?.signal || !other?.signal || one.step === undefined || one.step !== other.step) return false;
  return waysTo(one.signal).join() === waysTo(other.signal).join();
}

/** Whenever one is so, the other is: who clicked has read. */
function proves(one: AskedParts, other: AskedParts): boolean {
  if (answerOf(one) !== answerOf(other)) return false;
  if (answerOf(one) !== 'yes') return isSameSignal(one, other);
  if (!one?.signal || !other?.signal || one.step === undefined || one.step !== other.step) return false;
  const ways = waysTo(other.signal);
  return waysTo(one.signal).every((way) => ways.includes(way));
}

/** Of what an event may mean the goal comes first, and then the exits in their order. */
function exitsNeverTaken({ parts: { goal, exits = [] }, isUnclear }: Draft): DefinitionFault[] {
  const goals = [{ at: '/goal', one: goal }, ...(goal?.or ?? []).map((one, n) => ({ at: `/goal/or/${n}`, one }))];
  const goalKinds = goals.flatMap(({ one }) => (one?.by ?? []) as (KeyKind | undefined)[]);
  const kindsOf = (exit: ExitParts | undefined) => exit?.by ?? goalKinds;
  const always = (at: string, where: ConditionsParts | undefined): boolean =>
    (where ?? []).length === 0 && !isUnclear(`${at}/where`);
  return exits.flatMap((exit, position): DefinitionFault[] => {
    const at = `/exits/${position}`;
    const kinds = kindsOf(exit);
    if (exit?.event === undefined || kinds.length === 0 || isUnclear(`${at}/by`) || (!exit.by && isUnclear('/goal/by')))
      return [];
    const { event } = exit;
    const isReachedBy = (kind: KeyKind | undefined): boolean =>
      goals.some(({ at: place, one }) => always(place, one?.where) && one?.events?.includes(event) && one.by?.includes(kind));
    if (kinds.every(isReachedBy))
      return [
        {
          at: `${at}/event`,
          code: 'exit_is_goal',
          detail:
            'The goal is the same event, and comes first: this never ends a run. Leave one of the two out, or say under where which is which.',
        },
      ];
    const isLeftBy = (kind: KeyKind | undefined): boolean =>
      exits.slice(0, position).some((other, n) => {
        const asksNoMore =
          always(`/exits/${n}`, other?.where) || JSON.stringify(other?.where) === JSON.stringify(exit.where ?? []);
        return other?.event === event && asksNoMore && kindsOf(other).includes(kind) && !isUnclear(`/exits/${n}/by`);
      });
    return kinds.every((kind) => isReachedBy(kind) || isLeftBy(kind))
      ? [
          {
            at,
            code: 'exit_never_taken',
            detail: 'An exit before it takes the same event whatever it says. Put that last, or say under where what it is for.',
          },
        ]
      : [];
  });
}
