import { createHmac } from 'node:crypto';
import { sameSecret } from './secrets';

/**
 * Signing as Standard Webhooks does: `webhook-id` stays the same when a call is repeated, `webhook-timestamp` is the time
 * of this try, `webhook-signature` a list of `v1,<base64>` parted by blanks.
 * github.com/standard-webhooks/standard-webhooks, read 2026-11-23
 */
const TOLERANCE_SECONDS = 300;

/** The bytes of a `whsec_…` secret; null when it is not base64 of 24 to 64 bytes. The prefix may be missing. */
export function standardWebhookKey(secret: string): Buffer | null {
  const base64 = secret.replace(/^whsec_/, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
  const key = Buffer.from(base64, 'base64');
  return key.length >= 24 && key.length <= 64 ? key : null;
}

/** The three headers of a signed post. `id` names the message, not the try. Several keys, while one is changed, sign each. */
export function standardWebhookHeaders(
  keys: Buffer | readonly Buffer[],
  id: string,
  nowMillis: number,
  body: string,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMillis / 1_000));
  const signatures = [keys].flat().map((key) => `v1,${signature(key, id, timestamp, body)}`);
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

/** Null when the post is signed with this key and not older or newer than five minutes; else why not. */
export function faultOfStandardWebhook(
  headers: Readonly<Record<string, string>>,
  rawBody: Buffer,
  key: Buffer,
  nowMillis: number,
): string | null {
  const id = headers['webhook-id'] ?? '';
  const timestamp = headers['webhook-timestamp'] ?? '';
  if (id === '' || !/^\d{1,12}$/.test(timestamp)) return 'a signing header is missing or unreadable';
  if (Math.abs(nowMillis / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) return 'signed more than five minutes ago or ahead';
  const expected = `v1,${signature(key, id, timestamp, rawBody)}`;
  const given = (headers['webhook-signature'] ?? '').split(' ');
  return given.some((one) => sameSecret(one, expected)) ? null : 'signature does not fit';
}

function signature(key: Buffer, id: string, timestamp: string, body: string | Buffer): string {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
}
