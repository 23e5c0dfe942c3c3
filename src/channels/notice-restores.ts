import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { Log } from '../log';
import { StopSending } from './stop-sending';
import { databaseHomeStore } from './store/database-home.store';

const LOOK_EVERY_MS = 60_000;
/** A fail-over or a planned move takes less, and loses nothing; a backup is older. */
const LONG_AGO = '10 minutes';
/** Who stops the sending then, in the audit log. */
const ACTOR = 'restored';

/**
 * A database that was restored from a backup knows nothing of the payments since, and would write to everybody who made one. So
 * sending starts stopped on a database that is another one than the one before and was last looked at long ago, and a person lets it go on.
 */
@Injectable()
export class NoticeRestores {
  private timer: NodeJS.Timeout | undefined;
  private saidSo = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(StopSending) private readonly stopSending: StopSending,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Looks, before anything is sent, and goes on looking: a database may also be restored under a running container. */
  async start(): Promise<void> {
    await this.look();
    this.timer = setInterval(
      () => void this.look().catch((error: unknown) => this.log.trouble('database not recognised', error)),
      LOOK_EVERY_MS,
    );
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async look(): Promise<void> {
    const identity = await this.identity();
    if (identity === null) return;
    const restored = await this.database.transaction(async (tx) => {
      const home = await databaseHomeStore.locked(tx, LONG_AGO);
      await databaseHomeStore.keep(tx, identity);
      if (home === undefined || home.identity === identity || !home.wasLongAgo) return null;
      await this.stopSending.everythingIn(
        tx,
        ACTOR,
        `the database is another one, and was last in use at ${home.seenAt.toISOString()}`,
      );
      return home;
    });
    if (restored) this.log.warn('database restored: all sending is stopped', { lastInUse: restored.seenAt.toISOString() });
  }

  /** Null: the database does not tell (some that are hosted do not), and nothing is compared. */
  private async identity(): Promise<string | null> {
    try {
      return await databaseHomeStore.identity(this.database);
    } catch (error) {
      if (!this.saidSo) this.log.trouble('database does not say which one it is', error);
      this.saidSo = true;
      return null;
    }
  }
}
