import {
  cleanCode,
  cleanWords,
  failureFrom,
  lineFailure,
  meaningOf,
  parseJsonObject,
  readErrorTable,
  type FailureMeaning,
  type HttpResult,
  type SendFailure,
} from '@wapas/provider-kit';
import data from './msg91.errors.json';
import reports from './msg91.reports.json';

/**
 * What the flow API answers, by `code`. `TEMPLATE` is our name for what comes as a text only. 601 and 506 are nowhere
 * documented as "not queued", so neither is sent again.
 */
export const msg91Errors = readErrorTable(data);

/** An identical request within 10 seconds is discarded: the first one was taken, so this one counts as taken too. */
export const DUPLICATE_CODE = '311'; // client libraries of others, read 2026-11-23

/** v5 often sends a text without a code. Only texts that name their subject are trusted; the rest is `refused`. */
const byText: readonly (readonly [RegExp, string])[] = [
  [/ip\b.*\bwhite-?list|white-?list.*\bip\b/i, '418'],
  [/(invalid|missing|wrong).{0,20}auth|auth.{0,20}(invalid|missing|wrong)|unauthori[sz]ed/i, '207'],
  [/insufficient.{0,20}(balance|credit)|balance.{0,20}(insufficient|low|over)/i, '301'],
  [/invalid.{0,20}(mobile|number)|(mobile|number).{0,20}invalid/i, '202'],
  [/(template|flow)/i, 'TEMPLATE'],
];

/** Statuses of delivery reports. `failed` is read more closely by its text. */
export const msg91ReportErrors = readErrorTable(reports);

/** What an answer means that is no success. The HTTP status may be 200 for errors, so `type` and `code` come first. */
export function classify(result: HttpResult, nowMillis: number, privateStrings: readonly string[]): SendFailure {
  if (result.kind === 'failure') return lineFailure(result);
  const body = parseJsonObject(result.body);
  const code = body?.['type'] === 'error' ? errorCodeOf(body) : '';
  const detail = cleanWords(body?.['message'], privateStrings);
  const otherwise = withoutRow(result.status, body?.['type'] === 'error');
  return failureFrom(result, { row: msg91Errors.get(code), code, detail, otherwise }, nowMillis);
}

/** True for an answer in MSG91's own form that says no. */
export function isRefusal(result: HttpResult): boolean {
  return result.kind === 'response' && parseJsonObject(result.body)?.['type'] === 'error';
}

/** True when MSG91 discarded this request because it had just taken the same one. */
export function isDuplicate(result: HttpResult): boolean {
  const body = result.kind === 'response' ? parseJsonObject(result.body) : null;
  return body !== null && body['type'] === 'error' && errorCodeOf(body) === DUPLICATE_CODE;
}

export function meaningOfReport(status: string, words: string): FailureMeaning {
  const noSuchNumber =
    status === '2' && /invalid (subscriber|number|mobile)|(subscriber|number).{0,20}(not exist|invalid|unknown)/i.test(words);
  const row = msg91ReportErrors.get(noSuchNumber ? '2 no such number' : status);
  return row === undefined ? { class: 'refused', scope: 'message' } : meaningOf(row);
}

/** The code when we know it; else what the text names; else the code as it is, or ''. */
function errorCodeOf(body: Record<string, unknown>): string {
  const given = body['code'];
  const code = typeof given === 'number' || (typeof given === 'string' && given !== '') ? cleanCode(given) : '';
  if (msg91Errors.has(code) || code === DUPLICATE_CODE) return code;
  const text = typeof body['message'] === 'string' ? body['message'].slice(0, 300) : '';
  return byText.find(([words]) => words.test(text))?.[1] ?? code;
}

function withoutRow(status: number, isError: boolean): FailureMeaning {
  if (status === 401) return { class: 'bad_credentials', scope: 'account' };
  if (status === 429) return { class: 'throttled', scope: 'account' };
  if (status >= 500 || status === 408) return { class: 'unknown_outcome', scope: 'message' };
  // A 2xx that is neither success nor error comes from something in between: who knows what it did with the message.
  if (status < 300 && !isError) return { class: 'unknown_outcome', scope: 'message' };
  return { class: 'refused', scope: 'message' };
}
