import { FOLLOW_UPS, type FollowUp } from './follow-up';
import { recordOf, recordsIn, retryAfterMs, type HttpResult } from './http';
import { AGAIN, ERROR_CLASSES, FAILURE_SCOPES, type FailureMeaning, type SendFailure } from './outcome';

/** One line of a vendor's error table. The class says what Wapas does next; the vendor's own words stay beside it for people. */
export interface ErrorRow extends FailureMeaning {
  /** As the vendor writes it, or as the provider's README names it. */
  readonly code: string;
  readonly meaning: string;
  /** Where this was read, and when (`2026-11-23`). */
  readonly source: string;
  readonly readOn: string;
  /** How long the documentation asks to wait, when the answer itself does not say. */
  readonly waitMs?: number;
  /** What Wapas is expected to do, stated by the author: the kit compares it with what class and scope lead to. */
  readonly then: readonly FollowUp[];
}

/** What the table says about a code; undefined for a code nobody has written down yet. */
export type ErrorTable = ReadonlyMap<string, ErrorRow>;

/**
 * Reads an error table from its data file:
 * `{ vendor, sources: { NAME: { address, readOn } }, rows: [{ code, class, scope, then, meaning, source: NAME, … }] }`.
 * Throws with everything that is wrong with the file at once: a code that stands twice, a class or scope that does not
 * exist, a row without a source. Call it at module level, so that a broken file is seen by the first test.
 */
export function readErrorTable(data: unknown): ErrorTable {
  const file = recordOf(data);
  const faults: string[] = [];
  const rows = recordsIn(file?.['rows']).map((row, index) => rowOf(row, index, recordOf(file?.['sources']), faults));
  if (!Array.isArray(file?.['rows'])) faults.push('It has no list of rows.');
  if (typeof file?.['vendor'] !== 'string' || file['vendor'] === '') faults.push('It does not name the vendor.');
  const table = new Map<string, ErrorRow>();
  for (const row of rows) {
    if (table.has(row.code)) faults.push(`Code ${row.code} stands twice.`);
    table.set(row.code, row);
  }
  if (faults.length > 0) throw new Error(`An error table cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
  return table;
}

function rowOf(row: Record<string, unknown>, index: number, sources: Record<string, unknown> | null, faults: string[]): ErrorRow {
  const wrong = (fault: string): void => void faults.push(`Row ${index + 1} (code ${String(row['code'])}): ${fault}`);
  const text = (name: string): string => {
    const value = row[name];
    if (typeof value === 'string' && value !== '') return value;
    wrong(`"${name}" is missing.`);
    return '';
  };
  const oneOf = <Word extends string>(name: string, words: readonly Word[], value = row[name]): Word => {
    if (!words.includes(value as Word)) wrong(`"${name}" must be one of ${words.join(', ')}.`);
    return value as Word;
  };
  const millis = (name: 'waitMs' | 'holdsForMs'): Partial<Record<typeof name, number>> => {
    const value = row[name];
    if (value === undefined) return {};
    if (!Number.isInteger(value) || (value as number) <= 0) wrong(`"${name}" must be a whole number of milliseconds.`);
    return { [name]: value as number };
  };
  if (row['again'] !== undefined && row['class'] !== 'refused') wrong('"again" goes with the class refused only.');
  const then = Array.isArray(row['then']) ? row['then'] : [];
  if (then.length === 0) wrong('"then" says nothing: what is Wapas expected to do?');
  const source = recordOf(sources?.[String(row['source'])]);
  const { address, readOn } = source ?? {};
  if (typeof address !== 'string' || typeof readOn !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(readOn))
    wrong('"source" must name one of the file\'s sources, with an address and the day it was read.');
  return {
    code: text('code'),
    class: oneOf('class', ERROR_CLASSES),
    scope: oneOf('scope', FAILURE_SCOPES),
    meaning: text('meaning'),
    source: String(address),
    readOn: String(readOn),
    then: then.map((word: unknown) => oneOf('then', FOLLOW_UPS, word)),
    ...(row['only'] === undefined ? {} : { only: oneOf('only', ['marketing'] as const) }),
    ...(row['again'] === undefined ? {} : { again: oneOf('again', AGAIN) }),
    ...millis('waitMs'),
    ...millis('holdsForMs'),
    ...openHoursIn(row['openHours'], wrong),
    ...strikesIn(row['strikes'], wrong),
    ...shareIn(row['accountAbove'], wrong),
  };
}

function shareIn(value: unknown, wrong: (fault: string) => void): Pick<FailureMeaning, 'accountAbove'> {
  if (value === undefined) return {};
  if (typeof value !== 'number' || !(value > 0 && value < 1)) wrong('"accountAbove" must be a share between 0 and 1.');
  return { accountAbove: value as number };
}

function openHoursIn(value: unknown, wrong: (fault: string) => void): Pick<FailureMeaning, 'openHours'> {
  if (value === undefined) return {};
  const { from, to, zone } = recordOf(value) ?? {};
  const isTime = (text: unknown): text is string => typeof text === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
  if (isTime(from) && isTime(to) && from !== to && isZone(zone)) return { openHours: { from, to, zone } };
  wrong('"openHours" must say "from" and "to" as 09:00, and in which "zone".');
  return {};
}

function isZone(zone: unknown): zone is string {
  if (typeof zone !== 'string' || zone === '') return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    return false; // No such zone: the caller names the row.
  }
}

function strikesIn(value: unknown, wrong: (fault: string) => void): Pick<FailureMeaning, 'strikes'> {
  if (value === undefined) return {};
  const { count, withinMs } = (recordOf(value) ?? {}) as Record<string, number>;
  if (!Number.isInteger(count) || !Number.isInteger(withinMs) || (count as number) < 2 || (withinMs as number) <= 0)
    wrong('"strikes" must say how many ("count", from 2) within which time ("withinMs").');
  return { strikes: { count: count as number, withinMs: withinMs as number } };
}

/** The meaning alone, without the prose around it. */
export function meaningOf(row: ErrorRow): FailureMeaning {
  return {
    class: row.class,
    scope: row.scope,
    ...(row.only === undefined ? {} : { only: row.only }),
    ...(row.again === undefined ? {} : { again: row.again }),
    ...(row.holdsForMs === undefined ? {} : { holdsForMs: row.holdsForMs }),
    ...(row.openHours === undefined ? {} : { openHours: row.openHours }),
    ...(row.strikes === undefined ? {} : { strikes: row.strikes }),
    ...(row.accountAbove === undefined ? {} : { accountAbove: row.accountAbove }),
  };
}

/** A failure of the line. Nothing left: try again freely. Something may have left: only the vendor knows. */
export function lineFailure(result: Extract<HttpResult, { kind: 'failure' }>): SendFailure {
  return { class: result.stage === 'before_send' ? 'temporary' : 'unknown_outcome', scope: 'message', code: result.code };
}

/**
 * A 5xx is never tried again, whatever its body says: the vendor may have taken the message before it fell over.
 * A code that settles the matter (a dead number, a locked account) still settles it.
 */
export function neverRetryServerError(meaning: FailureMeaning, status: number): FailureMeaning {
  const wouldRetry = meaning.class === 'temporary' || meaning.class === 'throttled';
  return status >= 500 && wouldRetry ? { ...meaning, class: 'unknown_outcome' } : meaning;
}

/** What an HTTP status means when no code of the vendor says more. A 2xx here is one that the vendor's own form does not confirm. */
export function meaningOfStatus(status: number): FailureMeaning {
  if (status === 401 || status === 403) return { class: 'bad_credentials', scope: 'account' };
  if (status === 429) return { class: 'throttled', scope: 'account' };
  // Something between us and the vendor answered, or the vendor fell over: who knows what became of the message.
  if (status >= 500 || status === 408 || status < 300) return { class: 'unknown_outcome', scope: 'message' };
  return { class: 'refused', scope: 'message' };
}

/**
 * The meaning of an answer that no row stands for. A refusal that nobody has written down is one that nobody expected; so is a code of
 * the vendor's own beside an outcome that stays unknown. What is tried again or pauses the provider needs no word more.
 */
function withoutRow(meaning: FailureMeaning, code: string | undefined): FailureMeaning {
  const isNews = meaning.class === 'refused' || (meaning.class === 'unknown_outcome' && code !== undefined && code !== '');
  return isNews ? { ...meaning, unlisted: true } : meaning;
}

/** What a provider found in an answer that is no success. */
export interface Finding {
  /** The row of its table, when the code stands there. */
  readonly row?: ErrorRow;
  /** The vendor's code; the HTTP status stands for it when there is none. */
  readonly code?: string;
  /** The vendor's words, already cleaned. */
  readonly detail?: string;
  /** What it means without a row; by its status when absent. */
  readonly otherwise?: FailureMeaning;
}

/**
 * The failure that follows from a finding: a row's meaning before the status, `Retry-After` before the row's wait, no 5xx that
 * would be tried again, and `unlisted` where no row stands for a refusal. Pure; `nowMillis` only reads an HTTP date.
 */
export function failureFrom(
  { status, headers }: Extract<HttpResult, { kind: 'response' }>,
  { row, code, detail, otherwise }: Finding,
  nowMillis: number,
): SendFailure {
  const meaning = row === undefined ? withoutRow(otherwise ?? meaningOfStatus(status), code) : meaningOf(row);
  const retryAfter = retryAfterMs(headers, nowMillis) ?? row?.waitMs;
  return {
    ...neverRetryServerError(meaning, status),
    code: code === undefined || code === '' ? `HTTP ${status}` : code,
    ...(detail === undefined ? {} : { detail }),
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
  };
}
