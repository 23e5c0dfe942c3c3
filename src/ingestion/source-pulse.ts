import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database } from '@wapas/database';
import { type Instant } from '@wapas/kernel';
import { CONFIG, type Config } from '../config/config';
import { Log } from '../log';
import { sourcePulseStore } from './store/source-pulse.store';

const WRITE_EVERY_MS = 5_000;
const READ_EVERY_MS = 1_000;

/**
 * When each source was last heard, by any container. A gateway switches a webhook off that has failed for a day, and says so
 * by e-mail to somebody: silence is all that reaches us.
 */
@Injectable()
export class SourcePulse {
  private readonly writtenAt = new Map<string, number>();
  private seen: { at: number; pulses: ReadonlyMap<string, Instant> } = { at: -Infinity, pulses: new Map() };

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** An authentic webhook came in. Costs a statement every five seconds, and nobody waits for it. */
  heard(source: string): void {
    const now = performance.now();
    if (now - (this.writtenAt.get(source) ?? -Infinity) < WRITE_EVERY_MS) return;
    this.writtenAt.set(source, now);
    sourcePulseStore.heard(this.database, source).catch((error: unknown) => {
      this.writtenAt.delete(source);
      this.log.trouble('pulse of a source not stored', error, { source });
    });
  }

  /** Sources that were heard once and have been silent for so long; for longer than they should when nothing is said. */
  async quiet(forMs = this.config.payments.sourceQuietAfterMs): Promise<ReadonlySet<string>> {
    const pulses = await this.heardAt();
    const limit = this.clock.now() - forMs;
    return new Set([...pulses].filter(([, heardAt]) => heardAt < limit).map(([source]) => source));
  }

  /** When each source was heard last; a few seconds behind. */
  async heardAt(): Promise<ReadonlyMap<string, Instant>> {
    if (performance.now() - this.seen.at > READ_EVERY_MS)
      this.seen = { at: performance.now(), pulses: await sourcePulseStore.pulses(this.database) };
    return this.seen.pulses;
  }
}
