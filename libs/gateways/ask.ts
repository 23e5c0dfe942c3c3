import { type HttpClient, type HttpRequest, parseJson, recordOf, recordsIn, retryAfterMs } from '@wapas/provider-kit';
import { type Money, minorUnitDigits } from '@wapas/kernel';
import { type StatusAnswer } from './contract';

export type Json = Readonly<Record<string, unknown>>;
export type NotKnown = Extract<StatusAnswer, { known: false }>;
export type Asked = { readonly ok: true; readonly body: unknown } | ({ readonly ok: false } & NotKnown);

/** A message waits for it and a customer looks at it: a gateway that takes longer counts as silent. */
const DEADLINE_MS = 4_000;

/** One call whose answer is JSON. Whatever else comes back is a reason why we do not know. */
export async function askJson(
  http: HttpClient,
  request: HttpRequest,
  codeOf: (body: Json) => string | undefined,
): Promise<Asked> {
  const result = await http.request({ timeoutMs: DEADLINE_MS, ...request });
  if (result.kind === 'failure')
    return notKnown({ reason: result.code.startsWith('DEADLINE') ? 'timed_out' : 'unreachable', code: result.code });
  const { status, headers } = result;
  const body = parseJson(result.body);
  const code = codeOf(recordOf(body) ?? {}) ?? String(status);
  if (status === 429) return notKnown({ reason: 'throttled', code, retryAfterMs: retryAfterMs(headers, Date.now()) });
  if (status === 404) return notKnown({ reason: 'not_found', code });
  if (status >= 500) return notKnown({ reason: 'unreachable', code });
  if (status >= 300) return notKnown({ reason: 'refused', code });
  return typeof body === 'object' && body !== null ? { ok: true, body } : notKnown({ reason: 'unreadable' });
}

const notKnown = (what: Omit<NotKnown, 'known'>): Asked => ({ ok: false, known: false, ...what });

/** Answers of a vendor that do not have their documented form tell nothing: better no word than a wrong one. */
export const UNREADABLE: NotKnown = { known: false, reason: 'unreadable' };
export const NOT_FOUND: NotKnown = { known: false, reason: 'not_found' };

export function reasonOf({ reason, code, retryAfterMs: wait }: NotKnown): NotKnown {
  return { known: false, reason, ...(code !== undefined && { code }), ...(wait !== undefined && { retryAfterMs: wait }) };
}

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= 4_096 ? value : undefined;

export { recordOf, recordsIn };

/** Whole minor units as the gateway has them. */
export function minorMoney(amount: unknown, currency: unknown): Money | undefined {
  const code = textOf(currency)?.toUpperCase();
  if (!Number.isSafeInteger(amount) || (amount as number) < 0 || code === undefined || !/^[A-Z]{3}$/.test(code)) return undefined;
  return { amount: amount as number, currency: code };
}

/** Major units (`170` or `170.5` rupees) to whole minor ones. A figure that is finer than its currency is not guessed at. */
export function majorMoney(amount: unknown, currency: unknown): Money | undefined {
  const code = textOf(currency);
  if (typeof amount !== 'number' || !(amount >= 0) || code === undefined || !/^[A-Z]{3}$/.test(code)) return undefined;
  const digits = minorUnitDigits(code);
  const [whole, fraction = ''] = String(amount).split('.') as [string, string?];
  if (!/^\d{1,13}$/.test(whole) || !/^\d*$/.test(fraction) || fraction.length > digits) return undefined;
  return { amount: Number(whole + fraction.padEnd(digits, '0')), currency: code };
}

/** Ids go into addresses: only what the three gateways make, nothing that could leave its place in the path. */
export const isId = (id: string | undefined): id is string => id !== undefined && /^[A-Za-z0-9_-]{1,64}$/.test(id);
