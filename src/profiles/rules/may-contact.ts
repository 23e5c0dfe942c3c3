import { type Instant } from '@wapas/kernel';
import { type ConsentEntry, holding, type Purpose } from './consent';

/** Something that forbids messages for a while or for good: on one channel or all, for marketing or everything. */
export interface Suppression {
  readonly channel: string | null;
  readonly purpose: Purpose | null;
  readonly expiresAt: Instant | null;
}

/** What is known of a person that decides whether they may be written to. */
export interface ContactFacts {
  /** They asked to be forgotten. */
  readonly erased: boolean;
  readonly minor: boolean;
  /** The national do-not-disturb register: on it, known not to be, or never asked. */
  readonly dnd: 'on' | 'off' | 'unknown';
  readonly consents: readonly ConsentEntry[];
  readonly suppressions: readonly Suppression[];
}

export interface ContactPolicy {
  /** Channels on which even a service message needs a recorded opt-in. WhatsApp asks for one. */
  readonly serviceOptIn: readonly string[];
}

export type ContactRefusal = 'erased' | 'suppressed' | 'minor' | 'consent_withdrawn' | 'no_consent' | 'dnd_no_consent';

/**
 * May this person be written to, for this purpose and on this channel? Null: yes. A service message about their own
 * transaction needs no recorded consent except where the channel asks for an opt-in, but a withdrawal always holds;
 * marketing needs consent everywhere and is never sent to minors (DPDP s. 9).
 */
export function mayContact(
  facts: ContactFacts,
  message: { readonly channel: string; readonly purpose: Purpose },
  policy: ContactPolicy,
  now: Instant,
): ContactRefusal | null {
  const { channel, purpose } = message;
  if (facts.erased) return 'erased';
  if (facts.suppressions.some((one) => forbids(one, channel, purpose, now))) return 'suppressed';
  if (purpose === 'marketing' && facts.minor) return 'minor';
  const own = holding(facts.consents, purpose, channel);
  if (own?.state === 'withdrawn') return 'consent_withdrawn';
  if (own) return null;
  if (purpose === 'marketing') return channel === 'sms' && facts.dnd !== 'off' ? 'dnd_no_consent' : 'no_consent';
  if (!policy.serviceOptIn.includes(channel)) return null;
  // Who agreed to marketing from this business on this channel has agreed to hear from it there.
  return holding(facts.consents, 'marketing', channel)?.state === 'granted' ? null : 'no_consent';
}

function forbids({ channel, purpose, expiresAt }: Suppression, wanted: string, wantedPurpose: Purpose, now: Instant): boolean {
  const applies = (channel === null || channel === wanted) && (purpose === null || purpose === wantedPurpose);
  return applies && (expiresAt === null || now < expiresAt);
}
