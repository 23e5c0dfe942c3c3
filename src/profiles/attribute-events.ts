import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { EntityKeys, type EntityKey, lockOf } from '@wapas/entity-keys';
import { Bus, type BusHandler } from '@wapas/events';
import { newId } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import { type EventRecorded, eventReader, keyInMode, type StoredEvent } from '../ingestion/ingestion.api';
import { resolvePeople, type Sighting } from './rules/resolve-people';
import { personStore } from './store/person.store';

/** Finds out whom recorded events concern and learns identifiers and addresses from them. */
@Injectable()
export class AttributeEvents implements BusHandler<EventRecorded> {
  constructor(
    @Inject(EntityKeys) private readonly hasher: EntityKeys,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
  ) {}

  async handle(tx: Transaction, items: readonly EventRecorded[]): Promise<void> {
    const events = await eventReader.byIds(
      tx,
      items.map((item) => item.id),
    );
    const sightings = events.sort((a, b) => a.occurredAt - b.occurredAt).map((event) => this.sightingIn(event));
    const keys = sightings.flatMap(keysOfSighting);
    await tx.lockKeys(keys.map(lockOf));
    const resolution = resolvePeople(sightings, await personStore.identifiers(tx, keys), newId);
    await personStore.save(tx, resolution);
    await this.bus.publish(
      tx,
      'event.attributed',
      items.map(({ id, name }) => ({ id, name, personId: resolution.personOf.get(id) ?? null })),
    );
  }

  private sightingIn({ id, occurredAt, test, content: { person = {} } }: StoredEvent): Sighting {
    const { customerId, phone, email, name, pushTokens = [] } = person;
    const keyOf = (kind: Parameters<typeof keyInMode>[2], value: string) => keyInMode(this.hasher, test, kind, value);
    return {
      eventId: id,
      at: occurredAt,
      customer: customerId === undefined ? undefined : keyOf('customer', customerId),
      phone: phone === undefined ? undefined : { key: keyOf('phone', phone), e164: phone },
      email: email === undefined ? undefined : { key: keyOf('email', email), address: email },
      name,
      pushTokens: pushTokens.map(({ token, platform }) => ({ key: keyOf('push_token', token), token, platform })),
    };
  }
}

const keysOfSighting = ({ customer, phone, email }: Sighting): EntityKey[] =>
  [customer, phone?.key, email?.key].filter((key) => key !== undefined);
