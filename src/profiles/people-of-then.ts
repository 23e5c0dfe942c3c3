import { type Queryable } from '@wapas/database';
import { type EntityKey, type EntityKeys } from '@wapas/entity-keys';
import { type KeyedEvent, keyInMode } from '../ingestion/past-events.api';
import { ownersOf, type Sighting } from './rules/resolve-people';
import { contactHistoryStore, type KnownPerson } from './store/contact-history.store';

/** Whom stored events concern, and what was known of them at any moment. Only reads: nobody is met and nothing is learnt. */
export class PeopleOfThen {
  constructor(private readonly hasher: Pick<EntityKeys, 'keyOf'>) {}

  /** The person of each event, as is known today; absent: it names nobody, or somebody who was erased. */
  async owners(db: Queryable, events: readonly KeyedEvent[]): Promise<ReadonlyMap<string, string>> {
    const sightings = events.map((one) => this.sightingIn(one));
    const keys = new Set<EntityKey>();
    for (const { customer, phone, email, whatsapp } of sightings)
      for (const key of [customer, phone?.key, email?.key, whatsapp?.key]) if (key !== undefined) keys.add(key);
    return keys.size === 0 ? new Map() : ownersOf(sightings, await contactHistoryStore.owners(db, [...keys]));
  }

  /** In any order; who is unknown is absent. */
  histories = (db: Queryable, personIds: readonly string[]): Promise<KnownPerson[]> => contactHistoryStore.of(db, personIds);

  /** What identifies a person; where they are reached is not asked here. */
  private sightingIn({ event: { id, occurredAt, test, content }, keys }: KeyedEvent): Sighting {
    const { email, whatsappId } = content.person ?? {};
    const customer = keys.find(({ kind }) => kind === 'customer')?.key;
    const phone = keys.find(({ kind }) => kind === 'phone')?.key;
    const keyOf = (kind: 'email' | 'whatsapp_id', value: string): EntityKey => keyInMode(this.hasher, test, kind, value);
    return {
      eventId: id,
      at: occurredAt,
      customer,
      phone: phone === undefined ? undefined : { key: phone, e164: '' },
      email: email === undefined || phone !== undefined ? undefined : { key: keyOf('email', email), address: '' },
      whatsapp: whatsappId === undefined ? undefined : { key: keyOf('whatsapp_id', whatsappId), id: '' },
      pushTokens: [],
    };
  }
}
