import { createHmac, timingSafeEqual } from 'node:crypto';

/** Compares without telling by time where two texts differ. `timingSafeEqual` throws on unequal lengths, so those are refused first. */
export function sameText(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Does `signature` equal the HMAC-SHA256 of the raw bytes under one of the secrets, as lower-case hex? Fails closed on empty secrets. */
export function isHexHmac(rawBody: Buffer, signature: string | undefined, secrets: readonly string[]): boolean {
  if (signature === undefined || !/^[0-9a-f]{64}$/.test(signature)) return false;
  return secrets.some(
    (secret) => secret !== '' && sameText(signature, createHmac('sha256', secret).update(rawBody).digest('hex')),
  );
}
