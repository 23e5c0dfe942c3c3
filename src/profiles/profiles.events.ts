import { type EntityKey } from '@wapas/entity-keys';
import { type Purpose } from './rules/consent';

/** Bus event `event.attributed`: it is known whom a recorded event concerns; null when it names nobody. */
export interface EventAttributed {
  readonly id: string;
  readonly name: string;
  readonly personId: string | null;
}

/** Bus event `consent.stated`: an event said what its person agrees to or takes back. */
export interface ConsentStated {
  readonly eventId: string;
  readonly personId: string;
  /** Somebody else who is known by the phone or e-mail of whoever said it: what was taken back binds them too, the rest does not. */
  readonly isSharer?: boolean;
  /** The phone, e-mail or WhatsApp's name it was said by, where the event named no customer. */
  readonly saidBy?: EntityKey;
}

/** Bus event `guest.met`: a known customer showed an identifier by which a guest is known. */
export interface GuestMet {
  readonly guestId: string;
  readonly personId: string;
  readonly eventId: string;
}

/** Bus event `people.merged`: a guest turned out to be this customer. */
export interface PeopleMerged {
  readonly guestId: string;
  readonly personId: string;
}

/** Bus event `person.erased`: a person asked to be forgotten, and what the tables of people held is gone. May come again. */
export interface PersonErased {
  readonly erasureId: string;
  readonly personId: string;
  /** Keyed hashes of what they were known by. */
  readonly keys: readonly EntityKey[];
}

/** Bus event `person.opted_out`: a person took consent back, sent a stop word, or told their vendor to stop. */
export interface PersonOptedOut {
  readonly personId: string;
  /** `all`: everything. */
  readonly purpose: Purpose | 'all';
  /** `all`: every channel. */
  readonly channel: string;
  readonly how: 'consent_withdrawn' | 'stop_word' | 'vendor_preference';
  /** Through what it came: a form, an import, an event, an inbound text. */
  readonly source: string;
  /** When they said so, RFC 3339. */
  readonly at: string;
}
