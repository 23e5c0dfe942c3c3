import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a key may do. `admin` may do everything; `app` is publishable and can only report what an app saw. */
export const SCOPES = ['ingest', 'read', 'admin', 'app'] as const;
export type Scope = (typeof SCOPES)[number];

const FORM = /^wps_(live|test)_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

/** A fresh key: shown once, stored only as a keyed hash. */
export function newApiKey(test: boolean): { id: string; text: string } {
  const id = randomBytes(8).toString('hex');
  return { id, text: `wps_${test ? 'test' : 'live'}_${id}_${randomBytes(32).toString('base64url')}` };
}

/** The id inside a key, or null when it does not have a key's form. */
export function idOfKey(text: string): string | null {
  return FORM.exec(text)?.[2] ?? null;
}

export function hashOfKey(text: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`api-key:${text}`).digest();
}

export function isKey(text: string, secret: string, stored: Buffer): boolean {
  const given = hashOfKey(text, secret);
  return given.length === stored.length && timingSafeEqual(given, stored);
}

export function allows(scopes: readonly Scope[], needed: Scope): boolean {
  return scopes.includes('admin') || scopes.includes(needed);
}
