import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { between } from '@wapas/kernel';
import { Log } from '../log';
import { ApplyInputs } from './apply-inputs';
import { Lateness } from './lateness';
import { runStore, type StoredRun } from './store/run.store';

const BATCH = 500;
/** At once, while a full batch says that there is a backlog. */
const BATCHES_WHEN_BEHIND = 2;
/** Each pass costs an index look-up when nothing is due; this often keeps lateness in the tens of milliseconds. */
const LOOK_EVERY_MS = 20;

/** Takes due runs in batches and lets decide() say what happens next (D1). Several containers share them by SKIP LOCKED. */
@Injectable()
export class AdvanceDueRuns {
  readonly lateness = new Lateness();
  private isBehind = false;
  private readonly loop: DueLoop;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ApplyInputs) private readonly applyInputs: ApplyInputs,
    @Inject(Log) private readonly log: Log,
  ) {
    this.loop = new DueLoop(() => this.pass(), {
      name: 'advance due runs',
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
    if (!(await runStore.isAnyDue(this.database))) return { done: 0 };
    // One batch is decided here while Postgres works on another. Both come to their end before anybody hears of a failure.
    const takes = Array.from({ length: this.isBehind ? BATCHES_WHEN_BEHIND : 1 }, () => this.take());
    await Promise.allSettled(takes);
    const taken = await Promise.all(takes);
    const done = taken.reduce((sum, one) => sum + one, 0);
    this.isBehind = done >= BATCH;
    return { done };
  }

  /** Takes one batch. Gives how many runs it was. */
  private take(): Promise<number> {
    return this.database.transaction(async (tx) => {
      const due = await runStore.claimDue(tx, BATCH);
      if (due.length === 0) return 0;
      const now = await tx.businessNow();
      const readable = due.filter(({ isUnreadable }) => !isUnreadable);
      if (readable.length < due.length) this.postpone(tx, due);
      await this.applyInputs.toDue(tx, readable, now);
      for (const { state } of readable) if (state.dueAt !== null) this.lateness.add(between(state.dueAt, now) / 1_000);
      return due.length;
    });
  }

  /** What they know cannot be read: deciding without it would send half a text. With their key back they go on. */
  private postpone(tx: Transaction, due: readonly StoredRun[]): void {
    const ids = due.flatMap(({ isUnreadable, state }) => (isUnreadable ? [state.id] : []));
    runStore.postpone(tx, ids);
    this.log.warn('runs not openable: is a key of WAPAS_ENCRYPTION_KEYS missing?', { runs: ids.length });
  }
}
