import {
  cleanCode,
  cleanWords,
  failureFrom,
  lineFailure,
  meaningOfStatus,
  parseJsonObject,
  readErrorTable,
  recordOf,
  type FailureMeaning,
  type HttpResult,
  type SendFailure,
} from '@wapas/provider-kit';
import data from './fcm.errors.json';

/**
 * `errorCode` of the FcmError detail where there is one, else the canonical `status` of the error. UNAVAILABLE and INTERNAL
 * are unknown outcomes: FCM may have taken the message before it fell over. It declares resendIsSafe, so they are sent again.
 */
export const fcmErrors = readErrorTable(data);

type Response = Extract<HttpResult, { kind: 'response' }>;

/** What a call to `messages:send` means when it did not give a message name. Pure; `nowMillis` only reads an HTTP date. */
export function classify(result: HttpResult, nowMillis: number, privateStrings: readonly string[]): SendFailure {
  if (result.kind === 'failure') return lineFailure(result);
  const error = errorOf(result);
  const code = codeOf(error);
  const detail = cleanWords(error?.['message'], privateStrings);
  return failureFrom(result, { row: fcmErrors.get(code), code, detail, otherwise: withoutRow(result.status) }, nowMillis);
}

/** A 401 that a new access token may cure. THIRD_PARTY_AUTH_ERROR is a 401 too, but about Apple's key. */
export function isStaleAccessToken(result: HttpResult): boolean {
  return result.kind === 'response' && result.status === 401 && codeOf(errorOf(result)) !== 'THIRD_PARTY_AUTH_ERROR';
}

/** For answers without a code that we know: a 403 without one says nothing about the credentials. */
function withoutRow(status: number): FailureMeaning {
  return status === 403 ? { class: 'refused', scope: 'message' } : meaningOfStatus(status);
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
