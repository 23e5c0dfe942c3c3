import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable } from '@wapas/database';
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

  async everything(actor: string): Promise<void> {
    await stopStore.set(this.database, EVERYTHING, actor);
  }

  /** Says whether anything was stopped. */
  resumeEverything(): Promise<boolean> {
    return stopStore.lift(this.database, EVERYTHING);
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
}
