import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { Bus } from '@wapas/events';
import { type Instant, toIso } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { lockOfPerson } from './lock-of-person';
import { type PersonOptedOut } from './profiles.api';
import { type Purpose } from './rules/consent';
import { peopleOfKeysStore } from './store/people-of-keys.store';
import { type NewSuppression, suppressionStore } from './store/suppression.store';

/** Forbids messages to people and addresses, and allows them again. Holds the lock of everybody concerned, as a claim does. */
@Injectable()
export class SuppressPeople {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
  ) {}

  /** Gives the ids of the suppressions, in order. When it resolves, no call that they forbid will start. */
  suppress(suppressions: readonly NewSuppression[]): Promise<string[]> {
    return this.database.transaction((tx) => this.suppressIn(tx, suppressions));
  }

  async suppressIn(tx: Transaction, suppressions: readonly NewSuppression[]): Promise<string[]> {
    if (suppressions.length === 0) return [];
    await this.lock(tx, suppressions);
    return suppressionStore.add(tx, suppressions);
  }

  /** As `suppressIn`, for what people asked for themselves: the team is told whom it concerns. */
  async stopIn(tx: Transaction, stops: readonly NewSuppression[], how: PersonOptedOut['how'], at: Instant): Promise<void> {
    if (stops.length === 0) return;
    const sharers = await this.lock(tx, stops);
    await suppressionStore.add(tx, stops);
    const optOuts = stops.flatMap(({ subject, purpose, channel, source }) =>
      (sharers.get(subject as EntityKey) ?? []).map((personId) => ({
        personId,
        purpose: purpose ?? ('all' as const),
        channel: channel ?? 'all',
        how,
        source,
        at: toIso(at),
      })),
    );
    this.bus.publish(tx, 'person.opted_out', optOuts);
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
  private async lock(
    tx: Transaction,
    subjects: readonly Pick<NewSuppression, 'subject' | 'subjectKind'>[],
  ): Promise<ReadonlyMap<EntityKey, readonly string[]>> {
    const people = subjects.filter(({ subjectKind }) => subjectKind === 'person').map(({ subject }) => subject);
    const addresses = subjects.filter(({ subjectKind }) => subjectKind !== 'person').map(({ subject }) => subject as EntityKey);
    const sharers = await peopleOfKeysStore.byAddresses(tx, addresses);
    tx.lockKeys([...[...people, ...[...sharers.values()].flat()].map(lockOfPerson), ...addresses]);
    return sharers;
  }
}
