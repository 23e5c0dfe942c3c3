import { type ErrorObject } from 'ajv';

/** What can be read of a value in which some parts have not the form they should have: those are absent, and keep their places in lists. */
export type Parts<T> = T extends readonly (infer Entry)[]
  ? readonly (Parts<Entry> | undefined)[]
  : T extends object
    ? { readonly [Field in keyof T]?: Parts<T[Field]> }
    : T;

export interface Readable<T> {
  readonly parts: Parts<T>;
  /**
   * Nothing is read in this place, and yet something may be meant: what stands there has another form, or stands beside it under a
   * name that the format does not know.
   */
  readonly isUnclear: (at: string) => boolean;
}

/** A list that is too long, or that says something twice, can be read all the same, and so can what has a field too many. */
const STILL_READABLE = new Set([
  'additionalProperties',
  'maxItems',
  'maxLength',
  'maxProperties',
  'minProperties',
  'uniqueItems',
]);

/** Takes out of a value what a schema has found fault with. */
export function readableParts<T>(value: unknown, errors: readonly ErrorObject[]): Readable<T> {
  const malformed = new Set<string>();
  const withUnknown = new Set<string>();
  for (const { keyword, instancePath, params } of errors) {
    if (keyword === 'additionalProperties') withUnknown.add(instancePath);
    // What is missing needs no taking out.
    if (keyword !== 'required' && !STILL_READABLE.has(keyword)) malformed.add(instancePath);
    else if (keyword === 'required') malformed.add(`${instancePath}/${(params as { missingProperty: string }).missingProperty}`);
  }
  return {
    parts: (without(value, '', malformed, new Set([...malformed].flatMap(holdersOf))) ?? {}) as Parts<T>,
    isUnclear: (at) => malformed.has(at) || (withUnknown.has(holderOf(at)) && entryAt(value, at) === undefined),
  };
}

const holderOf = (at: string): string => at.slice(0, at.lastIndexOf('/'));
const entryAt = (value: unknown, at: string): unknown =>
  at
    .split('/')
    .slice(1)
    .reduce<unknown>((part, name) => (part as Record<string, unknown> | null | undefined)?.[name], value);

/** Every place on the way to another. */
function holdersOf(at: string): string[] {
  const names = at.split('/');
  return names.map((_name, count) => names.slice(0, count).join('/'));
}

function without(value: unknown, at: string, malformed: ReadonlySet<string>, holders: ReadonlySet<string>): unknown {
  if (malformed.has(at)) return undefined;
  if (typeof value !== 'object' || value === null || !holders.has(at)) return value;
  if (Array.isArray(value)) return value.map((entry, index) => without(entry, `${at}/${index}`, malformed, holders));
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, without(part, `${at}/${name}`, malformed, holders)] as const),
  );
}
