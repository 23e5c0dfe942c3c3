import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database } from '@wapas/database';
import { toIso } from '@wapas/kernel';
import { messageReader } from '../channels/channels.api';
import { eventReader } from '../ingestion/ingestion.api';
import { runReader } from '../journeys/journeys.api';
import { consentStore } from './store/consent.store';
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

  /** Null when there is no such person. */
  async export(personId: string): Promise<Record<string, unknown> | null> {
    const person = await personStore.person(this.database, personId);
    if (!person) return null;
    const keys = (await personStore.keysOfPerson(this.database, personId)).map(({ key }) => key);
    const events = await eventReader.byKeys(this.database, keys, MOST_EVENTS);
    const runs = await runReader.runsOfPerson(this.database, personId, MOST_RUNS);
    const messages = await messageReader.storiesOf(
      this.database,
      runs.map(({ id }) => id),
    );
    const now = this.clock.now();
    const consents = await consentStore.knownAt(this.database, personId, now);
    return {
      exportedAt: toIso(now),
      person: {
        id: person.id,
        name: person.name,
        createdAt: person.createdAt,
        traits: await traitStore.ofPerson(this.database, personId),
      },
      addresses: (await personStore.addresses(this.database, personId)).map(({ kind, value, platform, lastSeenAt, blocks }) => ({
        kind,
        value,
        platform,
        lastSeenAt,
        blocks,
      })),
      consents: consents.map((one) => ({ ...one, at: toIso(one.at), recordedAt: toIso(one.recordedAt) })),
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
    };
  }
}
