import {
  cleanCode,
  cleanWords,
  failureFrom,
  lineFailure,
  meaningOfStatus,
  parseJsonObject,
  readErrorTable,
  type FailureMeaning,
  type HttpResult,
  type SendFailure,
} from '@wapas/provider-kit';
import data from './webhook.errors.json';

/** A gateway of the team's own speaks our words: `{ "code": "bad_address", "detail": "…" }`. */
export const webhookErrors = readErrorTable(data);

/** What an answer means that did not confirm the message. */
export function classify(result: HttpResult, nowMillis: number, privateStrings: readonly string[]): SendFailure {
  if (result.kind === 'failure') return lineFailure(result);
  const body = parseJsonObject(result.body);
  const word = body?.['code'] === undefined ? '' : cleanCode(body['code']);
  const code = result.status === 410 ? 'HTTP 410' : word;
  const row = result.status < 300 ? undefined : webhookErrors.get(code);
  const detail = cleanWords(body?.['detail'], privateStrings);
  return failureFrom(
    result,
    { row, code, detail, ...(word === '' ? { otherwise: withoutAWord(result.status) } : {}) },
    nowMillis,
  );
}

/**
 * Without a word it was hardly the gateway that spoke: a proxy answers 404 during a deployment, one that was moved 301. The post
 * comes again, which costs nothing (an id is taken once); answers like that to every post open the breaker, and another provider takes over.
 */
function withoutAWord(status: number): FailureMeaning {
  const meaning = meaningOfStatus(status);
  return meaning.class === 'refused' ? { class: 'unknown_outcome', scope: 'message' } : meaning;
}
