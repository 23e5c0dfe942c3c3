import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { Bus } from '@wapas/events';
import { operationAudit } from '../access/access.api';
import { type BusEvents } from '../bus-events';

/** Delivers parked bus events again, for whoever has mended the cause. */
@Injectable()
export class ReplayParked {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
  ) {}

  /** Gives how many are on their way. Who asked is written down first: they go back in line by the thousand, each thousand for good. */
  async replay(actor: string): Promise<number> {
    await operationAudit.add(this.database, { act: 'parked_events_replayed', subject: null, actor, reason: null });
    return this.bus.replayParked();
  }
}
