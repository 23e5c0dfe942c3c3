import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { EntityKeys, type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { keyInMode } from '../ingestion/ingestion.api';
import { learnPeople } from './learn-people';
import { endingOf } from './phone-ending';
import { type Resolution, type Sighting } from './rules/resolve-people';

/** Whom somebody means, normalised: the phone is E.164, the e-mail lower-case. */
export interface PersonRef {
  readonly customerId?: string;
  readonly phone?: string;
  readonly email?: string;
  /** WhatsApp's business-scoped id. */
  readonly whatsappId?: string;
}

/** Finds the people that identifiers stand for, and makes those who are new. */
@Injectable()
export class IdentifyPeople {
  constructor(@Inject(EntityKeys) private readonly hasher: EntityKeys) {}

  /** Two writers who meet a person at the same moment make one. */
  identify(tx: Transaction, sightings: readonly Sighting[]): Promise<Resolution> {
    return learnPeople(tx, sightings);
  }

  /** `name` is any word by which the caller finds the person in the resolution again. */
  sightingOf(name: string, at: Instant, { customerId, phone, email, whatsappId }: PersonRef, consentGivenAt?: Instant): Sighting {
    return {
      eventId: name,
      at,
      customer: customerId === undefined ? undefined : this.keyOf('customer', customerId),
      phone:
        phone === undefined
          ? undefined
          : { key: this.keyOf('phone', phone), e164: phone, ending: endingOf(this.hasher, phone, false) },
      email: email === undefined ? undefined : { key: this.keyOf('email', email), address: email },
      whatsapp: whatsappId === undefined ? undefined : { key: this.keyOf('whatsapp_id', whatsappId), id: whatsappId },
      pushTokens: [],
      consentGivenAt,
    };
  }

  endingOf(phone: string): EntityKey {
    return endingOf(this.hasher, phone, false);
  }

  keyOf(kind: 'customer' | 'phone' | 'email' | 'whatsapp_id', value: string): EntityKey {
    return keyInMode(this.hasher, false, kind, value);
  }
}
