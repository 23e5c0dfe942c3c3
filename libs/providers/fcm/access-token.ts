import { sign } from 'node:crypto';
import {
  cleanCode,
  parseJsonObject,
  retryAfterMs,
  type HttpResult,
  type ProviderContext,
  type SendFailure,
} from '@wapas/provider-kit';
import { type ServiceAccount } from './fcm.config';

export type TokenResult = { readonly ok: true; readonly token: string } | { readonly ok: false; readonly failure: SendFailure };

/** Hands out Google's access token: cached, renewed five minutes early, fetched once however many sends wait for it. */
export interface AccessTokens {
  /** Give the refused token to get another one; a token that has been replaced meanwhile is not fetched again. */
  get(timeoutMs: number, refused?: string): Promise<TokenResult>;
}

interface AccessToken {
  readonly token: string;
  readonly renewAt: number;
  readonly expiresAt: number;
}

const EARLY_MS = 5 * 60_000;
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';

export function accessTokens(account: ServiceAccount, context: ProviderContext): AccessTokens {
  let current: AccessToken | null = null;
  let underWay: Promise<TokenResult> | null = null;

  return {
    async get(timeoutMs, refused) {
      if (refused !== undefined && current?.token === refused) current = null;
      if (current !== null && current.renewAt > context.clock.now()) return { ok: true, token: current.token };
      // One fetch for all; a caller that came late to it still leaves at its own deadline.
      underWay ??= fetchToken().finally(() => (underWay = null));
      return withinDeadline(underWay, timeoutMs);
    },
  };

  async function fetchToken(): Promise<TokenResult> {
    const answer = await context.http.request(tokenRequest(account, context.clock.now()));
    const fresh = tokenOf(answer, context.clock.now());
    if (fresh !== null) {
      current = fresh;
      return { ok: true, token: fresh.token };
    }
    const failure = tokenFailure(answer, context.clock.now());
    context.log.warn('fcm access token not renewed', { code: failure.code });
    // The old one still works for up to five minutes: Google's token service may stumble without stopping the pushes.
    if (current !== null && current.expiresAt > context.clock.now()) return { ok: true, token: current.token };
    return { ok: false, failure };
  }
}

/** A JWT signed by the service account is traded for an access token (RFC 7523). developers.google.com/identity/protocols/oauth2/service-account, read 2026-11-23 */
function tokenRequest(account: ServiceAccount, nowMillis: number) {
  const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertion(account, nowMillis) };
  return {
    method: 'POST' as const,
    url: account.tokenUri,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams(form).toString(),
  };
}

function assertion(account: ServiceAccount, nowMillis: number): string {
  const issuedAt = Math.floor(nowMillis / 1_000);
  const header = { alg: 'RS256', typ: 'JWT', kid: account.privateKeyId };
  const claims = { iss: account.clientEmail, scope: SCOPE, aud: account.tokenUri, iat: issuedAt, exp: issuedAt + 3_600 };
  const unsigned = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${unsigned}.${sign('RSA-SHA256', Buffer.from(unsigned), account.privateKey).toString('base64url')}`;
}

function tokenOf(answer: HttpResult, nowMillis: number): AccessToken | null {
  if (answer.kind !== 'response' || answer.status !== 200) return null;
  const body = parseJsonObject(answer.body);
  const token = body?.['access_token'];
  const seconds = body?.['expires_in'];
  if (typeof token !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(token)) return null;
  const life = (typeof seconds === 'number' && seconds > 0 ? seconds : 3_600) * 1_000;
  // A token that lives no longer than five minutes would otherwise be renewed for every push.
  return { token, renewAt: nowMillis + life - Math.min(EARLY_MS, life / 2), expiresAt: nowMillis + life };
}

/** Without a token no push has left, so nothing here is ever an unknown outcome. */
function tokenFailure(answer: HttpResult, nowMillis: number): SendFailure {
  if (answer.kind === 'failure') return { class: 'temporary', scope: 'account', code: `oauth ${answer.code}` };
  const error = parseJsonObject(answer.body)?.['error'];
  const code = `oauth ${error === undefined ? `HTTP ${answer.status}` : cleanCode(error)}`;
  const wait = retryAfterMs(answer.headers, nowMillis);
  const retryAfter = wait === undefined ? {} : { retryAfterMs: wait };
  if (answer.status === 429) return { class: 'throttled', scope: 'account', code, ...retryAfter };
  // 400 invalid_grant: wrong key, disabled account, or this machine's clock is off.
  if (answer.status >= 400 && answer.status < 500) return { class: 'bad_credentials', scope: 'account', code };
  return { class: 'temporary', scope: 'account', code, ...retryAfter };
}

async function withinDeadline(fetching: Promise<TokenResult>, timeoutMs: number): Promise<TokenResult> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<TokenResult>((resolve) => {
    const failure: SendFailure = { class: 'temporary', scope: 'account', code: 'oauth DEADLINE' };
    timer = setTimeout(() => resolve({ ok: false, failure }), timeoutMs);
  });
  try {
    return await Promise.race([fetching, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
