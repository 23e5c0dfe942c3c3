import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { EntityKeys } from '@wapas/entity-keys';
import { after, type Instant, minutes } from '@wapas/kernel';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { Log } from '../../log';
import { keysOf } from '../entity-keys-of-event';
import { RecordEvents } from '../record-events';
import { eventStore } from '../store/event.store';
import { type DefinitionBook, DerivedDefinitions } from './derived-definitions';
import { deriveEvent } from './rules/derive-event';
import { type Settlement, settleWait } from './rules/settle-wait';
import { derivedStore, type DueWait } from './store/derived.store';

const BATCH = 500;
/** Derived events are exact to a second; a look costs one index probe. */
const LOOK_EVERY_MS = 100;
/** Business time. At the head of the line what cannot be read would hold up everybody else. */
const LOOK_AGAIN_AT_UNREADABLE = minutes(1);

interface Settled {
  readonly wait: DueWait;
  readonly what: Settlement;
}

/**
 * Looks at the keys whose silence could be over the limit and records what follows from it. The marks decide, so everything
 * that has its 2xx counts, in whatever order it came. The rows stay locked until the derived events are committed; who dies
 * in between leaves waits that are due, and their events are known by their ids.
 */
@Injectable()
export class DeriveEvents {
  private readonly loop: DueLoop;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(DerivedDefinitions) private readonly definitions: DerivedDefinitions,
    @Inject(EntityKeys) private readonly hasher: EntityKeys,
    @Inject(RecordEvents) private readonly recordEvents: RecordEvents,
    @Inject(Log) private readonly log: Log,
  ) {
    this.loop = new DueLoop(() => this.pass(), {
      name: 'derive events',
      fullPass: BATCH,
      idleMs: LOOK_EVERY_MS,
      onTrouble: (name, error) => log.trouble(`${name} failed`, error),
    });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async pass(): Promise<Pass> {
    if (!(await derivedStore.isAnyDue(this.database))) return { done: 0 };
    return this.database.transaction(async (tx) => {
      const waits = await derivedStore.claimDue(tx, BATCH);
      if (waits.length > 0) await this.settle(tx, waits, await this.definitions.book(tx), await tx.businessNow());
      return { done: waits.length };
    });
  }

  private async settle(tx: Transaction, waits: readonly DueWait[], book: DefinitionBook, now: Instant): Promise<void> {
    const settled = waits.map((wait): Settled => {
      const terms = book.termsOf(wait.definitionId);
      return { wait, what: terms ? settleWait(terms, wait, now) : { kind: 'drop' } };
    });
    const later = settled.flatMap(({ wait, what }) => (what.kind === 'look_again' ? [{ ...wait, dueAt: what.at }] : []));
    const handed = settled.flatMap(({ wait, what }) =>
      what.kind === 'hand_over' ? [{ key: wait.key, definitionId: what.to, dueAt: what.at }] : [],
    );
    const { derived, unreadable } = await this.derive(tx, settled, book);
    const postponed = unreadable.map((wait) => ({ ...wait, dueAt: after(now, LOOK_AGAIN_AT_UNREADABLE) }));
    await derivedStore.move(tx, [...later, ...postponed]);
    await derivedStore.arm(tx, handed);
    await derivedStore.remove(
      tx,
      settled
        .filter(({ wait, what }) => what.kind === 'drop' || what.kind === 'hand_over' || derived.has(wait))
        .map(({ wait }) => wait),
    );
  }

  /**
   * Gives the waits whose event is committed, or whose last activity is no longer there, and those whose last activity cannot be
   * opened: with its key back they go on. Throws when none could be recorded.
   */
  private async derive(
    tx: Transaction,
    settled: readonly Settled[],
    book: DefinitionBook,
  ): Promise<{ derived: Set<DueWait>; unreadable: DueWait[] }> {
    const all = settled.flatMap(({ wait, what }) => (what.kind === 'derive' ? [{ wait, at: what.at }] : []));
    if (all.length === 0) return { derived: new Set(), unreadable: [] };
    const opened = await eventStore.openedByIds(tx, [...new Set(all.flatMap(({ wait }) => wait.lastEventId ?? []))]);
    const events = new Map(opened.events.map((event) => [event.id, event]));
    const due = all.filter(({ wait }) => !opened.unreadable.has(wait.lastEventId ?? ''));
    const unreadable = all.flatMap(({ wait }) => (opened.unreadable.has(wait.lastEventId ?? '') ? [wait] : []));
    if (unreadable.length > 0)
      this.log.warn('events not openable: is a key of WAPAS_ENCRYPTION_KEYS missing?', { events: opened.unreadable.size });
    const results = await Promise.allSettled(
      due.map(async ({ wait, at }) => {
        const last = events.get(wait.lastEventId ?? '');
        const definition = book.termsOf(wait.definitionId)?.version.definition;
        // What was erased is about nobody and nothing any more.
        const isThere = last && keysOf(this.hasher, last).some(({ key }) => key === wait.key);
        if (isThere && definition) await this.recordEvents.record(deriveEvent(definition, wait.key, last, at));
      }),
    );
    const failed = results.find((result) => result.status === 'rejected');
    const done = new Set(due.filter((_, index) => results[index]?.status === 'fulfilled').map(({ wait }) => wait));
    if (failed && done.size === 0) throw failed.reason;
    if (failed) this.log.trouble('derived events not recorded yet', failed.reason, { count: due.length - done.size });
    return { derived: done, unreadable };
  }
}
