import { Inject, Injectable } from '@nestjs/common';
import { Database, isOutOfReach } from '@wapas/database';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { Log } from '../../log';
import { AuditPeriod } from './audit-period';
import { type ReplayWork } from './replay-work';
import { type NewReplay, type Replay, type ReplayKind, replayStore } from './store/replay.store';
import { WhatIfPeriod } from './what-if/what-if-period';

const LOOK_EVERY_MS = 1_000;
/** Open at once: a replay is work for minutes. */
const MOST_OPEN = 20;
/** One that has been broken off so often takes the process down, or never ends. */
const MOST_STARTS = 5;

/**
 * Works replays off in the background, one at a time and container. Each piece is committed with what it found, so that a
 * restart loses little: an audit goes on at its place; a what-if, whose runs live in memory, begins anew. Cancelled or overtaken,
 * it stops at the next piece.
 */
@Injectable()
export class WorkReplays {
  private readonly loop: DueLoop;
  private readonly works: Readonly<Record<ReplayKind, ReplayWork>>;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AuditPeriod) auditPeriod: AuditPeriod,
    @Inject(WhatIfPeriod) whatIfPeriod: WhatIfPeriod,
    @Inject(Log) private readonly log: Log,
  ) {
    this.works = { audit: auditPeriod, whatif: whatIfPeriod };
    this.loop = new DueLoop(() => this.pass(), {
      name: 'work replays',
      fullPass: 1,
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

  /** False when too many are open already. */
  async order(replay: NewReplay): Promise<boolean> {
    const isTaken = await replayStore.add(this.database, replay, MOST_OPEN);
    if (isTaken) this.loop.wake();
    return isTaken;
  }

  find = (id: string) => replayStore.find(this.database, id);
  latest = (most: number) => replayStore.latest(this.database, most);
  lines = (id: string, after: number, most: number) => replayStore.lines(this.database, id, after, most);
  tallies = (id: string, offset: number, most: number) => replayStore.tallies(this.database, id, offset, most);
  /** Null when it is over already, or unknown. */
  cancel = (id: string) => replayStore.cancel(this.database, id);

  private async pass(): Promise<Pass> {
    const claimed = await replayStore.claim(this.database);
    if (!claimed) return { done: 0 };
    if (claimed.starts > MOST_STARTS) await replayStore.end(this.database, claimed, 'failed', 'interrupted_too_often');
    else await this.play(claimed);
    return { done: 1 };
  }

  private async play(replay: Replay): Promise<void> {
    try {
      const outcome = await this.workOff(replay);
      if (outcome === 'done') await replayStore.end(this.database, replay, 'done', null);
      if (outcome === 'interrupted') await replayStore.release(this.database, replay);
    } catch (error) {
      // The lease runs out, and whoever finds the database again goes on.
      if (isOutOfReach(error)) throw error;
      this.log.trouble('replay failed', error);
      await replayStore.end(this.database, replay, 'failed', 'failed');
    }
  }

  private async workOff(replay: Replay): Promise<'done' | 'interrupted' | 'lost'> {
    for await (const piece of this.works[replay.kind].work(replay)) {
      const isOurs = piece === null || (await this.database.transaction((tx) => replayStore.step(tx, replay, piece)));
      if (!isOurs) return 'lost';
      if (this.loop.isStopping) return 'interrupted';
    }
    return 'done';
  }
}
