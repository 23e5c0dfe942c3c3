import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { Bus, type BusHandler } from '@wapas/events';
import { type BusEvents } from '../bus-events';
import { lockOfPerson } from './lock-of-person';
import { type GuestMet } from './profiles.events';
import { mayMerge } from './rules/may-merge';
import { mergeStore } from './store/merge.store';

/**
 * Makes a guest and a customer one, when nothing speaks for anybody else. The customer stays who they are; the guest's
 * identifiers, consents, suppressions and traits become theirs at once, runs and messages follow, addresses come last, so that
 * what was planned for the guest still finds its way.
 */
@Injectable()
export class MergePeople implements BusHandler<GuestMet> {
  constructor(@Inject(Bus) private readonly bus: Bus<BusEvents>) {}

  async handle(tx: Transaction, items: readonly GuestMet[]): Promise<void> {
    for (const { guestId, personId, eventId } of items) {
      tx.lockKeys([lockOfPerson(guestId), lockOfPerson(personId)]);
      const identifiers = await mergeStore.identifiers(tx, [guestId, personId]);
      const facts = {
        guestId,
        customerId: personId,
        guest: identifiers.filter((one) => one.personId === guestId),
        customer: identifiers.filter((one) => one.personId === personId),
        holders: await mergeStore.holders(tx, guestId),
      };
      if (!mayMerge(facts)) continue;
      await mergeStore.merge(tx, guestId, personId, eventId);
      this.bus.publish(tx, 'people.merged', [{ guestId, personId }]);
    }
  }
}
