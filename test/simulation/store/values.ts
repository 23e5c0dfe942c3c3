/** Parameters as the stores give them: arrays of JavaScript, or arrays in the binary form of Postgres. */

const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  json: 114,
  timestamptz: 1184,
  uuid: 2950,
  jsonb: 3802,
} as const;
const EPOCH_2000_MS = 946_684_800_000;

export type Element = string | number | boolean | Date | Buffer | null;

/** The elements of an array parameter; absent ones are null. */
export function list(parameter: unknown): Element[] {
  if (Buffer.isBuffer(parameter)) return decode(parameter);
  if (Array.isArray(parameter)) return (parameter as (Element | undefined)[]).map((one) => one ?? null);
  throw new Error(`This is no array: ${String(parameter)}`);
}

/** Rows of `unnest($1, $2, …)`: a column of each parameter. */
export function rowsOf(parameters: readonly unknown[]): Element[][] {
  const columns = parameters.map(list);
  return (columns[0] ?? []).map((_first, index) => columns.map((column) => column[index] ?? null));
}

function decode(buffer: Buffer): Element[] {
  if (buffer.readInt32BE(0) === 0) return [];
  const oid = buffer.readInt32BE(8);
  const count = buffer.readInt32BE(12);
  const elements: Element[] = [];
  for (let index = 0, at = 20; index < count; index += 1) {
    const length = buffer.readInt32BE(at);
    at += 4;
    if (length < 0) {
      elements.push(null);
      continue;
    }
    elements.push(elementOf(oid, buffer.subarray(at, at + length)));
    at += length;
  }
  return elements;
}

function elementOf(oid: number, bytes: Buffer): Element {
  switch (oid) {
    case OID.bool:
      return bytes[0] === 1;
    case OID.bytea:
      return Buffer.from(bytes);
    case OID.int8:
      return bytes.readBigInt64BE(0).toString();
    case OID.int4:
      return bytes.readInt32BE(0);
    case OID.int2:
      return bytes.readInt16BE(0);
    case OID.timestamptz:
      return Number(bytes.readBigInt64BE(0)) / 1_000 + EPOCH_2000_MS;
    case OID.uuid: {
      const hex = bytes.toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    }
    case OID.jsonb:
      return bytes.toString('utf8', 1); // Behind its version.
    default:
      return bytes.toString('utf8');
  }
}

/** A parameter of one value, as text. */
export const text = (value: unknown): string =>
  value instanceof Date ? value.toISOString() : `${value as string | number | boolean}`;
export const textOrNull = (value: unknown): string | null => (value == null ? null : text(value));
export const intOrNull = (value: unknown): number | null => (value == null ? null : Number(value));

/** A moment as milliseconds since 1970, or null. */
export function moment(value: unknown): number | null {
  if (value == null) return null;
  if (value instanceof Date) return value.getTime();
  return typeof value === 'number' ? value : Date.parse(text(value));
}

/** `30 seconds`, `250 milliseconds`, `1.5 milliseconds`, as milliseconds. */
export function interval(value: unknown): number | null {
  if (value == null) return null;
  const [, amount, unit] = /^(-?[\d.]+) (milliseconds|seconds)$/.exec(text(value)) ?? [];
  if (amount === undefined) throw new Error(`This is no interval the simulation reads: ${text(value)}`);
  return Number(amount) * (unit === 'seconds' ? 1_000 : 1);
}

/** A moment as the driver gives it. */
export const dateOrNull = (ms: number | null): Date | number | null =>
  ms === null ? null : Number.isFinite(ms) ? new Date(ms) : ms;

export const json = (value: string | null): unknown => (value === null ? null : (JSON.parse(value) as unknown));
export const jsonText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Ascending, as Postgres orders uuids and bytes. */
export const byText =
  <One>(key: (one: One) => string) =>
  (a: One, b: One): number =>
    key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;

export const byNumber =
  <One>(key: (one: One) => number) =>
  (a: One, b: One): number =>
    key(a) - key(b);
