import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Instant, isId } from '@wapas/kernel';

const SECONDS_BYTES = 4;
const TAG_BYTES = 16;
const FORM = /^[A-Za-z0-9_-]{48}$/;

/**
 * The signed part of a preference link: whose page it opens and until when, with a 128-bit tag. Nothing in it can be looked up by others.
 * None ends in a hyphen, which some phones leave out of a link (links/rules/token.ts): it then expires a second or so earlier.
 */
export function preferenceToken(personId: string, expiresAt: Instant, secret: string): string {
  const body = Buffer.alloc(16 + SECONDS_BYTES);
  Buffer.from(personId.replaceAll('-', ''), 'hex').copy(body);
  for (let seconds = Math.floor(expiresAt / 1_000); ; seconds -= 1) {
    body.writeUInt32BE(seconds, 16);
    const token = Buffer.concat([body, tagOf(body, secret)]).toString('base64url');
    if (!token.endsWith('-')) return token;
  }
}

export type ReadToken =
  { readonly kind: 'valid'; readonly personId: string } | { readonly kind: 'expired' } | { readonly kind: 'unknown' };

/** Never throws: whatever is not exactly ours is unknown. */
export function readPreferenceToken(token: string, now: Instant, secret: string): ReadToken {
  if (!FORM.test(token)) return { kind: 'unknown' };
  const bytes = Buffer.from(token, 'base64url');
  const body = bytes.subarray(0, 16 + SECONDS_BYTES);
  if (bytes.length !== body.length + TAG_BYTES || !timingSafeEqual(bytes.subarray(body.length), tagOf(body, secret)))
    return { kind: 'unknown' };
  if (body.readUInt32BE(16) * 1_000 <= now) return { kind: 'expired' };
  const hex = body.toString('hex', 0, 16);
  const personId = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return isId(personId) ? { kind: 'valid', personId } : { kind: 'unknown' };
}

function tagOf(body: Buffer, secret: string): Buffer {
  return createHmac('sha256', secret).update('preferences:').update(body).digest().subarray(0, TAG_BYTES);
}
