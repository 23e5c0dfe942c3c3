import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { after, type Instant } from '@wapas/kernel';
import { type KeyedEvent } from '../entity-keys-of-event';
import { RecentEvents } from '../recent-events';
import { DerivedDefinitions, type DefinitionBook } from './derived-definitions';
import { derivedStore } from './store/derived.store';

interface Arming {
  readonly key: EntityKey;
  readonly definitionId: number;
  readonly dueAt: Instant;
}

/** Where there was activity, somebody has to look when it could have been followed by silence. */
@Injectable()
export class ArmWaits {
  constructor(
    @Inject(RecentEvents) private readonly recentEvents: RecentEvents,
    @Inject(DerivedDefinitions) private readonly definitions: DerivedDefinitions,
  ) {}

  /** Safe to repeat. Events that no definition takes for activity are not even loaded. */
  async arm(tx: Transaction, items: readonly { readonly id: string; readonly name: string }[]): Promise<void> {
    const book = await this.definitions.book(tx);
    const active = items.filter(({ name }) => book.startedBy(name).length > 0);
    if (active.length === 0) return;
    const events = await this.recentEvents.byIds(
      tx,
      active.map(({ id }) => id),
    );
    await derivedStore.arm(tx, latestOfEach(events.flatMap((one) => armingsOf(one, book))));
  }
}

function armingsOf({ event, keys }: KeyedEvent, book: DefinitionBook): Arming[] {
  return book
    .startedBy(event.name)
    .flatMap(({ id, idle, definition }) =>
      keys
        .filter(({ kind }) => kind === definition.by)
        .map(({ key }) => ({ key, definitionId: id, dueAt: after(event.occurredAt, idle) })),
    );
}

function latestOfEach(armings: readonly Arming[]): Arming[] {
  const latest = new Map<string, Arming>();
  for (const one of armings) {
    const id = `${one.key}:${one.definitionId}`;
    const known = latest.get(id);
    if (!known || known.dueAt < one.dueAt) latest.set(id, one);
  }
  return [...latest.values()];
}
