import { GroupCommit, isOutOfReach, isTooSlow, sqlState } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Problem, unavailable } from '@wapas/problems';
import { type EventRow } from './store/event.store';

/** Postgres gave up waiting for a lock. */
export const LOCK_TIMEOUT = '55P03';
/** Holders that are waited for at the same time, each on a connection of its own: everybody else needs connections too. */
const MAX_LINES = 4;
const MAX_WAITING_IN_LINE = 1_000;

export const keyTexts = (row: EventRow): EntityKey[] => row.keys.map(({ key }) => key);

/** Those who wait for one holder. */
type Line<Stored> = GroupCommit<EventRow, Stored>;

/**
 * Events whose key somebody holds for long. Those that one transaction holds up wait together on one connection and are stored
 * together once it ends (a claim that is slow to commit holds the keys of a hundred orders); a new one about such a key joins them
 * without troubling anybody else. Whoever waits in vain is told 503.
 */
export class HeldKeys<Stored> {
  private readonly byKey = new Map<EntityKey, Line<Stored>>();
  private readonly byHolder = new Map<string, Line<Stored>>();

  /**
   * `waitFor` returns once nobody else holds any of these keys, and `flush` stores. Waiting holds nothing else: an event that carries a held
   * order and a phone holds up nobody who shares the phone.
   */
  constructor(
    private readonly waitFor: (keys: readonly EntityKey[]) => Promise<void>,
    private readonly flush: (rows: readonly EventRow[]) => Promise<readonly Stored[]>,
  ) {}

  /** Undefined when nobody waits for a key of this event: the usual case, and cheap. */
  join(row: EventRow): Promise<Stored> | undefined {
    if (this.byKey.size === 0) return undefined;
    const held = row.keys.find(({ key }) => this.byKey.has(key));
    return held && this.wait(row, held.key);
  }

  /** Resolves when the event is stored. Rejects with a 503 Problem when its key stays held. `holder`: who has it, if that is known. */
  async wait(row: EventRow, key: EntityKey, holder = `of ${key}`): Promise<Stored> {
    const line = this.byKey.get(key) ?? this.lineFor(holder);
    if (!line || line.waitingCount >= MAX_WAITING_IN_LINE) throw keyBusy();
    if (!this.byKey.has(key)) this.byKey.set(key, line);
    try {
      return await line.add(row);
    } catch (error) {
      throw sqlState(error) === LOCK_TIMEOUT ? keyBusy() : error;
    } finally {
      void line.drained().then(() => this.close(line));
    }
  }

  async drained(): Promise<void> {
    await Promise.all([...this.byHolder.values()].map((line) => line.drained()));
  }

  /** Undefined when too many holders are waited for already. */
  private lineFor(holder: string): Line<Stored> | undefined {
    const known = this.byHolder.get(holder);
    if (known || this.byHolder.size >= MAX_LINES) return known;
    const line: Line<Stored> = new GroupCommit((rows) => this.flushOnceFree(line, rows), {
      maxWeight: MAX_WAITING_IN_LINE,
      concernsAll: (error) => isOutOfReach(error) || isTooSlow(error) || sqlState(error) === LOCK_TIMEOUT,
    });
    this.byHolder.set(holder, line);
    return line;
  }

  private async flushOnceFree(line: Line<Stored>, rows: readonly EventRow[]): Promise<readonly Stored[]> {
    const waitedFor = rows.flatMap(keyTexts).filter((key) => this.byKey.get(key) === line);
    await this.waitFor(waitedFor);
    return this.flush(rows);
  }

  private close(line: Line<Stored>): void {
    for (const lines of [this.byKey, this.byHolder] as Map<string, Line<Stored>>[])
      for (const [name, one] of lines) if (one === line) lines.delete(name);
  }
}

const keyBusy = (): Problem =>
  unavailable('key_busy', 'Another transaction holds the same order. Nothing was stored; send again.', 1);
