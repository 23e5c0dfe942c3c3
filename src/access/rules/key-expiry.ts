import { hours, type Instant, parseInstant } from '@wapas/kernel';

/** When a key is to expire. Null for what is no time with a zone, and for one that has passed: such a key would never work. */
export function expiryOf(text: string, now: Instant): Instant | null {
  const moment = parseInstant(text);
  return moment !== null && moment > now ? moment : null;
}

/** So long before the end its owners have to change whatever uses it. */
const WARNING = hours(7 * 24);

/** Whether a key that still works should be replaced now. One that was made for no longer than the warning needs none: somebody has just made it. */
export function expiresSoon(key: { readonly createdAt: Instant; readonly expiresAt: Instant }, now: Instant): boolean {
  return now < key.expiresAt && key.expiresAt - now <= WARNING && key.expiresAt - key.createdAt > WARNING;
}
