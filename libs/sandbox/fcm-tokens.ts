import { createPublicKey, randomBytes, verify, type KeyObject } from 'node:crypto';
import { type Answer, type Call, isObject, type Json, json, parseObject } from './wire';

export interface FcmTokenSettings {
  readonly publicKey?: string;
  readonly clientEmail?: string;
  readonly lifetimeSeconds: number;
}

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const SCOPES = ['https://www.googleapis.com/auth/firebase.messaging', 'https://www.googleapis.com/auth/cloud-platform'];
/** Google lets clocks differ by about this much. */
const LEEWAY_SECONDS = 300;
const LONGEST_SECONDS = 3_600;

/** Google's OAuth token endpoint for service accounts (developers.google.com, OAuth 2.0, service accounts, read 2026-11-23). */
export class FcmTokens {
  private readonly key: KeyObject | null;
  private readonly expiryByToken = new Map<string, number>();

  constructor(private readonly settings: FcmTokenSettings) {
    this.key = settings.publicKey === undefined ? null : createPublicKey(settings.publicKey);
  }

  knows(token: string): boolean {
    return (this.expiryByToken.get(token) ?? 0) > Date.now();
  }

  issue(call: Call): Answer {
    const form = new URLSearchParams(call.body);
    if (form.get('grant_type') !== GRANT) return oauthError('unsupported_grant_type', 'Invalid grant_type');
    const problem = this.problemOf(form.get('assertion') ?? '');
    return problem === null ? this.newToken() : oauthError('invalid_grant', problem);
  }

  private newToken(): Answer {
    this.dropExpired();
    const token = `ya29.sandbox.${randomBytes(32).toString('base64url')}`;
    this.expiryByToken.set(token, Date.now() + this.settings.lifetimeSeconds * 1_000);
    return json(200, { access_token: token, expires_in: this.settings.lifetimeSeconds, token_type: 'Bearer' });
  }

  private dropExpired(): void {
    for (const [token, expiry] of this.expiryByToken) if (expiry <= Date.now()) this.expiryByToken.delete(token);
  }

  private problemOf(assertion: string): string | null {
    const [header, claims, signature, ...rest] = assertion.split('.');
    if (header === undefined || claims === undefined || signature === undefined || rest.length > 0) return 'Bad Request';
    if (decode(header)?.alg !== 'RS256') return 'Invalid JWT: unsupported algorithm';
    if (!this.isSigned(`${header}.${claims}`, signature)) return 'Invalid JWT Signature.';
    const read = decode(claims);
    return read === null ? 'Invalid JWT: claims are not JSON' : this.claimProblem(read);
  }

  private isSigned(content: string, signature: string): boolean {
    return this.key === null || verify('RSA-SHA256', Buffer.from(content), this.key, Buffer.from(signature, 'base64url'));
  }

  private claimProblem({ iss, aud, scope, iat, exp }: Json): string | null {
    const now = Date.now() / 1_000;
    if (this.settings.clientEmail !== undefined && iss !== this.settings.clientEmail) return 'Invalid grant: account not found';
    if (typeof aud !== 'string' || !aud.endsWith('/fcm/token')) return 'Invalid JWT: Failed audience check.';
    if (typeof scope !== 'string' || !SCOPES.some((each) => scope.split(' ').includes(each))) return 'Invalid scope';
    if (typeof iat !== 'number' || typeof exp !== 'number') return 'Invalid JWT: iat and exp must be numbers';
    const isShort = exp - iat <= LONGEST_SECONDS && exp > now - LEEWAY_SECONDS && iat < now + LEEWAY_SECONDS;
    return isShort ? null : 'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.';
  }
}

function oauthError(error: string, description: string): Answer {
  return json(400, { error, error_description: description });
}

function decode(part: string): Json | null {
  const value = parseObject(Buffer.from(part, 'base64url').toString());
  return isObject(value) ? value : null;
}
