/**
 * Arrays as parameters in the binary form of Postgres. As text, every element is escaped here and unescaped there, a uuid
 * travels as 36 characters and bytes travel as twice as many hex digits: on the paths that move batches this was a third of
 * what a row cost on both sides (README.md). Every function gives the parameter for one `unnest($n::type[])`; null is null.
 */
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

const HEADER = 20;
const NO_ELEMENTS = 12;
/** Postgres counts microseconds from the year 2000. */
const EPOCH_2000_MS = 946_684_800_000;

/** UUIDs in their usual form of 36 characters. */
export function uuidArray(ids: readonly (string | null)[]): Buffer {
  return fixedArray(OID.uuid, 16, ids, writeUuid);
}

/** The first eight bytes of UUIDs, as bigints: the advisory locks of the entities they name. */
export function uuidHeadArray(ids: readonly string[]): Buffer {
  return fixedArray(OID.int8, 8, ids, (buffer, at, id) => {
    if (buffer.write(id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18), at, 8, 'hex') !== 8)
      throw new Error('This is not a UUID.');
  });
}

/** Instants in milliseconds since 1970; microseconds keep what fraction they have. */
export function timestamptzArray(instants: readonly (number | null | undefined)[]): Buffer {
  return fixedArray(OID.timestamptz, 8, instants, (buffer, at, instant) => {
    const micros = Math.round((instant - EPOCH_2000_MS) * 1_000);
    const high = Math.floor(micros / 4_294_967_296);
    buffer.writeInt32BE(high, at);
    buffer.writeUInt32BE(micros - high * 4_294_967_296, at + 4);
  });
}

export function int8Array(numbers: readonly (bigint | null)[]): Buffer {
  return fixedArray(OID.int8, 8, numbers, (buffer, at, number) => void buffer.writeBigInt64BE(number, at));
}

export function int4Array(numbers: readonly (number | null)[]): Buffer {
  return fixedArray(OID.int4, 4, numbers, (buffer, at, number) => void buffer.writeInt32BE(number, at));
}

export function int2Array(numbers: readonly (number | null)[]): Buffer {
  return fixedArray(OID.int2, 2, numbers, (buffer, at, number) => void buffer.writeInt16BE(number, at));
}

export function boolArray(flags: readonly (boolean | null)[]): Buffer {
  return fixedArray(OID.bool, 1, flags, (buffer, at, flag) => void (buffer[at] = flag ? 1 : 0));
}

export function textArray(texts: readonly (string | null | undefined)[]): Buffer {
  return stringArray(OID.text, texts);
}

/** JSON texts, checked by Postgres. */
export function jsonArray(texts: readonly (string | null | undefined)[]): Buffer {
  return stringArray(OID.json, texts);
}

/** JSON texts for columns of jsonb: its binary form is a version, 1, and the text. */
export function jsonbArray(texts: readonly (string | null | undefined)[]): Buffer {
  return stringArray(OID.jsonb, texts, '\u0001');
}

export function byteaArray(values: readonly (Buffer | null | undefined)[]): Buffer {
  let size = 0;
  for (const value of values) size += 4 + (value?.length ?? 0);
  const buffer = newArray(OID.bytea, values.length, size);
  let at = HEADER;
  for (const value of values) {
    if (value === null || value === undefined) {
      at = writeNull(buffer, at);
      continue;
    }
    buffer.writeInt32BE(value.length, at);
    value.copy(buffer, at + 4);
    at += 4 + value.length;
  }
  return buffer;
}

/** `prefix`: one ASCII character at the most, in front of every element. */
function stringArray(oid: number, texts: readonly (string | null | undefined)[], prefix = ''): Buffer {
  // A UTF-16 unit takes three bytes of UTF-8 at the most: one generous buffer, cut to what was used.
  let most = 0;
  for (const text of texts) most += 4 + prefix.length + (text?.length ?? 0) * 3;
  const buffer = newArray(oid, texts.length, most);
  let at = HEADER;
  for (const text of texts) {
    if (text === null || text === undefined) {
      at = writeNull(buffer, at);
      continue;
    }
    const length = buffer.write(prefix + text, at + 4);
    buffer.writeInt32BE(length, at);
    at += 4 + length;
  }
  return texts.length === 0 ? buffer : buffer.subarray(0, at);
}

function fixedArray<Value>(
  oid: number,
  width: number,
  values: readonly (Value | null | undefined)[],
  write: (buffer: Buffer, at: number, value: Value) => void,
): Buffer {
  let size = 0;
  for (const value of values) size += value === null || value === undefined ? 4 : 4 + width;
  const buffer = newArray(oid, values.length, size);
  let at = HEADER;
  for (const value of values) {
    if (value === null || value === undefined) {
      at = writeNull(buffer, at);
      continue;
    }
    buffer.writeInt32BE(width, at);
    write(buffer, at + 4, value);
    at += 4 + width;
  }
  return buffer;
}

/** One dimension with a lower bound of 1, flagged as possibly holding nulls; without elements Postgres wants no dimension. */
function newArray(oid: number, count: number, size: number): Buffer {
  const buffer = Buffer.allocUnsafe(count === 0 ? NO_ELEMENTS : HEADER + size);
  buffer.writeInt32BE(count === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(1, 4);
  buffer.writeInt32BE(oid, 8);
  if (count > 0) {
    buffer.writeInt32BE(count, 12);
    buffer.writeInt32BE(1, 16);
  }
  return buffer;
}

function writeNull(buffer: Buffer, at: number): number {
  buffer.writeInt32BE(-1, at);
  return at + 4;
}

function writeUuid(buffer: Buffer, at: number, id: string): void {
  const hex = id.length === 36 ? id.slice(0, 8) + id.slice(9, 13) + id.slice(14, 18) + id.slice(19, 23) + id.slice(24) : id;
  if (buffer.write(hex, at, 16, 'hex') !== 16 || hex.length !== 32) throw new Error('This is not a UUID.');
}
