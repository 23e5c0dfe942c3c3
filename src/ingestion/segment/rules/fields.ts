import { isRecord } from '@wapas/kernel';
import { isPlaceholder } from '../../rules/placeholder';

/** Looking into what a sender wrote without believing any of it. */
export type Fields = Readonly<Record<string, unknown>>;

const NOTHING: Fields = {};

/** The object at a name, or an empty one. */
export function fieldsOf(value: unknown): Fields {
  return isRecord(value) ? value : NOTHING;
}

const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * An id as text of 1 to 128 characters; numbers are taken where no digit was lost. Undefined for what says that there is none
 * (`undefined`, `null`), null for anything else that is there.
 */
export function idOf(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return undefined;
  const id = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof id !== 'string' || id.length > 128 || CONTROL.test(id)) return null;
  return isPlaceholder(id) ? undefined : id;
}

/** The first of several names that holds something. */
export function firstOf(fields: Fields, names: readonly string[]): unknown {
  for (const name of names) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
}

export function textOf(value: unknown, maxLength: number): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= maxLength ? value : undefined;
}
