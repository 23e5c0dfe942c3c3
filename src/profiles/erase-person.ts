import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { Bus } from '@wapas/events';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { type BusEvents } from '../bus-events';
import { Log } from '../log';
import { lockOfPerson } from './lock-of-person';
import { type Erasure, erasureStore } from './store/erasure.store';
import { mergeStore } from './store/merge.store';
import { personStore } from './store/person.store';

const SWEEP_EVERY_MS = 5_000;
const BATCH = 100;

/**
 * Erases people (DPDP): what the tables of people hold goes at once, so that no send can start, and who writes down something of
 * them afterwards finds them erased; every other part of Wapas is told by a bus event and says when it has done its part. Five
 * minutes later all are told once more: an event that was under way at that moment has arrived by then.
 */
@Injectable()
export class ErasePerson {
  private readonly loop: DueLoop;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(Log) log: Log,
  ) {
    this.loop = new DueLoop(() => this.sweep(), {
      name: 'sweep after erasures',
      fullPass: BATCH,
      idleMs: SWEEP_EVERY_MS,
      onTrouble: (name, error) => log.trouble(`${name} failed`, error),
    });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /**
   * Null when there is no such person. Asking again changes nothing and gives the same erasure. By the id of a guest who has
   * turned out to be a customer it is the customer who is erased: all there is of them is there.
   */
  async erase(asked: string): Promise<Erasure | null> {
    return this.database.transaction(async (tx) => {
      const { personId, everybody } = await this.lockAllOf(tx, asked);
      if (!(await personStore.isKnown(tx, personId))) return null;
      await erasureStore.lock(tx, everybody);
      const keys = await erasureStore.keysOf(tx, everybody);
      const erasure = await erasureStore.open(tx, personId, keys);
      await erasureStore.forget(tx, everybody);
      this.bus.publish(tx, 'person.erased', [{ erasureId: erasure.id, personId, keys }]);
      return erasure;
    });
  }

  async find(personId: string): Promise<Erasure | null> {
    return erasureStore.ofPerson(this.database, await mergeStore.today(this.database, personId));
  }

  /**
   * The customer somebody turned out to be, and every guest who turned out to be the same. All their locks are held: a merge that was
   * under way is then seen, and whoever starts a run or writes to one of them comes before this or finds them erased.
   */
  private async lockAllOf(tx: Transaction, asked: string): Promise<{ personId: string; everybody: string[] }> {
    const held = new Set<string>();
    for (;;) {
      const personId = await mergeStore.today(tx, asked);
      const everybody = [...new Set([asked, personId, ...(await mergeStore.guestsOf(tx, personId))])];
      const missing = everybody.filter((id) => !held.has(id));
      if (missing.length === 0) return { personId, everybody };
      tx.lockKeys(missing.map(lockOfPerson));
      for (const id of missing) held.add(id);
    }
  }

  private async sweep(): Promise<Pass> {
    return this.database.transaction(async (tx) => {
      const due = await erasureStore.takeToSweep(tx, BATCH);
      this.bus.publish(
        tx,
        'person.erased',
        due.map(({ id, personId, keys }) => ({ erasureId: id, personId, keys })),
      );
      return { done: due.length };
    });
  }
}
