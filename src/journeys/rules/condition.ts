import { type RunFacts } from './run';

/** A fixed operator on one field of the run's facts. No expressions, no regular expressions, no code. */
export type Condition =
  | { readonly field: string; readonly is: string | number | boolean }
  | { readonly field: string; readonly in: readonly (string | number)[] }
  | { readonly field: string; readonly notIn: readonly (string | number)[] }
  | { readonly field: string; readonly atLeast: number }
  | { readonly field: string; readonly atMost: number }
  | { readonly field: string; readonly startsWith: string }
  | { readonly field: string; readonly exists: boolean };

export function holds(condition: Condition, facts: RunFacts): boolean {
  const value = fieldOf(facts, condition.field);
  if ('exists' in condition) return (value !== undefined && value !== null) === condition.exists;
  if ('is' in condition) return value === condition.is;
  if ('in' in condition) return condition.in.includes(value as string);
  if ('notIn' in condition) return !condition.notIn.includes(value as string);
  if ('atLeast' in condition) return typeof value === 'number' && value >= condition.atLeast;
  if ('atMost' in condition) return typeof value === 'number' && value <= condition.atMost;
  return typeof value === 'string' && value.startsWith(condition.startsWith);
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
