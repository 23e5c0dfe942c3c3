import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { Bus } from '@wapas/events';
import { type Instant, toIso } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { lockOfPerson, locksOfSharers, outlastClaims } from './lock-of-person';
import { type PersonOptedOut } from './profiles.events';
import { type Purpose } from './rules/consent';
import { peopleOfKeysStore } from './store/people-of-keys.store';
import { type NewSuppression, suppressionStore } from './store/suppression.store';

type Subject = Pick<NewSuppression, 'subject' | 'subjectKind'>;

/** Forbids messages to people and addresses, and allows them again. Holds the lock of everybody concerned, as a claim does, unless they are a crowd. */
@Injectable()
export class SuppressPeople {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
  ) {}

  /** Gives the ids of the suppressions, in order. When it resolves, no call that they forbid will start. */
  async suppress(suppressions: readonly NewSuppression[]): Promise<string[]> {
    if (suppressions.length === 0) return [];
    const ids = await this.database.transaction(async (tx) => {
      await this.lock(tx, suppressions);
      return suppressionStore.add(tx, suppressions);
    });
    await this.outlast(suppressions);
    return ids;
  }

  /** What people asked for themselves: the team is told whom it concerns. Whoever promises that no call starts calls `outlast` once it is committed. */
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
    subjects: readonly Subject[],
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
   * Resolves when no call will start that committed suppressions of these forbid: of a crowd, and of whoever has taken an address up
   * meanwhile, a claim that began before may not have seen them.
   */
  async outlast(subjects: readonly Subject[]): Promise<void> {
    const sharers = await peopleOfKeysStore.byAddresses(this.database, addressesIn(subjects));
    await outlastClaims(this.database, [...sharers.values()].flat());
  }

  /** Claims hold the locks of people, not of addresses: whoever shares the address is found first, without locks, and then all are taken at once. */
  private async lock(tx: Transaction, subjects: readonly Subject[]): Promise<ReadonlyMap<EntityKey, readonly string[]>> {
    const people = subjects.filter(({ subjectKind }) => subjectKind === 'person').map(({ subject }) => subject);
    const addresses = addressesIn(subjects);
    const sharers = await peopleOfKeysStore.byAddresses(tx, addresses);
    tx.lockKeys([...people.map(lockOfPerson), ...locksOfSharers(sharers), ...addresses]);
    return sharers;
  }
}

const addressesIn = (subjects: readonly Subject[]): EntityKey[] =>
  subjects.flatMap(({ subject, subjectKind }) => (subjectKind === 'person' ? [] : [subject as EntityKey]));
