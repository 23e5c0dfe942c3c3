import { createHash } from 'node:crypto';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Database, GroupCommit, isOutOfReach, sqlState, type Transaction } from '@wapas/database';
import { EntityKeys, lockOf } from '@wapas/entity-keys';
import { Bus } from '@wapas/events';
import { newId } from '@wapas/kernel';
import { unavailable } from '@wapas/problems';
import { type BusEvents } from '../bus-events';
import { keysOf } from './entity-keys-of-event';
import { HeldKeys, LOCK_TIMEOUT } from './held-keys';
import { type NewEvent } from './rules/new-event';
import { type EventRow, eventStore } from './store/event.store';

/** What became of an event. */
export type Recorded =
  | { readonly outcome: 'recorded'; readonly eventId: string } // 202
  | { readonly outcome: 'duplicate'; readonly eventId: string } // 200: the source may stop retrying
  | { readonly outcome: 'conflict'; readonly eventId: string }; // 409: the same id with other content

/** Locks and marks of one flush fit the lock table of a default Postgres many times over. */
const MAX_FLUSH = 256;
/** What an event without keys waits for: another writer of the same id. */
const NO_KEY = 0n;
/** Beyond this many waiting events we say so before accepting more: memory is finite and callers can wait. */
const MAX_WAITING = 20_000;

/**
 * Records events by group commit. When its promise resolves the event and its marks are committed; only then may anyone
 * be told 2xx. Goal and send claim exclude each other by the locks of the keys, taken here before the marks are written.
 */
@Injectable()
export class RecordEvents implements OnApplicationShutdown {
  private readonly group: GroupCommit<EventRow, Recorded>;
  private readonly held: HeldKeys;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(EntityKeys) private readonly hasher: EntityKeys,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
  ) {
    this.group = new GroupCommit((rows) => this.flush(rows, 'set local lock_timeout = 200'), {
      maxWeight: MAX_FLUSH,
      concernsAll: isOutOfReach,
      aside: async (rows, error) => (sqlState(error) === LOCK_TIMEOUT ? this.setAside(rows) : new Map()),
    });
    this.held = new HeldKeys((rows) => this.flush(rows, 'set local lock_timeout = 5000'));
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
    const held = await this.database.heldKeys(rows.flatMap((row) => row.keys.map(lockOf)));
    const blocked = rows.flatMap((row) => {
      const locks = row.keys.map(lockOf);
      // One that waited in vain all alone is blocked, also if its key has been let go a moment ago.
      const lock = locks.find((one) => held.has(one)) ?? (rows.length === 1 ? (locks[0] ?? NO_KEY) : undefined);
      return lock === undefined ? [] : [{ row, lock }];
    });
    return new Map(blocked.map(({ row, lock }) => [row, this.held.wait(row, lock)]));
  }

  private async flush(rows: readonly EventRow[], setting: `set local ${string}`): Promise<Recorded[]> {
    const locks = rows.flatMap((row) => row.keys.map(lockOf));
    return this.database.transaction(
      async (tx) => {
        const fresh = await eventStore.insert(tx, [...rows].sort(bySourceId));
        await this.publish(
          tx,
          rows.filter((row) => fresh.has(row.id)),
        );
        return fresh.size === rows.length ? rows.map(recorded) : this.withEarlier(tx, rows, fresh);
      },
      setting,
      locks,
    );
  }

  private async publish(tx: Transaction, rows: readonly EventRow[]): Promise<void> {
    await this.bus.publish(
      tx,
      'event.recorded',
      rows.map(({ id, name }) => ({ id, name })),
    );
  }

  /** Whether a conflict is a repetition or a contradiction is decided by a second look (D3). */
  private async withEarlier(tx: Transaction, rows: readonly EventRow[], fresh: ReadonlySet<string>): Promise<Recorded[]> {
    const stale = rows.filter((row) => !fresh.has(row.id));
    const earlier = await eventStore.findEarlier(tx, stale);
    const results = new Map(stale.map((row, position) => [row.id, outcomeOf(row, earlier.get(position))]));
    return rows.map((row) => results.get(row.id) ?? recorded(row));
  }

  private toRow(event: NewEvent): EventRow {
    const content = JSON.stringify(event.content);
    return {
      id: newId(),
      source: event.source,
      sourceEventId: event.sourceEventId,
      contentHash: createHash('sha256')
        .update(`${event.name}\n${event.occurredAt ?? ''}\n`)
        .update(content)
        .digest(),
      rawHash: event.rawBody && createHash('sha256').update(event.rawBody).digest(),
      name: event.name,
      occurredAt: event.occurredAt,
      test: event.test,
      content,
      keys: keysOf(this.hasher, event).map(({ key }) => key),
    };
  }
}

const recorded = (row: EventRow): Recorded => ({ outcome: 'recorded', eventId: row.id });

function outcomeOf(row: EventRow, earlier: { id: string; contentHash: Buffer; sameId: boolean } | undefined): Recorded {
  if (!earlier) throw new Error('An event was neither new nor there before.');
  // A webhook's id is not signed: the same id with other bytes is a vendor's re-serialised retry, never a contradiction.
  const contradicts = row.rawHash === undefined && earlier.sameId && !earlier.contentHash.equals(row.contentHash);
  return { outcome: contradicts ? 'conflict' : 'duplicate', eventId: earlier.id };
}

function bySourceId(a: EventRow, b: EventRow): number {
  const left = `${a.source}\n${a.sourceEventId ?? a.id}`;
  const right = `${b.source}\n${b.sourceEventId ?? b.id}`;
  return left < right ? -1 : left > right ? 1 : 0;
}
