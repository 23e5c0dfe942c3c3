import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Compares two secrets in constant time. Both are hashed first: `timingSafeEqual` throws on unequal lengths. Empty is never equal. */
export function sameSecret(given: string, expected: string): boolean {
  if (expected === '') return false;
  return timingSafeEqual(sha256(given), sha256(expected));
}

/** True when `hex`, in lower case as vendors document it, is the HMAC-SHA256 of exactly these bytes. An empty key is refused: Node would accept it, and so would anybody's forgery. */
export function hasHmacSha256(rawBody: Buffer, key: string, hex: string): boolean {
  if (key === '' || !/^[0-9a-f]{64}$/.test(hex)) return false;
  return timingSafeEqual(createHmac('sha256', key).update(rawBody).digest(), Buffer.from(hex, 'hex'));
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
