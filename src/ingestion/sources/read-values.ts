import { type Instant, instantFromMillis, parseInstant } from '@wapas/kernel';
import { DateTime } from 'luxon';
import { isPlaceholder } from '../rules/placeholder';
import { type SourceWebhook } from './source-webhook';

/**
 * Where a text comes from: a JSON pointer (RFC 6901) into the body or, where it holds a list, into an entry; `body:` and a pointer
 * into the whole; `header:name`; the first of several that holds something
 * (else a text), several joined, or a text that is always the same.
 */
export type Value =
  | string
  | { readonly first: readonly string[]; readonly otherwise?: string }
  | { readonly join: readonly string[]; readonly separator?: string }
  | { readonly value: string };

/** A word of the sender's and what it means to us; without `words` theirs must be one of ours. */
export interface Worded<Ours extends string> {
  readonly from: Value;
  /** Ours by theirs. */
  readonly words?: Readonly<Record<string, Ours>>;
}

/** What an authentic webhook holds: its parsed body, and its headers. */
export interface Document {
  readonly body: unknown;
  /** What `body` is an entry of; absent when it is all there is. */
  readonly whole?: unknown;
  readonly headers: SourceWebhook['headers'];
}

const MAX_FIELDS = 1_000;
const FORM = /^application\/x-www-form-urlencoded\b/i;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The body as JSON, or as the fields of a form: as its Content-Type says, unless `as` does. Undefined when it is neither. A field
 * that comes twice counts once, the first: the same for whoever checks it and whoever reads it.
 */
export function documentOf({ headers, rawBody }: SourceWebhook, as?: 'json' | 'form'): unknown {
  const isForm = as === undefined ? FORM.test(headers['content-type'] ?? '') : as === 'form';
  try {
    const text = utf8.decode(rawBody);
    return isForm ? fieldsOfForm(text) : (JSON.parse(text) as unknown);
  } catch {
    return undefined; // Authentic but not what it should be: the caller keeps it raw.
  }
}

function fieldsOfForm(text: string): Record<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (!fields.has(name)) fields.set(name, value);
    if (fields.size > MAX_FIELDS) return undefined;
  }
  return fields.size === 0 ? undefined : Object.fromEntries(fields);
}

/** What a JSON pointer leads to; undefined when nothing is there. Own properties only: `constructor` leads nowhere. */
export function at(pointer: string, body: unknown): unknown {
  if (pointer === '') return body;
  let found = body;
  for (const part of pointer.slice(1).split('/')) {
    const name = part.includes('~') ? part.replaceAll('~1', '/').replaceAll('~0', '~') : part;
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/** The text at a pointer. Whole numbers that lost no digit, and booleans, are taken as they are written. */
export function textAt(pointer: string, body: unknown): string | undefined {
  return textOf(at(pointer, body));
}

/** A text, or what is written like one. Nothing for the rest, null and the empty text included. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  return typeof value === 'boolean' ? String(value) : undefined;
}

/** What a value is in this document; undefined when nothing is there. A joined one has all its parts, or empty ones when `partly`. */
export function valueIn(value: Value | undefined, document: Document, partly = false): unknown {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return lookUp(value, document);
  if ('value' in value) return value.value;
  if ('first' in value) {
    for (const place of value.first) {
      const found = lookUp(place, document);
      if (found !== undefined && found !== null && found !== '') return found;
    }
    return value.otherwise;
  }
  const parts = value.join.map((place) => textOf(lookUp(place, document)));
  if (partly ? parts.every((part) => part === undefined) : parts.includes(undefined)) return undefined;
  return parts.map((part) => part ?? '').join(value.separator ?? ':');
}

/**
 * The word of ours for what stands there: by `words`, else as `read` takes it. Undefined where nothing stands, and for a word that
 * nobody knows.
 */
export function wordIn<Ours extends string>(
  worded: Worded<Ours> | undefined,
  document: Document,
  read: (word: string) => Ours | undefined,
): Ours | undefined {
  const word = textIn(worded?.from, document);
  if (word === undefined) return undefined;
  if (!worded?.words) return read(word);
  return Object.hasOwn(worded.words, word) ? worded.words[word] : undefined;
}

/** More than one event may list. */
const MOST_ENTRIES = 20;

/** The entries of a list as documents of their own, or the document itself. Null for what is no list, or too long; none where nothing is. */
export function entriesAt(list: string | undefined, document: Document): readonly Document[] | null {
  if (list === undefined) return [document];
  const entries = at(list, document.body);
  if (isAbsent(entries)) return [];
  if (!Array.isArray(entries) || entries.length > MOST_ENTRIES) return null;
  return entries.map((body: unknown) => ({ body, whole: document.whole ?? document.body, headers: document.headers }));
}

/** Nothing is said there. */
export const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === '';

export function textIn(value: Value | undefined, document: Document, partly = false): string | undefined {
  return textOf(valueIn(value, document, partly));
}

/** The places a value may come from. */
export function joinedParts(value: Value): readonly string[] {
  if (typeof value === 'string') return [value];
  if ('value' in value) return [];
  return 'first' in value ? value.first : value.join;
}

const HEADER = 'header:';
const WHOLE = 'body:';

function lookUp(place: string, { body, whole, headers }: Document): unknown {
  if (place.startsWith(HEADER)) return headers[place.slice(HEADER.length).toLowerCase()];
  return place.startsWith(WHOLE) ? at(place.slice(WHOLE.length), whole ?? body) : at(place, body);
}

/** The same for every entry of a list. */
export const isOfTheWhole = (value: Value): boolean =>
  joinedParts(value).every((place) => place.startsWith(HEADER) || place.startsWith(WHOLE));

/**
 * How a source writes times. `local` is `2026-11-23 11:02:09`, with a T or a fraction or not, in the zone that is named; `any` is
 * whichever of the four it looks like, for vendors that do not say.
 */
export const TIME_FORMATS = ['rfc3339', 'local', 'epoch_s', 'epoch_ms', 'any'] as const;
export type TimeFormat = (typeof TIME_FORMATS)[number];

/** A time beyond the year 2100, or before 2000, is in another unit: it would not fit the database either. */
const FIRST_MILLI = 946_684_800_000;
const LAST_MILLI = 4_102_444_800_000;
const LOCAL = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)$/;

/** Reads a time; null when it is none in this format, or not of this century. `zone` is an IANA name, for `local`. */
export function timeOf(value: unknown, format: TimeFormat, zone = 'UTC'): Instant | null {
  const text = textOf(value);
  const instant = text === undefined ? null : instantOf(text, format, zone);
  return instant !== null && instant >= FIRST_MILLI && instant < LAST_MILLI ? instant : null;
}

function instantOf(text: string, format: TimeFormat, zone: string): Instant | null {
  switch (format) {
    case 'rfc3339':
      // Some write +0530.
      return parseInstant(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2').replace(/^(\d{4}-\d{2}-\d{2}) /, '$1T'));
    case 'local': {
      const match = LOCAL.exec(text);
      const time = match && DateTime.fromISO(`${match[1]}T${match[2]}`, { zone });
      return time?.isValid ? instantFromMillis(time.toMillis()) : null;
    }
    case 'epoch_s':
      return /^\d{1,12}(\.\d{1,9})?$/.test(text) ? instantFromMillis(Math.floor(Number(text) * 1_000)) : null;
    case 'epoch_ms':
      return /^\d{1,15}$/.test(text) ? instantFromMillis(Number(text)) : null;
    case 'any':
      if (/^\d+$/.test(text)) return instantOf(text, text.length > 11 ? 'epoch_ms' : 'epoch_s', zone);
      return instantOf(text, LOCAL.test(text) ? 'local' : 'rfc3339', zone);
  }
}

const CONTROL = /[\u0000-\u001f\u007f]/;

/** An id of 1 to 128 characters; whole numbers are taken where no digit was lost. Nothing for what says that there is none. */
export function idOf(value: unknown): string | undefined {
  const id = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof id !== 'string' || id.length > 128 || CONTROL.test(id)) return undefined;
  return isPlaceholder(id) ? undefined : id;
}
