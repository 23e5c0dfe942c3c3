import { cleanCode, cleanWords, meaningOf, readErrorTable, type FailureMeaning, type SendFailure } from '@wapas/provider-kit';
import data from './smtp.errors.json';

/** Enhanced codes (`5.1.1`) say more than reply codes (`550`), so they are looked up first. */
export const smtpErrors = readErrorTable(data);

/** What the library tells when a conversation ended badly. */
export interface SmtpError {
  /** The library's own word: `EAUTH`, `ESOCKET`, `EENVELOPE`. */
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

/**
 * What a failed conversation means. `messageWasStarted`: the server had said 354 and bytes of the message were on their
 * way. Before that nothing can have been taken; after it only a reply settles the matter.
 */
export function classify(error: SmtpError, messageWasStarted: boolean, privateStrings: readonly string[]): SendFailure {
  const reply = replyOf(error);
  if (reply === null) {
    const code = cleanCode(error.code ?? 'UNKNOWN');
    return { class: messageWasStarted ? 'unknown_outcome' : 'temporary', scope: 'message', code };
  }
  const row = (reply.enhanced === undefined ? undefined : smtpErrors.get(reply.enhanced)) ?? smtpErrors.get(String(reply.code));
  const meaning = row === undefined ? meaningOfReply(reply.code) : meaningOf(row);
  const detail = cleanWords(error.response, privateStrings);
  return {
    ...meaning,
    code: row?.code ?? reply.enhanced ?? String(reply.code),
    ...(detail === undefined ? {} : { detail }),
    ...(row?.waitMs === undefined ? {} : { retryAfterMs: row.waitMs }),
  };
}

/** A 4yz says "not taken, try again", a 5yz "not taken". Both are certain: SMTP's 5yz is not HTTP's 5xx. */
function meaningOfReply(code: number): FailureMeaning {
  return code < 500 ? { class: 'temporary', scope: 'message' } : { class: 'refused', scope: 'message', unlisted: true };
}

function replyOf({ responseCode, response = '' }: SmtpError): { code: number; enhanced?: string } | null {
  if (responseCode === undefined || responseCode < 400 || responseCode > 599) return null;
  const enhanced = /^\d{3}[ -]([45]\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
  return { code: responseCode, ...(enhanced === undefined ? {} : { enhanced }) };
}
