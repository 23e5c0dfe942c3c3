import { type Queryable, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { contactStore } from './store/contact.store';
import { mergeStore } from './store/merge.store';
import { type AddressBlock, addressStore } from './store/address.store';
import { peopleOfKeysStore } from './store/people-of-keys.store';
import { personStore } from './store/person.store';
import { suppressionStore } from './store/suppression.store';
import { traitStore } from './store/trait.store';

export { erasureDone } from './erasure-done';
export { FollowNumbers } from './follow-numbers';
export { HearInbound, type InboundMessage } from './hear-inbound';
export { type HeardName, LearnNames } from './learn-names';
export { lockOfPerson } from './lock-of-person';
export { purposeOf } from './rules/consent';
export { type ContactFacts, type ContactRefusal, mayContact } from './rules/may-contact';
export { contactAt, couldBeReached } from './rules/contact-history';
export { SuppressPeople } from './suppress-people';
export { type AddressBlock, type Reachable } from './store/address.store';
export type * from './profiles.events';

/** What other modules may ask about people. */
export const people = {
  /** Where each of them can be reached on a channel; absent when nowhere, null when that cannot be opened. */
  reachable: (db: Queryable, personIds: readonly string[], kind: string, channel: string) =>
    addressStore.reachable(db, personIds, kind, channel),
  /** Whom those of them became who turned out to be a customer, by guest. Under their locks it stays so. */
  heirs: (db: Queryable, personIds: readonly string[]) => mergeStore.heirs(db, personIds),
  /** Those of them who were erased. Under their locks it stays so. */
  erased: personStore.erased,
  /** Addresses of merged guests go to the customers they turned out to be. */
  giveAddresses: mergeStore.giveAddresses,
  /** Their devices beside the given ones: a push goes to each. */
  liveTokens: (db: Queryable, personIds: readonly string[], channel: string, known: readonly EntityKey[]) =>
    addressStore.liveTokens(db, personIds, channel, known),
  /** What decides whether they may be written to, of those who took something back, are minors or on a suppression list. */
  restricted: (db: Queryable, personIds: readonly string[]) => contactStore.restricted(db, personIds),
  /** Addresses turned out to be of no use on a channel. */
  block: (tx: Transaction, blocks: readonly AddressBlock[]) => addressStore.block(tx, blocks),
  /** Their names, and the units that arms and variants are drawn by. */
  about: personStore.about,
  keysOf: (db: Queryable, personId: string) => personStore.keysOfPerson(db, personId),
  byKey: personStore.peopleByKey,
  /** Everybody who is known by each of these keys. */
  byKeys: (db: Queryable, keys: readonly EntityKey[]) => peopleOfKeysStore.byIdentifiers(db, keys),
  /** The customer ids of everybody who is known by one of these keys. */
  customersBeside: personStore.customersBeside,
  /** Those, and what people who were erased were known by beside these keys. */
  othersBeside: personStore.othersBeside,
  /** What forbade messages to them, now or before: the latest, newest first. */
  stopsOf: (db: Queryable, personId: string, limit: number) => suppressionStore.ever(db, personId, limit),
  find: personStore.person,
  /** Who somebody is today: the customer, for a guest who turned out to be one. */
  today: (db: Queryable, personId: string) => mergeStore.today(db, personId),
  /** Whose device it is; undefined: nobody's. */
  tokenOwner: addressStore.tokenOwner,
  /** Of pairs of WhatsApp's own name for somebody and their number, those of which somebody has the number and is not known by the name. */
  unnamed: <Pair extends { readonly name: EntityKey; readonly phone: EntityKey }>(db: Queryable, pairs: readonly Pair[]) =>
    peopleOfKeysStore.unnamed(db, pairs),
  /** The languages they asked for; absent: they did not say. */
  languages: traitStore.languages,
};
