import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { EntityKeys, type EntityKey } from '@wapas/entity-keys';
import { type BusHandler } from '@wapas/events';
import { erasureDone, type PersonErased } from '../profiles/profiles.api';
import { keyInMode } from './entity-keys-of-event';
import { eraseEventsStore } from './store/erase-events.store';
import { quarantineStore } from './store/quarantine.store';
import { eventStore, type StoredEvent } from './store/event.store';

/** Blanks the contents of an erased person's events, and drops quarantined bodies that may name them. What names another customer on the same phone stays. */
@Injectable()
export class EraseEvents implements BusHandler<PersonErased> {
  constructor(@Inject(EntityKeys) private readonly hasher: EntityKeys) {}

  async handle(tx: Transaction, items: readonly PersonErased[]): Promise<void> {
    for (const { keys } of items) {
      const events = await eventStore.byIds(tx, await eraseEventsStore.markedBy(tx, keys));
      const own = events.filter((event) => this.concerns(event, new Set(keys)));
      await eraseEventsStore.blank(
        tx,
        own.map(({ id }) => id),
      );
      // A body that nobody could read belongs to nobody's history: if it may name them it goes whole.
      await quarantineStore.erase(tx, keys);
    }
    await erasureDone(
      tx,
      items.map(({ erasureId }) => erasureId),
      'events',
    );
  }

  private concerns({ content: { person = {} }, test }: StoredEvent, keys: ReadonlySet<EntityKey>): boolean {
    return person.customerId === undefined || keys.has(keyInMode(this.hasher, test, 'customer', person.customerId));
  }
}
