import {
  cleanCode,
  cleanWords,
  errorTable,
  lineFailure,
  meaningOf,
  neverRetryServerError,
  parseJsonObject,
  recordOf,
  retryAfterMs,
  type ErrorRow,
  type FailureMeaning,
  type HttpResult,
  type SendFailure,
} from '@wapas/provider-kit';

/** Meta's page is of 15 May 2026. */
const META = {
  source: 'https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes',
  readOn: '2026-11-23',
};
const PARTNERS = { source: 'documentation of 360dialog, dualhook and YCloud', readOn: '2026-11-23' };
const DAY_MS = 24 * 3_600_000;

const unknown = { class: 'unknown_outcome', scope: 'message', ...META } as const;
const badMessage = { class: 'bad_content', scope: 'message', ...META } as const;
const badTemplate = { class: 'bad_content', scope: 'template', ...META } as const;
const number = { class: 'bad_credentials', scope: 'sender', ...META } as const;
const account = { class: 'bad_credentials', scope: 'account', ...META } as const;

/** By `error.code`; the same codes come in the `failed` status of a webhook. Graph's permission codes 200 to 299 share one row. */
export const whatsAppErrors = errorTable([
  // "Something went wrong" is not "not queued": without a receipt nobody knows, and WhatsApp has no idempotency key.
  { code: '1', meaning: 'unknown error of the API', ...unknown },
  { code: '2', meaning: 'service temporarily down', ...unknown },
  { code: '131000', meaning: 'something went wrong', ...unknown },
  { code: '131016', meaning: 'service overloaded', ...unknown },
  { code: '133004', meaning: 'server temporarily unavailable', ...unknown },

  { code: '4', class: 'throttled', scope: 'account', waitMs: 60_000, meaning: 'call limit of the app', ...META },
  { code: '80007', class: 'throttled', scope: 'account', waitMs: 60_000, meaning: 'call limit of the business account', ...META },
  { code: '130429', class: 'throttled', scope: 'sender', waitMs: 1_000, meaning: 'throughput of the number', ...META },
  {
    code: '131056',
    class: 'throttled',
    scope: 'address',
    waitMs: 6_000,
    meaning: 'too many messages from this number to this person',
    ...META,
  },
  {
    code: '131057',
    class: 'temporary',
    scope: 'sender',
    waitMs: 60_000,
    meaning: 'number in maintenance (throughput upgrade, about a minute)',
    ...META,
  },

  {
    code: '131026',
    class: 'bad_address',
    scope: 'address',
    holdsForMs: 30 * DAY_MS,
    meaning: 'undeliverable: not on WhatsApp, old client, terms not accepted, long offline; may change',
    ...META,
  },
  {
    code: '131049',
    class: 'refused',
    scope: 'address',
    only: 'marketing',
    holdsForMs: DAY_MS,
    meaning: 'Meta chose not to deliver: marketing limit per person',
    ...META,
  },
  {
    code: '131050',
    class: 'opted_out',
    scope: 'address',
    only: 'marketing',
    meaning: 'this person stopped marketing from this business',
    ...META,
  },
  {
    code: '130472',
    class: 'refused',
    scope: 'message',
    only: 'marketing',
    meaning: 'this person is in a marketing experiment of Meta',
    ...META,
  },
  {
    code: '131048',
    class: 'refused',
    scope: 'sender',
    only: 'marketing',
    meaning: 'number restricted for spam: quality',
    ...META,
  },
  {
    code: '131062',
    class: 'refused',
    scope: 'message',
    meaning: 'user-id addressing not possible for this kind of message',
    ...PARTNERS,
  },
  { code: '131052', class: 'refused', scope: 'message', meaning: 'media download failed', ...META },
  { code: '131053', class: 'refused', scope: 'message', meaning: 'media upload failed', ...META },
  { code: '132068', class: 'refused', scope: 'template', meaning: 'flow blocked (Wapas sends no flows)', ...META },
  { code: '132069', class: 'refused', scope: 'template', meaning: 'flow throttled (Wapas sends no flows)', ...META },

  {
    code: '131047',
    meaning: 'outside the 24-hour window without a template: we only send templates, so our mistake',
    ...badMessage,
  },
  { code: '131051', meaning: 'unsupported message type', ...badMessage },
  { code: '131008', meaning: 'required parameter missing', ...badMessage },
  { code: '131009', meaning: 'parameter value invalid', ...badMessage },
  { code: '100', meaning: 'invalid parameter', ...badMessage },
  { code: '135000', meaning: 'generic user error in the parameters', ...badMessage },
  { code: '131021', meaning: 'sender and recipient are the same number', ...badMessage },
  { code: '132005', meaning: 'text too long once the variables are in place', ...badMessage },
  { code: '132012', meaning: 'parameter format does not match the template', ...badMessage },
  { code: '132018', meaning: 'parameter format does not match the template', ...badMessage },

  { code: '132000', meaning: 'number of parameters differs from the template', ...badTemplate },
  { code: '132001', meaning: 'template and language not found, or not approved', ...badTemplate },
  { code: '132007', meaning: 'template violates the content policy', ...badTemplate },
  {
    code: '132015',
    meaning: 'template paused for low quality (3 hours, then 6); a webhook says APPROVED when it is over',
    ...badTemplate,
  },
  { code: '132016', meaning: 'template disabled for good (third strike)', ...badTemplate },

  { code: '131030', meaning: 'recipient not on the test list: the number is not live', ...number },
  { code: '131037', meaning: 'display name not approved', ...number },
  { code: '131045', meaning: 'number not registered: certificate', ...number },
  { code: '133010', meaning: 'number not registered', ...number },
  { code: '133006', meaning: 'number needs to be verified', ...number },
  { code: '133015', meaning: 'number was deleted a moment ago', ...number },
  { code: '33', meaning: 'number was deleted', ...number },
  {
    code: '100/33',
    meaning: 'no such phone number id, or no right to see it (code 100, subcode 33)',
    ...number,
    source: 'https://developers.facebook.com/docs/graph-api/guides/error-handling',
  },

  { code: '131031', meaning: 'account locked', ...account },
  { code: '368', meaning: 'account blocked for policy violations', ...account },
  { code: '130497', meaning: 'account may not message people in this country', ...account },
  { code: '131042', meaning: 'payment method problem', ...account },
  { code: '0', meaning: 'access token could not be checked', ...account },
  { code: '190', meaning: 'access token expired', ...account },
  { code: '3', meaning: 'permission missing', ...account },
  { code: '10', meaning: 'permission missing', ...account },
  { code: '200-299', meaning: 'permission missing', ...account },
  { code: '131005', meaning: 'permission missing', ...account },
] satisfies ErrorRow[]);

/** What a call to `/messages` means when it gave no message id. Meta asks to decide on the code, not on the HTTP status. */
export function classify(result: HttpResult, nowMillis: number, privateStrings: readonly string[]): SendFailure {
  if (result.kind === 'failure') return lineFailure(result);
  const error = recordOf(parseJsonObject(result.body)?.['error']);
  const row = rowOf(error);
  const retryAfter = retryAfterMs(result.headers, nowMillis) ?? row?.waitMs;
  const detail = cleanWords(recordOf(error?.['error_data'])?.['details'] ?? error?.['message'], privateStrings);
  return {
    ...neverRetryServerError(row === undefined ? withoutRow(error, result.status) : meaningOf(row), result.status),
    code: error?.['code'] === undefined ? `HTTP ${result.status}` : cleanCode(error['code']),
    ...(detail === undefined ? {} : { detail }),
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
  };
}

/** What the error of a `failed` status means. It is certain by now that nothing was delivered, so nothing stays unknown. */
export function meaningOfReceiptError(code: unknown): FailureMeaning {
  const row = rowOf({ code });
  if (row === undefined || row.class === 'unknown_outcome') return { class: 'refused', scope: 'message' };
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
