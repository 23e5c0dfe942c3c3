import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { IdentifyPeople } from './identify-people';
import { locksOfSharers } from './lock-of-person';
import { whoIsNamed } from './rules/vendor-name';
import { addressStore } from './store/address.store';
import { peopleOfKeysStore } from './store/people-of-keys.store';
import { personStore } from './store/person.store';

/** WhatsApp calls whoever is at a number by a name of its own. */
export interface HeardName {
  readonly name: string;
  /** Keyed hash of the number. */
  readonly phone: EntityKey;
  readonly at: Instant;
}

/**
 * Learns by what name of its own WhatsApp knows whoever is at a number, so that what is said under the name alone is said by them: a
 * stop under it, earlier ones included, holds for everybody who has the number (`whoIsNamed`). Nobody is made up and no two people are
 * made one by it; how it came to be known is on record.
 */
@Injectable()
export class LearnNames {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(IdentifyPeople) private readonly identifyPeople: IdentifyPeople,
  ) {}

  /** A gateway of the team gave both. `phone` in E.164. */
  learn(name: string, phone: string, at: Instant): Promise<void> {
    return this.database.transaction((tx) => this.learnIn(tx, [{ name, phone: this.identifyPeople.keyOf('phone', phone), at }]));
  }

  /**
   * Under the locks of whom it concerns, unless they are a crowd: a claim sees what was said under the name, or was before it, and nobody
   * turns out to be somebody else meanwhile. That nobody of a crowd ever does (`mayMerge`).
   */
  async learnIn(tx: Transaction, heard: readonly HeardName[]): Promise<void> {
    const names = heard.map((one) => ({ ...one, key: this.identifyPeople.keyOf('whatsapp_id', one.name) }));
    const keys = names.flatMap(({ key, phone }) => [key, phone]);
    const people = await peopleOfKeysStore.byIdentifiers(tx, keys);
    tx.lockKeys([...locksOfSharers(people), ...keys]);
    const known = await personStore.identifiers(tx, keys);
    const learnt = new Map(
      names.flatMap((one) =>
        whoIsNamed({ phone: one.phone, name: one.key }, known).map((personId) => [
          `${personId} ${one.key}`,
          { ...one, personId },
        ]),
      ),
    );
    // Whoever is being erased is found to be so here, or their erasure finds the name.
    const gone = await personStore.hold(tx, [...new Set([...learnt.values()].map(({ personId }) => personId))]);
    const left = [...learnt.values()].filter(({ personId }) => !gone.has(personId));
    personStore.learn(
      tx,
      left.map(({ key, personId }) => ({ key, kind: 'whatsapp_id', personId, what: 'vendor_named' })),
    );
    addressStore.sight(
      tx,
      left.map(({ key, personId, name, at }) => ({ key, personId, kind: 'whatsapp_id', value: name, lastSeenAt: at })),
    );
  }
}
