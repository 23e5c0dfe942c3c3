import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { lockOfPerson } from './lock-of-person';
import { type Purpose } from './rules/consent';
import { peopleOfKeysStore } from './store/people-of-keys.store';
import { type NewSuppression, suppressionStore } from './store/suppression.store';

/** Forbids messages to people and addresses, and allows them again. Holds the lock of everybody concerned, as a claim does. */
@Injectable()
export class SuppressPeople {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Gives the ids of the suppressions, in order. When it resolves, no call that they forbid will start. */
  suppress(suppressions: readonly NewSuppression[]): Promise<string[]> {
    return this.database.transaction((tx) => this.suppressIn(tx, suppressions));
  }

  async suppressIn(tx: Transaction, suppressions: readonly NewSuppression[]): Promise<string[]> {
    if (suppressions.length === 0) return [];
    await this.lock(tx, suppressions);
    return suppressionStore.add(tx, suppressions);
  }

  /** False when there is none of this id in force. */
  async lift(id: string): Promise<boolean> {
    return this.database.transaction(async (tx) => suppressionStore.lift(tx, id));
  }

  /** Takes back what the same reason put there before `at` with the same scope: a late start word does not undo a newer stop. */
  async liftIn(
    tx: Transaction,
    subjects: readonly Pick<NewSuppression, 'subject' | 'subjectKind'>[],
    scope: { reason: string; channel: string | null; purpose: Purpose | null },
    at: Instant,
  ): Promise<void> {
    await this.lock(tx, subjects);
    await suppressionStore.liftOf(
      tx,
      subjects.map(({ subject }) => subject),
      scope,
      at,
    );
  }

  /**
   * Claims hold the locks of people, not of addresses: whoever shares the address is found first, without locks, and then all
   * are taken at once. A person who takes the address up in between is seen by their next claim.
   */
  private async lock(tx: Transaction, subjects: readonly Pick<NewSuppression, 'subject' | 'subjectKind'>[]): Promise<void> {
    const people = subjects.filter(({ subjectKind }) => subjectKind === 'person').map(({ subject }) => subject);
    const addresses = subjects.filter(({ subjectKind }) => subjectKind !== 'person').map(({ subject }) => subject as EntityKey);
    const sharers = [...(await peopleOfKeysStore.byAddresses(tx, addresses)).values()].flat();
    tx.lockKeys([...[...people, ...sharers].map(lockOfPerson), ...addresses]);
  }
}
