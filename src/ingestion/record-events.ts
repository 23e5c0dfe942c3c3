import { hash } from 'node:crypto';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Database, GroupCommit, isOutOfReach, isTooSlow, sqlState, type Transaction } from '@wapas/database';
import { type EntityKey, EntityKeys } from '@wapas/entity-keys';
import { Bus } from '@wapas/events';
import { type Instant, newId } from '@wapas/kernel';
import { unavailable } from '@wapas/problems';
import { type BusEvents } from '../bus-events';
import { type KeyedEvent, keysOf } from './entity-keys-of-event';
import { HeldKeys, keyTexts, LOCK_TIMEOUT } from './held-keys';
import { RecentEvents } from './recent-events';
import { type NewEvent } from './rules/new-event';
import { type EventRow, eventStore } from './store/event.store';

/** What became of an event. */
export type Recorded =
  | { readonly outcome: 'recorded'; readonly eventId: string } // 202
  | { readonly outcome: 'duplicate'; readonly eventId: string } // 200: the source may stop retrying
  | { readonly outcome: 'conflict'; readonly eventId: string }; // 409: the same id with other content

/** Locks and marks of one flush fit the lock table of a default Postgres many times over. */
const MAX_FLUSH = 256;
/** How long a flush waits for the locks of its keys: everybody waits for it. */
const SHORTLY = 'set local lock_timeout = 200';
/** The same for those who wait apart from the others. */
const PATIENTLY = 'set local lock_timeout = 5000';
/** What an event without keys waits for: another writer of the same id. */
const NO_KEY = '' as EntityKey;
/** Beyond this many waiting events we say so before accepting more: memory is finite and callers can wait. */
const MAX_WAITING = 20_000;

/**
 * Records events by group commit. When its promise resolves the event and its marks are committed; only then may anyone
 * be told 2xx. Goal and send claim exclude each other by the locks of the keys, taken here before the marks are written.
 */
@Injectable()
export class RecordEvents implements OnApplicationShutdown {
  private readonly group: GroupCommit<EventRow, Recorded>;
  private readonly held: HeldKeys<Recorded>;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(EntityKeys) private readonly hasher: EntityKeys,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(RecentEvents) private readonly recentEvents: RecentEvents,
  ) {
    this.group = new GroupCommit((rows) => this.flush(rows, SHORTLY), {
      maxWeight: MAX_FLUSH,
      // No event is slow by itself: each half of a group would wait for as long once more.
      concernsAll: (error) => isOutOfReach(error) || isTooSlow(error),
      aside: async (rows, error) => (sqlState(error) === LOCK_TIMEOUT ? this.setAside(rows) : new Map()),
    });
    this.held = new HeldKeys(
      (keys) => this.database.transaction((tx) => Promise.resolve(tx.lockKeys(keys)), PATIENTLY),
      (rows) => this.flush(rows, PATIENTLY),
    );
  }

  /** Resolves once the event is committed. Rejects with a Problem when we are overloaded, else with the database's error. */
  async record(event: NewEvent): Promise<Recorded> {
    if (this.group.waitingCount >= MAX_WAITING)
      throw unavailable('overloaded', 'Too many events are waiting to be stored. Send again.', 1);
    const row = this.toRow(event);
    return this.held.join(row) ?? this.group.add(row);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.group.drained();
    await this.held.drained();
  }

  /** Somebody holds keys of some of these events for long: those wait elsewhere, the others go on without them. */
  private async setAside(rows: readonly EventRow[]): Promise<Map<EventRow, Promise<Recorded>>> {
    const held = await this.database.heldKeys(rows.flatMap(keyTexts));
    const blocked = rows.flatMap((row) => {
      // One that waited in vain all alone is blocked, also if its key has been let go a moment ago.
      const key = keyTexts(row).find((one) => held.has(one)) ?? (rows.length === 1 ? (row.keys[0]?.key ?? NO_KEY) : undefined);
      return key === undefined ? [] : [{ row, key }];
    });
    return new Map(blocked.map(({ row, key }) => [row, this.held.wait(row, key, held.get(key))]));
  }

  private async flush(rows: readonly EventRow[], setting: `set local ${string}`): Promise<Recorded[]> {
    const { results, events } = await this.database.transaction(async (tx) => {
      tx.lockKeys(rows.flatMap(keyTexts));
      const { stale, receivedAt } = await eventStore.insert(tx, [...rows].sort(bySourceId));
      const fresh = stale.size === 0 ? rows : rows.filter((row) => !stale.has(row.id));
      this.bus.publish(
        tx,
        'event.recorded',
        fresh.map(({ id, name }) => ({ id, name })),
      );
      return {
        results: stale.size === 0 ? rows.map(recorded) : await this.withEarlier(tx, rows, stale),
        events: fresh.map((row) => storedAt(row, receivedAt)),
      };
    }, setting);
    this.recentEvents.remember(events);
    return results;
  }

  /** Whether a conflict is a repetition or a contradiction is decided by a second look (D3). */
  private async withEarlier(tx: Transaction, rows: readonly EventRow[], staleIds: ReadonlySet<string>): Promise<Recorded[]> {
    const stale = rows.filter((row) => staleIds.has(row.id));
    const earlier = await eventStore.findEarlier(tx, stale);
    const results = new Map(stale.map((row, position) => [row.id, outcomeOf(row, earlier.get(position))]));
    return rows.map((row) => results.get(row.id) ?? recorded(row));
  }

  private toRow(event: NewEvent): EventRow {
    const contentText = JSON.stringify(event.content);
    return {
      id: newId(),
      source: event.source,
      sourceEventId: event.sourceEventId,
      contentHash: hash('sha256', `${event.name}\n${event.occurredAt ?? ''}\n${contentText}`, 'buffer'),
      rawHash: event.rawBody && hash('sha256', event.rawBody, 'buffer'),
      name: event.name,
      occurredAt: event.occurredAt,
      receivedAt: event.receivedAt,
      test: event.test,
      content: event.content,
      contentText,
      keys: keysOf(this.hasher, event),
    };
  }
}

/** The event as the table has it: nothing has happened later than it was received. */
function storedAt({ id, source, name, occurredAt, test, content, keys, ...row }: EventRow, now: Instant): KeyedEvent {
  const receivedAt = row.receivedAt ?? now;
  const happenedAt = occurredAt === undefined || occurredAt > receivedAt ? receivedAt : occurredAt;
  return { event: { id, source, name, occurredAt: happenedAt, receivedAt, test, content }, keys };
}

const recorded = (row: EventRow): Recorded => ({ outcome: 'recorded', eventId: row.id });

function outcomeOf(row: EventRow, earlier: { id: string; contentHash: Buffer; sameId: boolean } | undefined): Recorded {
  if (!earlier) throw new Error('An event was neither new nor there before.');
  // A webhook's id is not signed: the same id with other bytes is a vendor's re-serialised retry, never a contradiction.
  // Of one whose content is gone nobody knows what it said: the same id is a repetition.
  const isKnown = earlier.contentHash.length > 0;
  const contradicts = row.rawHash === undefined && earlier.sameId && isKnown && !earlier.contentHash.equals(row.contentHash);
  return { outcome: contradicts ? 'conflict' : 'duplicate', eventId: earlier.id };
}

function bySourceId(a: EventRow, b: EventRow): number {
  const left = `${a.source}\n${a.sourceEventId ?? a.id}`;
  const right = `${b.source}\n${b.sourceEventId ?? b.id}`;
  return left < right ? -1 : left > right ? 1 : 0;
}
