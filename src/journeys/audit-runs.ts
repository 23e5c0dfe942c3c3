import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database } from '@wapas/database';
import { DueLoop } from '@wapas/scheduler';
import { Log } from '../log';
import { auditOfRuns, type RunFaults } from './store/audit.store';

const LOOK_EVERY_MS = 30_000;
/** Due for longer than this and still not taken up, in seconds of real time. */
const LATE_SECONDS = 60;

/**
 * Looks for what nobody would notice otherwise: a timer that is missing, due work that nobody takes, a step without an
 * outcome. Such things do not fail; they are silent. Each look that finds something is an alarm in the log, and the latest
 * one stands in the health body.
 */
@Injectable()
export class AuditRuns {
  private readonly loop: DueLoop;
  private latest: RunFaults | undefined;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(Log) private readonly log: Log,
  ) {
    this.loop = new DueLoop(() => this.pass(), {
      name: 'audit runs',
      fullPass: Number.POSITIVE_INFINITY,
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

  /** What the latest look found; undefined when nobody has looked yet. */
  get found(): RunFaults | undefined {
    return this.latest;
  }

  /** What the latest look found, in words; empty when all is well or nobody has looked yet. */
  lines(): string[] {
    const { withoutTimer = 0, overdue = 0, withoutOutcome = 0, unclaimed = 0 } = this.latest ?? {};
    return [
      ...(withoutTimer > 0 ? [`${withoutTimer} live run(s) have no timer: nothing would ever happen to them`] : []),
      ...(overdue > 0 ? [`${overdue} run(s) are due for more than a minute and not taken up`] : []),
      ...(withoutOutcome > 0 ? [`${withoutOutcome} run(s) have a step without exactly one outcome`] : []),
      ...(unclaimed > 0 ? [`${unclaimed} message(s) are due for more than a minute and not claimed`] : []),
    ];
  }

  /** Looks now. */
  async look(): Promise<RunFaults> {
    const found = await auditOfRuns.faults(this.database, LATE_SECONDS * Math.max(1, this.clock.rate));
    this.latest = found;
    if (this.lines().length > 0) this.log.warn('runs need attention', { ...found });
    return found;
  }

  private async pass(): Promise<{ done: number }> {
    await this.look();
    return { done: 0 };
  }
}
