import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { EntityKeys, type EntityKey } from '@wapas/entity-keys';
import { type Instant, newId } from '@wapas/kernel';
import { keyInMode } from '../ingestion/ingestion.api';
import { keysOfSighting, newsAmong, type Resolution, resolvePeople, type Sighting } from './rules/resolve-people';
import { endingOf } from './phone-ending';
import { personStore } from './store/person.store';

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

  /** Takes the locks of all identifiers: two writers who meet a person at the same moment make one. */
  async identify(tx: Transaction, sightings: readonly Sighting[]): Promise<Resolution> {
    const keys = sightings.flatMap(keysOfSighting);
    tx.lockKeys(keys);
    const known = await personStore.identifiers(tx, keys);
    const resolution = resolvePeople(sightings, known, newId);
    personStore.save(tx, resolution);
    personStore.sight(tx, newsAmong(resolution.addresses, known));
    return resolution;
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
