import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { inSlices, type Instant, toIso } from '@wapas/kernel';
import { IdentifyPeople, type PersonRef } from './identify-people';
import { lockOfPerson, MOST_LOCKED } from './lock-of-person';
import { Bus } from '@wapas/events';
import { type BusEvents } from '../bus-events';
import { type ConsentState, type Purpose } from './rules/consent';
import { type PersonOptedOut } from './profiles.events';
import { keysOfSighting, saidByOf } from './rules/resolve-people';
import { consentStore, type NewConsent } from './store/consent.store';
import { mergeStore } from './store/merge.store';
import { peopleOfKeysStore } from './store/people-of-keys.store';
import { personStore } from './store/person.store';

/** What a customer said, as a form, an import or an event tells it. */
export interface StatedConsent {
  readonly person: PersonRef;
  readonly purpose: Purpose | 'all';
  readonly channel: string;
  readonly state: ConsentState;
  /** When they said so. */
  readonly at: Instant;
  readonly source: string;
  readonly noticeVersion?: string;
  readonly noticeLanguage?: string;
  readonly proof?: string;
  readonly importId?: string;
}

/**
 * Writes down what customers agree to and take back. What is committed here binds every claim that follows: both hold the
 * person's lock, so a withdrawal that has its 2xx is seen before the next call.
 */
@Injectable()
export class RecordConsents {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(IdentifyPeople) private readonly identifyPeople: IdentifyPeople,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
  ) {}

  /** Gives the people each statement was written down for, in order: none when it names nobody. */
  async record(stated: readonly StatedConsent[]): Promise<string[][]> {
    const people = await this.peopleOf(stated);
    await this.appendApart(this.entriesOf(stated, people));
    return people;
  }

  /** As `append`, in transactions of so many: what is taken back by a number that thousands share binds each of them. Said again after a failure, it changes nothing more. */
  async appendApart(entries: readonly NewConsent[]): Promise<number> {
    let appended = 0;
    for (const some of inSlices(entries, MOST_LOCKED)) appended += await this.database.transaction((tx) => this.append(tx, some));
    return appended;
  }

  /**
   * Gives how many were new: the same statement told twice is one. What a guest said binds whom they have turned out to be
   * meanwhile: nobody asks the guest's own ledger any more. Who was erased meanwhile has none.
   */
  async append(tx: Transaction, entries: readonly NewConsent[]): Promise<number> {
    tx.lockKeys(entries.map(({ personId }) => lockOfPerson(personId)));
    const heirs = await mergeStore.heirs(
      tx,
      entries.map(({ personId }) => personId),
    );
    tx.lockKeys([...heirs.values()].map(lockOfPerson));
    const inherited = entries.map((entry) => ({ ...entry, personId: heirs.get(entry.personId) ?? entry.personId }));
    const erased = await personStore.erased(
      tx,
      inherited.map(({ personId }) => personId),
    );
    const appended = await consentStore.append(
      tx,
      inherited.filter(({ personId }) => !erased.has(personId)),
    );
    this.bus.publish(tx, 'person.opted_out', optOutsOf(appended));
    return appended.length;
  }

  /**
   * A withdrawal by a phone or an e-mail alone binds everybody who is known by it: who meant which of them is not for us to
   * guess. Committed before the ledger is written, so that identifiers and people are never locked together.
   */
  async peopleOf(stated: readonly StatedConsent[]): Promise<string[][]> {
    return this.database.transaction(async (tx) => {
      const sightings = stated.map(({ person, at, state }, index) =>
        this.identifyPeople.sightingOf(String(index), at, person, state === 'granted' ? at : undefined),
      );
      const { personOf } = await this.identifyPeople.identify(tx, sightings);
      const shared = sightings.filter((one, index) => stated[index]?.state === 'withdrawn' && one.customer === undefined);
      const sharers = await peopleOfKeysStore.byIdentifiers(tx, shared.flatMap(keysOfSighting));
      return sightings.map((one) => {
        const own = personOf.get(one.eventId);
        const others = shared.includes(one) ? keysOfSighting(one).flatMap((key) => sharers.get(key) ?? []) : [];
        return [...new Set([...(own === undefined ? [] : [own]), ...others])];
      });
    });
  }

  /** What each of these people has said or is bound by. */
  entriesOf(stated: readonly StatedConsent[], people: readonly (readonly string[])[]): NewConsent[] {
    return stated.flatMap(({ person, ...one }, index) => {
      const saidBy = saidByOf(this.identifyPeople.sightingOf('', one.at, person));
      return (people[index] ?? []).map((personId) => ({ ...one, personId, saidBy }));
    });
  }
}

/** What was taken back, as the team is told. */
const optOutsOf = (entries: readonly NewConsent[]): PersonOptedOut[] =>
  entries
    .filter(({ state }) => state === 'withdrawn')
    .map(({ personId, purpose, channel, source, at }) => ({
      personId,
      purpose,
      channel,
      how: 'consent_withdrawn',
      source,
      at: toIso(at),
    }));
