import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '@wapas/database';
import { operationAudit } from '../access/access.api';
import { type SendStop, stopStore } from './store/stop.store';

const EVERYTHING = 'all';
const scopeOf = (journeyKey: string): string => `journey:${journeyKey}`;

/**
 * The kill switch: from its commit on no message is claimed, in no container. What is on the wire may land; what waits is
 * kept and goes out afterwards, as far as it is still worth it.
 */
@Injectable()
export class StopSending {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Who did it and why is kept with it. Where everything is stopped already nothing changes, and nothing is written down. */
  async everything(actor: string, reason: string | null): Promise<void> {
    await this.database.transaction((tx) => this.everythingIn(tx, actor, reason));
  }

  async everythingIn(tx: Transaction, actor: string, reason: string | null): Promise<void> {
    const isNew = await stopStore.set(tx, EVERYTHING, actor);
    if (isNew) await operationAudit.add(tx, { act: 'sending_stopped', subject: null, actor, reason });
  }

  /** Says whether anything was stopped. */
  resumeEverything(actor: string, reason: string | null): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      const wasStopped = await stopStore.lift(tx, EVERYTHING);
      if (wasStopped) await operationAudit.add(tx, { act: 'sending_resumed', subject: null, actor, reason });
      return wasStopped;
    });
  }

  async ofJourney(db: Queryable, journeyKey: string, actor: string): Promise<void> {
    await stopStore.set(db, scopeOf(journeyKey), actor);
  }

  async resumeJourney(db: Queryable, journeyKey: string): Promise<void> {
    await stopStore.lift(db, scopeOf(journeyKey));
  }

  all(): Promise<SendStop[]> {
    return stopStore.all(this.database);
  }

  /** When everything was stopped; null: it is not. */
  async stoppedSince(): Promise<Date | null> {
    return (await this.all()).find(({ scope }) => scope === EVERYTHING)?.since ?? null;
  }

  /** What a person should look at: a switch that was forgotten lets message after message expire. */
  async lines(): Promise<string[]> {
    const since = await this.stoppedSince();
    return since === null
      ? []
      : [
          `all sending is stopped since ${since.toISOString()}, and what waits expires in its own time; GET /v1/operations/audit says who did it and why, DELETE /v1/operations/stop lets it go on`,
        ];
  }
}
