/** One place in which two versions differ; an absent side had nothing there. */
export interface Difference {
  readonly at: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What changed from one definition to another, as JSON pointers. Lists of things with a `key` are compared by it, not by position. */
export function diffDefinitions(before: unknown, after: unknown, at = ''): Difference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const [one, other] = [partsOf(before), partsOf(after)];
  if (!one || !other) return [{ at: at || '/', before, after }];
  const names = [...new Set([...one.keys(), ...other.keys()])];
  return names.flatMap((name) => diffDefinitions(one.get(name), other.get(name), `${at}/${name}`));
}

function partsOf(value: unknown): Map<string, unknown> | null {
  if (typeof value !== 'object' || value === null) return null;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const keys = value.map((entry) => (entry as { key?: unknown } | null)?.key);
  const areNamed = value.length > 0 && keys.every((key) => typeof key === 'string') && new Set(keys).size === keys.length;
  return new Map(value.map((entry, index) => [areNamed ? String(keys[index]) : String(index), entry as unknown]));
}
