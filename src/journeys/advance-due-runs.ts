import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { Log } from '../log';
import { ApplyInputs } from './apply-inputs';
import { runStore } from './store/run.store';

const BATCH = 500;
/** Each pass costs an index look-up when nothing is due; this often keeps lateness in the tens of milliseconds. */
const LOOK_EVERY_MS = 20;

/** Takes due runs in batches and lets decide() say what happens next (D1). Several containers share them by SKIP LOCKED. */
@Injectable()
export class AdvanceDueRuns {
  private readonly loop: DueLoop;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ApplyInputs) private readonly applyInputs: ApplyInputs,
    @Inject(Log) log: Log,
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
    return this.database.transaction(async (tx) => {
      const due = await runStore.claimDue(tx, BATCH);
      if (due.length > 0) await this.applyInputs.toDue(tx, due, await tx.businessNow());
      return { done: due.length };
    });
  }
}
