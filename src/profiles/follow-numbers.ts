import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { IdentifyPeople } from './identify-people';
import { locksOfSharers } from './lock-of-person';
import { isLeft, whoFollows } from './rules/number-change';
import { addressStore, NUMBER_CHANGED } from './store/address.store';
import { numberChangeStore } from './store/number-change.store';
import { peopleOfKeysStore } from './store/people-of-keys.store';
import { personStore } from './store/person.store';
import { suppressionStore } from './store/suppression.store';

/** A vendor says that whoever was at one number of its channel is at another. */
export interface HeardChange {
  readonly channel: string;
  /** The vendor's id of the news: heard twice, it acts once. */
  readonly sourceId: string;
  /** E.164 with `+`. */
  readonly from: string;
  readonly to: string;
  readonly at: Instant;
}

/**
 * A person took their account on a channel to another number. Nothing more is sent to the old one there, whoever it is: it may be a
 * stranger's next. The new one becomes an address and an identifier of the person, where it is certain who that is (`whoFollows`);
 * two people are never made one by it. On other channels the old number is still the better one until a source shows the new one.
 *
 * What was agreed to belongs to the person and the channel, not to the number: a change grants nothing and takes nothing back, and a
 * withdrawal holds wherever they are. What was said of the old number itself, a stop word or the vendor's own switch, comes along to
 * the new one; who says start there takes it back at both. News come in any order: what happened last decides which of two numbers is
 * the one in use. Of two changes in a row of which the second is heard first the person ends with neither: the one between is not in
 * use, and whom the last one belongs to was not known then.
 */
@Injectable()
export class FollowNumbers {
  constructor(@Inject(IdentifyPeople) private readonly identifyPeople: IdentifyPeople) {}

  /**
   * When it is committed, no call to the old number will start on that channel but one that is just being claimed for somebody of a crowd.
   * Takes the locks of everybody who has one of the numbers, unless they are one: nobody of a crowd is followed.
   */
  async followIn(tx: Transaction, { channel, sourceId, from, to, at }: HeardChange): Promise<void> {
    const [old, fresh] = [this.identifyPeople.keyOf('phone', from), this.identifyPeople.keyOf('phone', to)];
    const both = [old, fresh];
    const people = await peopleOfKeysStore.byIdentifiers(tx, both);
    tx.lockKeys([...locksOfSharers(people), ...both]);
    const happenedAt = await numberChangeStore.add(tx, { channel, sourceId, from: old, to: fresh, at });
    if (happenedAt === null) return;
    const changes = await numberChangeStore.about(tx, channel, both);
    const inUse = both.filter((key) => !isLeft(key, changes));
    const left = both.filter((key) => isLeft(key, changes));
    await addressStore.block(
      tx,
      left.map((key) => ({ key, channel, reason: NUMBER_CHANGED })),
    );
    await addressStore.unblock(tx, inUse, { channel, reason: NUMBER_CHANGED, before: happenedAt });
    await suppressionStore.carryOver(tx, { from: old, to: fresh, channel });
    if (inUse.includes(fresh)) await this.attach(tx, old, { key: fresh, phone: to }, happenedAt);
  }

  private async attach(tx: Transaction, old: EntityKey, to: { key: EntityKey; phone: string }, at: Instant): Promise<void> {
    const personId = whoFollows({ from: old, to: to.key }, await personStore.identifiers(tx, [old, to.key]));
    if (personId === undefined) return;
    // Whoever is being erased is found to be so here, or their erasure finds the new number.
    if ((await personStore.hold(tx, [personId])).size > 0) return;
    personStore.learn(tx, [{ key: to.key, kind: 'phone', personId, what: 'number_changed' }]);
    const ending = this.identifyPeople.endingOf(to.phone);
    addressStore.follow(tx, { personId, old, key: to.key, value: to.phone, ending, at });
  }
}
