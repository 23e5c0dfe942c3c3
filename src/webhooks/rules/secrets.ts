import { randomBytes } from 'node:crypto';

/** A signing secret. All but the newest end: while one is changed, posts carry a signature of each. */
export interface WebhookSecret {
  /** `whsec_…` */
  readonly text: string;
  /** Real time in milliseconds; null for the newest. */
  readonly until: number | null;
}

export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** The new secret first, and the one before it for a while; older ones go, so that there are never more than two. */
export function rotated(secrets: readonly WebhookSecret[], text: string, keepOldMs: number, now: number): WebhookSecret[] {
  const [before] = secrets;
  const kept = before && keepOldMs > 0 ? [{ ...before, until: now + keepOldMs }] : [];
  return [{ text, until: null }, ...kept];
}

/** The secrets to sign with, newest first. */
export function signingSecrets(secrets: readonly WebhookSecret[], now: number): string[] {
  return secrets.filter(({ until }) => until === null || until > now).map(({ text }) => text);
}
