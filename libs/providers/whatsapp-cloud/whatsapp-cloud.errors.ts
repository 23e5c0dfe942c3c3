import {
  cleanCode,
  cleanWords,
  failureFrom,
  lineFailure,
  meaningOf,
  parseJsonObject,
  readErrorTable,
  recordOf,
  type ErrorRow,
  type FailureMeaning,
  type HttpResult,
  type SendFailure,
} from '@wapas/provider-kit';
import data from './whatsapp-cloud.errors.json';

/**
 * By `error.code`; the same codes come in the `failed` status of a webhook. Graph's permission codes 200 to 299 share one
 * row. "Something went wrong" (1, 2, 131000, 131016, 133004) is not "not queued": without a receipt nobody knows, and
 * WhatsApp has no idempotency key.
 */
export const whatsAppErrors = readErrorTable(data);

/** What a call to `/messages` means when it gave no message id. Meta asks to decide on the code, not on the HTTP status. */
export function classify(result: HttpResult, nowMillis: number, privateStrings: readonly string[]): SendFailure {
  if (result.kind === 'failure') return lineFailure(result);
  const error = recordOf(parseJsonObject(result.body)?.['error']);
  const detail = cleanWords(recordOf(error?.['error_data'])?.['details'] ?? error?.['message'], privateStrings);
  const code = error?.['code'] === undefined ? undefined : cleanCode(error['code']);
  return failureFrom(result, { row: rowOf(error), code, detail, otherwise: withoutRow(error, result.status) }, nowMillis);
}

/** What the error of a `failed` status means. It is certain by now that nothing was delivered, so nothing stays unknown. */
export function meaningOfReceiptError(code: unknown): FailureMeaning {
  const row = rowOf({ code });
  if (row === undefined) return { class: 'refused', scope: 'message', unlisted: true };
  if (row.class === 'unknown_outcome') return { class: 'refused', scope: 'message' };
  return meaningOf(row);
}

function rowOf(error: Record<string, unknown> | null): ErrorRow | undefined {
  const given = error?.['code'];
  const code = typeof given === 'number' || (typeof given === 'string' && given !== '') ? Number(given) : Number.NaN;
  if (code === 100 && error?.['error_subcode'] === 33) return whatsAppErrors.get('100/33');
  return whatsAppErrors.get(code >= 200 && code <= 299 ? '200-299' : String(code));
}

/** A code that nobody has written down yet, or no readable error at all. */
function withoutRow(error: Record<string, unknown> | null, status: number): FailureMeaning {
  if (status === 401) return { class: 'bad_credentials', scope: 'account' };
  if (status === 429) return { class: 'throttled', scope: 'account' };
  if (status >= 500 || status === 408) return { class: 'unknown_outcome', scope: 'message' };
  // A 2xx without a message id comes from something in between; "is_transient" says try again, but not that nothing was queued.
  if (status < 300 || error?.['is_transient'] === true) return { class: 'unknown_outcome', scope: 'message' };
  return { class: 'refused', scope: 'message' };
}
