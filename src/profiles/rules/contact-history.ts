import { type Instant } from '@wapas/kernel';
import { type ConsentEntry } from './consent';
import { type ContactFacts, type Suppression } from './may-contact';

/** An address, and when it was of no use on a channel. */
export interface AddressSpell {
  readonly kind: string;
  readonly blocks: readonly { readonly channel: string; readonly from: Instant; readonly until: Instant | null }[];
}

/**
 * What is known of somebody, with the moment from which it was known: the consent ledger and the suppressions are dated. That somebody
 * is a minor, is on the do-not-disturb register or has an address is not, and is taken as it is today.
 */
export interface ContactHistory {
  readonly minor: boolean;
  readonly dnd: ContactFacts['dnd'];
  readonly consents: readonly (ConsentEntry & { readonly recordedAt: Instant })[];
  readonly suppressions: readonly (Suppression & { readonly from: Instant; readonly liftedAt: Instant | null })[];
  /** Those that its owner lets the app use. */
  readonly addresses: readonly AddressSpell[];
}

/** What was known at a moment: what decides whether somebody may be written to then. */
export function contactAt(history: ContactHistory, now: Instant): ContactFacts {
  const { minor, dnd, consents, suppressions } = history;
  return {
    // Events of erased people are nobody's, then as now.
    erased: false,
    minor,
    dnd,
    consents: consents.every(({ recordedAt }) => recordedAt <= now)
      ? consents
      : consents.filter(({ recordedAt }) => recordedAt <= now),
    suppressions: suppressions.filter(({ from, liftedAt }) => from <= now && (liftedAt === null || now < liftedAt)),
  };
}

/** Could somebody be reached on a channel at a moment, as far as is known today? */
export const couldBeReached = ({ addresses }: ContactHistory, kind: string, channel: string, now: Instant): boolean =>
  addresses.some(
    (address) =>
      address.kind === kind &&
      !address.blocks.some(
        (block) => block.channel === channel && block.from <= now && (block.until === null || now < block.until),
      ),
  );
