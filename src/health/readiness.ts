import { Inject, Injectable } from '@nestjs/common';
import { Database, statement } from '@wapas/database';
import { WORK_QUEUE, type WorkQueue } from '@wapas/work-queue';
import { Attention } from './attention';

export interface ReadinessReport {
  readonly status: 'ready' | 'draining' | 'no_database';
  readonly queue: { readonly adapter: string; readonly jobs: number };
  /** What a person should look at. None of it stops events from being taken. */
  readonly attention: readonly string[];
}

/** A standby answers and takes nothing. */
const PING = statement('ping', `select current_setting('transaction_read_only') = 'off' as "takesWrites"`);

/** Ready means able to serve (D15): a broken journey or a late handler must not make a gateway switch the webhook off. */
@Injectable()
export class Readiness {
  private draining = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(WORK_QUEUE) private readonly queue: WorkQueue,
    @Inject(Attention) private readonly attention: Attention,
  ) {}

  /** From now on nobody new should be sent here; what comes all the same is served as long as it can be. */
  drain(): void {
    this.draining = true;
  }

  async report(): Promise<ReadinessReport> {
    const queue = { adapter: this.queue.adapter, jobs: this.queue.finishedJobs };
    if (this.draining) return { status: 'draining', queue, attention: [] };
    try {
      const [answer] = await this.database.query<{ takesWrites: boolean }>(PING);
      if (answer?.takesWrites !== true) return { status: 'no_database', queue, attention: [] };
    } catch {
      return { status: 'no_database', queue, attention: [] }; // Why does not matter here: the log has it, and whoever asks only routes by it.
    }
    return { status: 'ready', queue, attention: await this.attention.lines() };
  }
}
