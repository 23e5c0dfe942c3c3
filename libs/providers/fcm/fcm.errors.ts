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

const ERROR_CODES = { source: 'https://firebase.google.com/docs/cloud-messaging/error-codes', readOn: '2026-11-23' };
const QUOTAS = { source: 'https://firebase.google.com/docs/cloud-messaging/throttling-and-quotas', readOn: '2026-11-23' };

/** `errorCode` of the FcmError detail where there is one, else the canonical `status` of the error. */
export const fcmErrors = errorTable([
  {
    code: 'UNREGISTERED',
    class: 'bad_address',
    scope: 'address',
    meaning: 'the token is no longer valid: app removed or token expired',
    ...ERROR_CODES,
  },
  {
    code: 'INVALID_TOKEN',
    class: 'bad_address',
    scope: 'address',
    meaning: 'INVALID_ARGUMENT about the token: it is malformed (our name for one of two look-alikes)',
    ...ERROR_CODES,
  },
  {
    code: 'INVALID_ARGUMENT',
    class: 'bad_content',
    scope: 'message',
    meaning: 'payload, size, key or lifetime is wrong; the token is fine and stays',
    ...ERROR_CODES,
  },
  {
    code: 'SENDER_ID_MISMATCH',
    class: 'bad_address',
    scope: 'address',
    meaning: 'the token belongs to another Firebase project; on many tokens at once: wrong service account',
    ...ERROR_CODES,
  },
  {
    code: 'PERMISSION_DENIED',
    class: 'bad_credentials',
    scope: 'account',
    meaning: 'the API is disabled or the account lacks the role',
    ...ERROR_CODES,
  },
  {
    code: 'UNAUTHENTICATED',
    class: 'bad_credentials',
    scope: 'account',
    meaning: 'the access token is refused, also after a refresh',
    ...ERROR_CODES,
  },
  {
    code: 'THIRD_PARTY_AUTH_ERROR',
    class: 'bad_credentials',
    scope: 'sender',
    meaning: 'the APNs key or web-push credential of the project is wrong: iOS or web only',
    ...ERROR_CODES,
  },
  {
    code: 'QUOTA_EXCEEDED',
    class: 'throttled',
    scope: 'account',
    waitMs: 60_000,
    meaning: 'quota of the project, the device or the topic',
    ...QUOTAS,
  },
  {
    code: 'RESOURCE_EXHAUSTED',
    class: 'throttled',
    scope: 'account',
    waitMs: 60_000,
    meaning: 'the same, without the FcmError detail',
    ...QUOTAS,
  },
  // Both may have taken the message before they fell over. FCM declares resendIsSafe: the same tag replaces the first push.
  { code: 'UNAVAILABLE', class: 'unknown_outcome', scope: 'account', waitMs: 10_000, meaning: 'overloaded', ...ERROR_CODES },
  { code: 'INTERNAL', class: 'unknown_outcome', scope: 'message', meaning: 'an error inside FCM', ...ERROR_CODES },
] satisfies ErrorRow[]);

type Response = Extract<HttpResult, { kind: 'response' }>;

/** What a call to `messages:send` means when it did not give a message name. Pure; `nowMillis` only reads an HTTP date. */
export function classify(result: HttpResult, nowMillis: number, privateStrings: readonly string[]): SendFailure {
  if (result.kind === 'failure') return lineFailure(result);
  const error = errorOf(result);
  const code = codeOf(error);
  const row = fcmErrors.get(code);
  const retryAfter = retryAfterMs(result.headers, nowMillis) ?? row?.waitMs;
  const detail = cleanWords(error?.['message'], privateStrings);
  return {
    ...neverRetryServerError(row === undefined ? byStatus(result.status) : meaningOf(row), result.status),
    code: code === '' ? `HTTP ${result.status}` : code,
    ...(detail === undefined ? {} : { detail }),
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
  };
}

/** A 401 that a new access token may cure. THIRD_PARTY_AUTH_ERROR is a 401 too, but about Apple's key. */
export function isStaleAccessToken(result: HttpResult): boolean {
  return result.kind === 'response' && result.status === 401 && codeOf(errorOf(result)) !== 'THIRD_PARTY_AUTH_ERROR';
}

/** For answers without a code that we know. */
function byStatus(status: number): FailureMeaning {
  if (status === 401) return { class: 'bad_credentials', scope: 'account' };
  if (status === 429) return { class: 'throttled', scope: 'account' };
  // A 2xx that is not FCM's answer comes from something between us and FCM: who knows what it did with the message.
  if (status >= 500 || status === 408 || status < 300) return { class: 'unknown_outcome', scope: 'message' };
  return { class: 'refused', scope: 'message' };
}

function errorOf(response: Response): Record<string, unknown> | null {
  return recordOf(parseJsonObject(response.body)?.['error']);
}

function codeOf(error: Record<string, unknown> | null): string {
  if (error === null) return '';
  const details = Array.isArray(error['details']) ? error['details'].map(recordOf) : [];
  const fcmCode = details.find((detail) => typeOf(detail).endsWith('google.firebase.fcm.v1.FcmError'))?.['errorCode'];
  const code = fcmCode ?? error['status'];
  if (code === undefined) return '';
  return fcmCode === 'INVALID_ARGUMENT' && isAboutTheToken(error, details) ? 'INVALID_TOKEN' : cleanCode(code);
}

/**
 * The two 400s look alike: a BadRequest detail on a field of the payload is our mistake, an FcmError whose message speaks
 * of the registration token is a dead token. Deleting a good token is the worse error, so in doubt it stays.
 */
function isAboutTheToken(error: Record<string, unknown>, details: readonly (Record<string, unknown> | null)[]): boolean {
  if (details.some((detail) => typeOf(detail).endsWith('google.rpc.BadRequest'))) return false;
  return typeof error['message'] === 'string' && /registration token is not a valid/i.test(error['message']);
}

function typeOf(detail: Record<string, unknown> | null): string {
  const type = detail?.['@type'];
  return typeof type === 'string' ? type : '';
}
