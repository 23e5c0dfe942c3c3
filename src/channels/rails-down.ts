import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { type DownRail, namesOf, waitsFor } from './rules/rails';
import { waitingStore } from './store/waiting.store';

/**
 * What cannot be paid over just now, as journeys know it: they set it every few seconds. Messages of what is down are held at their
 * claim and let go when it is up again, each to go through every check of a claim once more.
 */
@Injectable()
export class RailsDown {
  /** Reason by name. */
  private down: ReadonlyMap<string, string> = new Map();

  constructor(@Inject(Database) private readonly database: Database) {}

  set(down: readonly DownRail[]): void {
    this.down = namesOf(down);
  }

  /** Why a message that needs these rails must wait; null: it need not. */
  reasonFor(rails: readonly string[] | undefined): string | null {
    if (rails === undefined || this.down.size === 0) return null;
    const reasons = waitsFor(rails).map((name) => this.down.get(name));
    return reasons.find((reason) => reason !== undefined) ?? null;
  }

  /** Lets go what is held and need not wait any more, the oldest first. Gives how many. */
  letGo(limit: number): Promise<number> {
    return waitingStore.letGoHeld(this.database, [...this.down.keys()], limit);
  }
}
