import { Inject, Injectable } from '@nestjs/common';
import { Database, isOutOfReach } from '@wapas/database';
import { Problem } from '@wapas/problems';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { operationAudit } from '../../access/access.api';
import { Log } from '../../log';
import { RecordEvents } from '../record-events';
import { type Replay, quarantineReplayStore, type ReplayStep } from '../store/quarantine-replay.store';
import { type KeptBody, type QuarantineFilter, quarantineStore, type Reread } from '../store/quarantine.store';
import { ReadAgain } from './read-again';

export type { Replay } from '../store/quarantine-replay.store';

/** A body may have 3 MB. */
const BATCH = 32;
const LOOK_EVERY_MS = 500;

/**
 * Reads quarantined bodies again with the mapping of today: one at once, or a filtered set in the background. A replay is a row, worked
 * off in the order of arrival, each step committed with the place it reached; a process that dies loses at most the step it was in,
 * and what that step had recorded is found as a duplicate. `actor`: the id of the API key, for the audit log.
 */
@Injectable()
export class ReplayQuarantined {
  private readonly loop: DueLoop;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ReadAgain) private readonly readAgain: ReadAgain,
    @Inject(RecordEvents) private readonly recordEvents: RecordEvents,
    @Inject(Log) private readonly log: Log,
  ) {
    this.loop = new DueLoop(() => this.pass(), {
      name: 'replay quarantine',
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

  /** Null when there is no such body. One that was settled with an event tells that again. */
  async one(id: string, actor: string): Promise<Reread | null> {
    const kept = await quarantineStore.find(this.database, id);
    if (!kept) return null;
    if (kept.outcome === 'recorded' || kept.outcome === 'duplicate')
      return { id, outcome: kept.outcome, reason: null, eventIds: kept.eventIds };
    const body = await quarantineStore.body(this.database, id);
    if (!body) return null;
    const reread = await this.reread(body);
    await this.database.transaction(async (tx) => {
      await quarantineStore.settle(tx, [reread]);
      await operationAudit.add(tx, { act: 'quarantine_replayed', subject: `body ${id}`, actor, reason: null });
    });
    return reread;
  }

  /** Many, in the background. */
  async many(filter: QuarantineFilter, actor: string): Promise<Replay> {
    const replay = await this.database.transaction(async (tx) => {
      const opened = await quarantineReplayStore.open(tx, filter);
      await operationAudit.add(tx, { act: 'quarantine_replayed', subject: `replay ${opened.id}`, actor, reason: null });
      return opened;
    });
    this.loop.wake();
    return replay;
  }

  find(id: string): Promise<Replay | null> {
    return quarantineReplayStore.find(this.database, id);
  }

  latest(): Promise<Replay[]> {
    return quarantineReplayStore.latest(this.database);
  }

  /** Null when there is no such replay. One that is over stays as it is. */
  async cancel(id: string, actor: string): Promise<Replay | null> {
    await this.database.transaction(async (tx) => {
      if (await quarantineReplayStore.cancel(tx, id))
        await operationAudit.add(tx, { act: 'quarantine_replay_cancelled', subject: `replay ${id}`, actor, reason: null });
    });
    return quarantineReplayStore.find(this.database, id);
  }

  private async pass(): Promise<Pass> {
    const replay = await quarantineReplayStore.claim(this.database);
    if (!replay) return { done: 0 };
    try {
      if (await this.workOff(replay)) await quarantineReplayStore.finish(this.database, replay.id);
      return { done: 1 };
    } finally {
      // Whoever goes on, here or elsewhere, need not wait for the lease.
      await quarantineReplayStore.release(this.database, replay.id).catch(() => undefined); // The lease ends by itself.
    }
  }

  /** True when there is nothing left of it; false when it was broken off. */
  private async workOff({ id, filter, after, through }: Replay): Promise<boolean> {
    if (through === null) return true;
    for (let from = after; ;) {
      if (this.loop.isStopping) return false;
      const bodies = await quarantineStore.next(this.database, filter, from, through, BATCH);
      const last = bodies.at(-1);
      if (!last) return true;
      const reread = await Promise.all(bodies.map((body) => this.rereadOfMany(body)));
      const hasCounted = await this.database.transaction(async (tx) => {
        await quarantineStore.settle(tx, reread);
        return quarantineReplayStore.step(tx, id, stepOf(reread, from, last.id));
      });
      if (!hasCounted) return false;
      from = last.id;
    }
  }

  /** One that cannot be stored for a reason of its own does not hold up the others. */
  private async rereadOfMany(body: KeptBody): Promise<Reread> {
    try {
      return await this.reread(body);
    } catch (error) {
      if (error instanceof Problem || isOutOfReach(error)) throw error;
      this.log.trouble('quarantined body not replayed', error, { quarantineId: body.id });
      return { id: body.id, outcome: null, reason: 'internal_error', eventIds: [] };
    }
  }

  private async reread(body: KeptBody): Promise<Reread> {
    const reading = await this.readAgain.read(body);
    if (reading.kind === 'unusable') return { id: body.id, outcome: null, reason: reading.reason, eventIds: [] };
    if (reading.kind === 'ignored') return { id: body.id, outcome: 'ignored', reason: null, eventIds: [] };
    const results = await Promise.all(reading.events.map((event) => this.recordEvents.record(event)));
    const eventIds = [...new Set(results.map(({ eventId }) => eventId))];
    // Of a batch the readable part is recorded, as it was when it came; the whole waits on for the rest.
    if (reading.unusable !== undefined) return { id: body.id, outcome: null, reason: reading.unusable, eventIds };
    if (results.length === 0) return { id: body.id, outcome: 'ignored', reason: null, eventIds };
    const isNew = results.some(({ outcome }) => outcome === 'recorded');
    return { id: body.id, outcome: isNew ? 'recorded' : 'duplicate', reason: null, eventIds };
  }
}

function stepOf(reread: readonly Reread[], from: string, after: string): ReplayStep {
  const countOf = (wanted: Reread['outcome']): number => reread.filter(({ outcome }) => outcome === wanted).length;
  return {
    from,
    after,
    recorded: countOf('recorded'),
    duplicate: countOf('duplicate'),
    ignored: countOf('ignored'),
    unusable: reread.flatMap(({ id, outcome, reason }) => (outcome === null ? [{ id, reason: reason ?? 'unknown' }] : [])),
  };
}
