import { type Queryable, type Transaction } from '@wapas/database';
import { type AddressBlock, personStore } from './store/person.store';

export { type Reachable } from './store/person.store';

/** Bus event `event.attributed`: it is known whom a recorded event concerns; null when it names nobody. */
export interface EventAttributed {
  readonly id: string;
  readonly name: string;
  readonly personId: string | null;
}

/** What other modules may ask about people. */
export const people = {
  /** Where each of them can be reached on a channel; absent when nowhere. */
  reachable: (db: Queryable, personIds: readonly string[], kind: string, channel: string) =>
    personStore.reachable(db, personIds, kind, channel),
  /** Addresses turned out to be of no use on a channel. */
  block: (tx: Transaction, blocks: readonly AddressBlock[]) => personStore.block(tx, blocks),
  /** Their names, and the units that arms and variants are drawn by. */
  about: personStore.about,
  keysOf: (db: Queryable, personId: string) => personStore.keysOfPerson(db, personId),
  byKey: personStore.peopleByKey,
  find: personStore.person,
  addressesOf: personStore.addresses,
};
