import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database } from '@wapas/database';
import { toIso } from '@wapas/kernel';
import { messageReader } from '../channels/channels.api';
import { eventReader } from '../ingestion/ingestion.api';
import { runReader } from '../journeys/journeys.api';
import { consentStore } from './store/consent.store';
import { mergeStore } from './store/merge.store';
import { addressStore } from './store/address.store';
import { personStore } from './store/person.store';
import { suppressionStore } from './store/suppression.store';
import { traitStore } from './store/trait.store';

/** Far more than a customer has; a bound, so that no answer grows without one. */
const MOST_EVENTS = 10_000;
const MOST_RUNS = 2_000;

/** Everything that Wapas holds of one person, to be handed to them (DPDP): in the clear, except what it keeps as hashes only. */
@Injectable()
export class ExportPerson {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
  ) {}

  /**
   * Null when there is no such person. By the id of a guest who turned out to be a customer it is the customer's. What cannot be opened,
   * since it is damaged or its key is gone, is null and named in `unreadable`.
   */
  async export(asked: string): Promise<Record<string, unknown> | null> {
    const personId = await mergeStore.today(this.database, asked);
    const person = await personStore.person(this.database, personId);
    if (!person) return null;
    const keys = (await personStore.keysOfPerson(this.database, personId)).map(({ key }) => key);
    const others = await personStore.customersBeside(this.database, keys);
    const events = await eventReader.readByKeys(this.database, { keys, others, limit: MOST_EVENTS });
    const runs = await runReader.runsOfPerson(this.database, personId, MOST_RUNS);
    const messages = await messageReader.storiesOf(
      this.database,
      runs.map(({ id }) => id),
    );
    const now = this.clock.now();
    const addresses = await addressStore.addresses(this.database, personId);
    const consents = await consentStore.knownAt(this.database, personId, now);
    return {
      exportedAt: toIso(now),
      person: {
        id: person.id,
        name: person.name,
        createdAt: person.createdAt,
        erasedAt: person.erasedAt,
        traits: await traitStore.ofPerson(this.database, personId),
      },
      addresses: addresses.map(({ kind, value, platform, lastSeenAt, blocks }) => ({
        kind,
        value,
        platform,
        lastSeenAt,
        blocks,
      })),
      consents: consents.map(({ hasProof: _hasProof, ...one }) => ({
        ...one,
        at: toIso(one.at),
        recordedAt: toIso(one.recordedAt),
      })),
      suppressions: await suppressionStore.inForce(this.database, personId, now),
      events: events.map(({ id, source, name, occurredAt, receivedAt, content }) => ({
        id,
        source,
        name,
        occurredAt: toIso(occurredAt),
        receivedAt: toIso(receivedAt),
        content,
      })),
      runs,
      messages,
      unreadable: [
        ...(person.isNameReadable ? [] : ['person.name']),
        ...addresses.flatMap(({ value }, index) => (value === null ? [`addresses[${index}].value`] : [])),
        ...consents.flatMap(({ proof, hasProof }, index) => (hasProof && proof === null ? [`consents[${index}].proof`] : [])),
        ...events.flatMap(({ content }, index) => (content === null ? [`events[${index}].content`] : [])),
      ],
    };
  }
}
