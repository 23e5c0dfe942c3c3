import { type RunFacts } from './run';

/** A fixed operator on one field of the facts. No expressions, no regular expressions, no code. */
export type Condition =
  | { readonly field: string; readonly is: string | number | boolean }
  | { readonly field: string; readonly in: readonly (string | number)[] }
  | { readonly field: string; readonly notIn: readonly (string | number)[] }
  | { readonly field: string; readonly atLeast: number }
  | { readonly field: string; readonly atMost: number }
  | { readonly field: string; readonly startsWith: string }
  | { readonly field: string; readonly exists: boolean }
  /** For events that end a run: the same as that field of the run; of two lists one entry in common is enough. */
  | { readonly field: string; readonly sameAs: string };

/** `run` is what `sameAs` compares with; without it such a condition does not hold. */
export function holds(condition: Condition, facts: RunFacts, run?: RunFacts): boolean {
  const value = fieldOf(facts, condition.field);
  if ('exists' in condition) return (value !== undefined && value !== null) === condition.exists;
  if ('is' in condition) return value === condition.is;
  if ('in' in condition) return condition.in.includes(value as string);
  if ('notIn' in condition) return !condition.notIn.includes(value as string);
  if ('atLeast' in condition) return typeof value === 'number' && value >= condition.atLeast;
  if ('atMost' in condition) return typeof value === 'number' && value <= condition.atMost;
  if ('sameAs' in condition) return run !== undefined && haveInCommon(value, fieldOf(run, condition.sameAs));
  return typeof value === 'string' && value.startsWith(condition.startsWith);
}

export const allHold = (conditions: readonly Condition[], facts: RunFacts, run?: RunFacts): boolean =>
  conditions.every((condition) => holds(condition, facts, run));

function haveInCommon(one: unknown, other: unknown): boolean {
  if (one === undefined || one === null || other === undefined || other === null) return false;
  const others: unknown[] = Array.isArray(other) ? other : [other];
  return (Array.isArray(one) ? one : [one]).some((entry) => others.includes(entry));
}

/** Reads `amount.value` or `properties.plan`: own properties only, so that no path reaches an object's internals. */
export function fieldOf(facts: RunFacts, path: string): unknown {
  let value: unknown = facts;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
