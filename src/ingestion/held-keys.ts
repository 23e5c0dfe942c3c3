import { GroupCommit, isOutOfReach, sqlState } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Problem, unavailable } from '@wapas/problems';
import { type Recorded } from './record-events';
import { type EventRow } from './store/event.store';

/** Postgres gave up waiting for a lock. */
export const LOCK_TIMEOUT = '55P03';
/** Keys that are waited for at the same time, each on a connection of its own: everybody else needs connections too. */
const MAX_KEYS = 4;
const MAX_WAITING_FOR_A_KEY = 1_000;

/**
 * Events whose key somebody holds for long. All events of one such key wait together on one connection and are stored
 * together once it is free; a new one joins them without troubling anybody else. Whoever waits in vain is told 503.
 */
export class HeldKeys {
  private readonly queues = new Map<EntityKey, GroupCommit<EventRow, Recorded>>();

  constructor(private readonly flush: (rows: readonly EventRow[]) => Promise<readonly Recorded[]>) {}

  /** Undefined when nobody waits for a key of this event: the usual case, and cheap. */
  join(row: EventRow): Promise<Recorded> | undefined {
    if (this.queues.size === 0) return undefined;
    const held = row.keys.find(({ key }) => this.queues.has(key));
    return held && this.wait(row, held.key);
  }

  /** Resolves when the event is stored. Rejects with a 503 Problem when its key stays held. */
  async wait(row: EventRow, key: EntityKey): Promise<Recorded> {
    const queue = this.queues.get(key) ?? this.open(key);
    if (!queue || queue.waitingCount >= MAX_WAITING_FOR_A_KEY) throw keyBusy();
    try {
      return await queue.add(row);
    } catch (error) {
      throw sqlState(error) === LOCK_TIMEOUT ? keyBusy() : error;
    } finally {
      void queue.drained().then(() => this.queues.delete(key));
    }
  }

  async drained(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.drained()));
  }

  /** Undefined when too many keys are waited for already. */
  private open(key: EntityKey): GroupCommit<EventRow, Recorded> | undefined {
    if (this.queues.size >= MAX_KEYS) return undefined;
    const queue = new GroupCommit<EventRow, Recorded>(this.flush, {
      maxWeight: MAX_WAITING_FOR_A_KEY,
      concernsAll: (error) => isOutOfReach(error) || sqlState(error) === LOCK_TIMEOUT,
    });
    this.queues.set(key, queue);
    return queue;
  }
}

const keyBusy = (): Problem =>
  unavailable('key_busy', 'Another transaction holds the same order. Nothing was stored; send again.', 1);
