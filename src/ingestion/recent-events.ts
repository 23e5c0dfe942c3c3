import { Inject, Injectable } from '@nestjs/common';
import { type Queryable } from '@wapas/database';
import { EntityKeys } from '@wapas/entity-keys';
import { type KeyedEvent, keysOf } from './entity-keys-of-event';
import { eventStore } from './store/event.store';

const REMEMBERED = 8_192;
const FORGET_AFTER_MS = 3_000;

/**
 * Events that this process has just committed, so that what reacts to them need not read and hash them again. Events never
 * change, so what is remembered is what is stored; what another container recorded, or what is no longer remembered, is read.
 */
@Injectable()
export class RecentEvents {
  private recent = new Map<string, KeyedEvent>();
  private earlier = new Map<string, KeyedEvent>();
  private forgetting: NodeJS.Timeout | undefined;

  constructor(@Inject(EntityKeys) private readonly hasher: EntityKeys) {}

  /** Call it once they are committed. */
  remember(events: readonly KeyedEvent[]): void {
    for (const one of events) this.recent.set(one.event.id, one);
    if (this.recent.size >= REMEMBERED) this.age();
    this.forgetting ??= setTimeout(() => this.forget(), FORGET_AFTER_MS).unref();
  }

  /** Events by id, in any order; ids of nothing are passed over. */
  async byIds(db: Queryable, ids: readonly string[]): Promise<KeyedEvent[]> {
    const found: KeyedEvent[] = [];
    const unknown: string[] = [];
    for (const id of ids) {
      const known = this.recent.get(id) ?? this.earlier.get(id);
      if (known) found.push(known);
      else unknown.push(id);
    }
    if (unknown.length > 0)
      for (const event of await eventStore.byIds(db, unknown)) found.push({ event, keys: keysOf(this.hasher, event) });
    return found;
  }

  /** Call it once whoever asks last has asked: what is let go before it grows old costs the garbage collector nothing. */
  letGo(ids: Iterable<string>): void {
    for (const id of ids) if (!this.recent.delete(id)) this.earlier.delete(id);
  }

  private age(): void {
    this.earlier = this.recent;
    this.recent = new Map();
  }

  /** Nobody's data stays in memory for long because nothing has followed it. */
  private forget(): void {
    this.forgetting = undefined;
    this.age();
    if (this.earlier.size > 0) this.forgetting = setTimeout(() => this.forget(), FORGET_AFTER_MS).unref();
  }
}
