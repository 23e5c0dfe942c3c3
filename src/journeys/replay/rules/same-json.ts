import { isRecord } from '@wapas/kernel';

/** The same value once written as JSON, whatever the order of its fields: the database keeps none. */
export function sameJson(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (isRecord(inner) ? inOrder(inner) : inner));

const inOrder = (record: Record<string, unknown>): object =>
  Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)));
