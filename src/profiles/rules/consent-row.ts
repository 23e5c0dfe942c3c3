import { type Instant, parseInstant } from '@wapas/kernel';
import { type ConsentState, PURPOSES, type Purpose } from './consent';

/** Columns of a consent file. Any order; others are refused, because a misspelt one would be lost without a word. */
export const CONSENT_COLUMNS = [
  'customer_id',
  'phone',
  'email',
  'purpose',
  'channel',
  'state',
  'at',
  'source',
  'notice_version',
  'notice_language',
  'proof',
] as const;
const REQUIRED = ['purpose', 'channel', 'state', 'at'];
const IDENTIFIERS = ['customer_id', 'phone', 'email'];

/** What is wrong with a line, in a code and in words. */
export interface RowFault {
  readonly code: string;
  readonly detail?: string;
}

/** A file without a header begins with somebody's data: what is no word is told by its place. */
const WORD = /^[a-z][a-z_ -]{0,39}$/;

/** What is wrong with the first line; null when it can be used. */
export function faultOfHeader(columns: readonly string[]): RowFault | null {
  const [only = ''] = columns;
  if (columns.length === 1 && /[;\t|]/.test(only))
    return { code: 'unknown_column', detail: 'Columns are separated by commas, not by semicolons, tabs or bars.' };
  const twice = columns.findIndex((column, index) => columns.indexOf(column) < index);
  if (twice >= 0) return { code: 'column_twice', detail: `Column ${twice + 1} has the name of an earlier one.` };
  const unknown = columns.findIndex((column) => !(CONSENT_COLUMNS as readonly string[]).includes(column));
  if (unknown >= 0) {
    const name = columns[unknown] as string;
    const named = WORD.test(name) ? ` ("${name}")` : '';
    return { code: 'unknown_column', detail: `Column ${unknown + 1}${named} is none of ${CONSENT_COLUMNS.join(', ')}.` };
  }
  const missing = REQUIRED.filter((column) => !columns.includes(column));
  if (missing.length > 0) return { code: 'missing_column', detail: `The header lacks ${missing.join(', ')}.` };
  if (IDENTIFIERS.some((column) => columns.includes(column))) return null;
  return { code: 'missing_column', detail: `The header needs one of ${IDENTIFIERS.join(', ')}.` };
}

export interface ConsentRow {
  readonly person: { readonly customerId?: string; readonly phone?: string; readonly email?: string };
  readonly purpose: Purpose | 'all';
  readonly channel: string;
  readonly state: ConsentState;
  readonly at: Instant;
  readonly source: string;
  readonly noticeVersion?: string;
  readonly noticeLanguage?: string;
  readonly proof?: string;
}

export type ReadRow = { readonly ok: true; readonly row: ConsentRow } | { readonly ok: false; readonly fault: RowFault };

export interface RowContext {
  readonly now: Instant;
  /** Brings a number to E.164; undefined when it is none. */
  readonly e164: (text: string) => string | undefined;
  /** Whether an id says that there is none: databases write NULL into files. */
  readonly isPlaceholder: (id: string) => boolean;
  /** Those that this deployment knows. */
  readonly channels: { has(name: string): boolean; readonly words: string };
}

const SOURCE = /^[a-z][a-z0-9_]{0,63}$/;
const EMAIL = /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/;
const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;
const LONGEST: Readonly<Record<string, number>> = { customer_id: 128, email: 254, notice_version: 64, proof: 2_000 };

/** Reads one line. What is wrong is told in a code, never in the line's own words. */
export function readConsentRow(
  fields: Readonly<Record<string, string | undefined>>,
  { now, e164, isPlaceholder, channels }: RowContext,
): ReadRow {
  const text = (name: string): string | undefined => fields[name]?.trim() || undefined;
  const idIn = (name: string): string | undefined => (isPlaceholder(text(name) ?? '') ? undefined : text(name));
  const tooLong = Object.entries(LONGEST).some(([name, most]) => (text(name)?.length ?? 0) > most);
  if (tooLong || Object.values(fields).some((value) => value !== undefined && !isStorable(value))) return refuse('bad_text');
  const [customerId, phoneText, email] = [idIn('customer_id'), idIn('phone'), idIn('email')?.toLowerCase()];
  const phone = phoneText === undefined ? undefined : e164(phoneText);
  if (phoneText !== undefined && phone === undefined) return refuse('bad_phone');
  if (email !== undefined && !EMAIL.test(email)) return refuse('bad_email');
  if (customerId === undefined && phone === undefined && email === undefined) return refuse('no_identifier');
  const [purpose, channel, state] = [text('purpose'), text('channel') ?? '', text('state')];
  if (!isPurpose(purpose)) return refuse('bad_purpose');
  if (channel !== 'all' && !channels.has(channel)) return refuse('bad_channel', `Use ${channels.words}.`);
  if (state !== 'granted' && state !== 'withdrawn') return refuse('bad_state');
  const at = momentOf(text('at') ?? '', state);
  if (at === null) return refuse('bad_time');
  // The day of a withdrawal counts to its end, which may lie ahead of now.
  if (at > now + (state === 'withdrawn' ? DAY_MS : 0)) return refuse('time_in_future');
  const noticeLanguage = text('notice_language');
  if (noticeLanguage !== undefined && !LANGUAGE.test(noticeLanguage)) return refuse('bad_language');
  const source = text('source') ?? 'import';
  if (!SOURCE.test(source)) return refuse('bad_source');
  return {
    ok: true,
    row: {
      person: { customerId, phone, email },
      purpose,
      channel,
      state,
      at,
      source,
      noticeVersion: text('notice_version'),
      noticeLanguage,
      proof: text('proof'),
    },
  };
}

const refuse = (code: string, detail?: string): ReadRow => ({ ok: false, fault: { code, ...(detail && { detail }) } });
const isPurpose = (text: string | undefined): text is Purpose | 'all' =>
  text === 'all' || (PURPOSES as readonly (string | undefined)[]).includes(text);
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');

const DAY_MS = 86_400_000;

/**
 * A time with zone, or a day alone. A day says less than a time: a grant counts from its first moment in India, a withdrawal
 * from its last, so that on the same day the withdrawal wins.
 */
function momentOf(text: string, state: ConsentState): Instant | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return parseInstant(text);
  return parseInstant(`${text}T${state === 'granted' ? '00:00:00' : '23:59:59.999'}+05:30`);
}
