import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { EntityKeys, type EntityKey } from '@wapas/entity-keys';
import { type BusHandler } from '@wapas/events';
import { erasureDone, people, type PersonErased } from '../profiles/profiles.api';
import { keyInMode } from './entity-keys-of-event';
import { eraseEventsStore } from './store/erase-events.store';
import { quarantineStore } from './store/quarantine.store';
import { eventStore, type StoredEvent } from './store/event.store';

/** Who has been a customer for years has events of years: opened all at once, a big shop's would fill the memory. */
const OPENED_AT_A_TIME = 500;

/** Blanks the contents of an erased person's events, and drops quarantined bodies that may name them. What names another customer on the same phone stays. */
@Injectable()
export class EraseEvents implements BusHandler<PersonErased> {
  constructor(@Inject(EntityKeys) private readonly hasher: EntityKeys) {}

  async handle(tx: Transaction, items: readonly PersonErased[]): Promise<void> {
    for (const { keys } of items) {
      const ids = await eraseEventsStore.markedBy(tx, keys);
      for (let from = 0; from < ids.length; from += OPENED_AT_A_TIME)
        await this.eraseAmong(tx, ids.slice(from, from + OPENED_AT_A_TIME), keys);
      // A body that nobody could read belongs to nobody's history: if it may name them it goes whole.
      await quarantineStore.erase(tx, keys);
    }
    await erasureDone(
      tx,
      items.map(({ erasureId }) => erasureId),
      'events',
    );
  }

  private async eraseAmong(tx: Transaction, ids: readonly string[], keys: readonly EntityKey[]): Promise<void> {
    const { events, unreadable } = await eventStore.openedByIds(tx, ids);
    const own = events.filter((event) => this.concerns(event, new Set(keys))).map(({ id }) => id);
    await eraseEventsStore.blank(tx, [...own, ...(await withoutOtherCustomers(tx, [...unreadable], keys))]);
  }

  private concerns({ content: { person = {} }, test }: StoredEvent, keys: ReadonlySet<EntityKey>): boolean {
    return person.customerId === undefined || keys.has(keyInMode(this.hasher, test, 'customer', person.customerId));
  }
}

/** Of what cannot be opened the marks tell whether it names another customer who has one of these keys too. */
async function withoutOtherCustomers(tx: Transaction, ids: readonly string[], keys: readonly EntityKey[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const others = new Set(await eraseEventsStore.markedBy(tx, await people.customersBeside(tx, keys)));
  return ids.filter((id) => !others.has(id));
}
