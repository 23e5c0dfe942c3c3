import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { type Instant } from '@wapas/kernel';
import { IdentifyPeople, type PersonRef } from './identify-people';
import { holding, PURPOSES, type Purpose } from './rules/consent';
import { consentStore, type StoredConsent } from './store/consent.store';
import { mergeStore } from './store/merge.store';
import { personStore } from './store/person.store';
import { type NewSuppression, type StoredSuppression, suppressionStore } from './store/suppression.store';

export interface ConsentReview {
  readonly states: readonly { readonly purpose: Purpose; readonly channel: string; readonly entry: StoredConsent }[];
  readonly entries: readonly StoredConsent[];
  readonly suppressions: readonly StoredSuppression[];
}

/** What a person agreed to, as Wapas knew it at any moment. */
@Injectable()
export class ReviewConsents {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(IdentifyPeople) private readonly identifyPeople: IdentifyPeople,
  ) {}

  /** Null when there is no such person. A guest who turned out to be a customer is asked about as the customer. */
  async at(asked: string, at: Instant): Promise<ConsentReview | null> {
    const personId = await mergeStore.today(this.database, asked);
    if (!(await personStore.isKnown(this.database, personId))) return null;
    const entries = await consentStore.knownAt(this.database, personId, at);
    const suppressions = await suppressionStore.inForce(this.database, personId, at);
    return { entries, suppressions, states: statesOf(entries) };
  }

  /** What to suppress for exactly one identifier: the person of a customer id, null when they were erased, else the address itself. */
  async subjectOf(
    { customerId, phone, email, whatsappId }: PersonRef,
    now: Instant,
  ): Promise<Pick<NewSuppression, 'subject' | 'subjectKind'> | null> {
    if (phone !== undefined) return { subject: this.identifyPeople.keyOf('phone', phone), subjectKind: 'phone' };
    if (whatsappId !== undefined)
      return { subject: this.identifyPeople.keyOf('whatsapp_id', whatsappId), subjectKind: 'whatsapp_id' };
    if (email !== undefined) return { subject: this.identifyPeople.keyOf('email', email), subjectKind: 'email' };
    const sighting = this.identifyPeople.sightingOf('person', now, { customerId });
    const { personOf } = await this.database.transaction((tx) => this.identifyPeople.identify(tx, [sighting]));
    const subject = personOf.get('person');
    return subject === undefined ? null : { subject, subjectKind: 'person' };
  }
}

/** For every purpose, each channel that anything was said about. */
export function statesOf(entries: readonly StoredConsent[]): ConsentReview['states'] {
  const channels = [...new Set(entries.map(({ channel }) => channel))].sort();
  return PURPOSES.flatMap((purpose) =>
    channels.flatMap((channel) => {
      const entry = holding(entries, purpose, channel);
      return entry ? [{ purpose, channel, entry }] : [];
    }),
  );
}
