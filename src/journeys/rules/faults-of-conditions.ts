import { type ConditionParts, type ConditionsParts, contradictionsAmong } from './faults-of-contradictions';
import { type JourneyDefinition } from './journey-definition';
import { type DefinitionFault } from './parse-definition';
import { type Readable } from './readable-parts';

/** Conditions that ask for what nobody knows, or could never hold. */
export function faultsOfConditions({
  parts: { trigger, hold, goal, exits, steps, correlateWith },
}: Readable<JourneyDefinition>): DefinitionFault[] {
  const ofRun: [string, ConditionsParts | undefined][] = [
    ['/trigger/where', trigger?.where],
    ['/hold/when', hold?.when],
    ...(steps ?? []).flatMap((step, index): [string, ConditionsParts | undefined][] => [
      [`/steps/${index}/when`, step?.when],
      [`/steps/${index}/days/when`, step?.days?.when],
      ...(step?.messages ?? []).map((message, position): [string, ConditionsParts | undefined] => [
        `/steps/${index}/messages/${position}/when`,
        message?.when,
      ]),
    ]),
  ];
  const ofEndings: [string, ConditionsParts | undefined][] = [
    ['/goal/where', goal?.where],
    ...(goal?.or ?? []).map((one, n): [string, ConditionsParts | undefined] => [`/goal/or/${n}/where`, one?.where]),
    ...(exits ?? []).map((one, n): [string, ConditionsParts | undefined] => [`/exits/${n}/where`, one?.where]),
  ];
  const comparing = ofRun.flatMap(([at, conditions = []]) =>
    conditions.flatMap((condition, position) =>
      condition?.sameAs !== undefined
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
  const paths = [...ofRun, ...ofEndings].flatMap(([at, conditions = []]) =>
    conditions.flatMap((condition, position) => [
      ...unknownFact(`${at}/${position}/field`, condition?.field),
      ...unknownFact(`${at}/${position}/sameAs`, condition?.sameAs),
      ...faultsOfKind(`${at}/${position}`, condition),
    ]),
  );
  const contradictions = [...ofRun, ...ofEndings].flatMap(([at, conditions = []]) => contradictionsAmong(at, conditions));
  const matters = (correlateWith ?? []).flatMap((path, n) => unknownFact(`/correlateWith/${n}`, path));
  return [...paths, ...comparing, ...contradictions, ...matters];
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

function unknownFact(at: string, path: string | undefined): DefinitionFault[] {
  return path === undefined || isFact(path)
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

type Kind = 'boolean' | 'number' | 'string';
const IN_WORDS: Readonly<Record<Kind, string>> = {
  boolean: 'true or false, without quotes',
  number: 'a number',
  string: 'a text',
};

/** What a fact always is; undefined: whatever the event says. */
function kindOfFact(path: string): Kind | undefined {
  if (/^(profile|known)\.(is|has)/.test(path)) return 'boolean';
  if (path === 'amount.value' || path === 'attempts' || path === 'sameMethod') return 'number';
  return path.startsWith('properties.') ? undefined : 'string';
}

/** `hasPush` is never "yes": such a condition never holds, or always, and nobody would notice. */
function faultsOfKind(at: string, { field, ...asked }: ConditionParts = {}): DefinitionFault[] {
  const kind = field === undefined || !isFact(field) ? undefined : kindOfFact(field);
  if (kind === undefined) return [];
  const isOther = (value: unknown): boolean => value !== undefined && typeof value !== kind;
  const wrong = (['is', 'in', 'notIn', 'atLeast', 'atMost', 'startsWith'] as const).filter((operator) => {
    const value = asked[operator];
    return Array.isArray(value) ? value.some(isOther) : isOther(value);
  });
  return wrong.map((operator) => ({
    at: `${at}/${operator}`,
    code: 'other_kind_of_fact',
    detail: `${field} is ${IN_WORDS[kind]}: this can never match. Correct the value, or the field.`,
  }));
}
