import { type Clock, type Instant, instantFromMillis, toDate } from '@wapas/kernel';
import { type Database } from './database';
import { statement } from './statement';

const READ_CLOCK = statement(
  'read_business_clock',
  `select extract(epoch from anchor_business) * 1000 as "anchorBusiness",
          extract(epoch from business_now()) * 1000 as "now", rate from business_clock`,
);
const START_CLOCK = statement(
  'start_business_clock',
  `update business_clock set anchor_real = clock_timestamp(), anchor_business = $1, rate = $2`,
);

const REFRESH_EVERY_MS = 500;

/**
 * Business time for the edges (is this event from the future? is this link too old?), extrapolated from the last look at
 * the database. What decides about runs and messages asks the database itself, inside its transaction.
 */
export class BusinessClock implements Clock {
  private seen = { business: Date.now(), machine: performance.now(), rate: 1 };
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly database: Database) {}

  now(): Instant {
    return instantFromMillis(Math.floor(this.seen.business + (performance.now() - this.seen.machine) * this.seen.rate));
  }

  get rate(): number {
    return this.seen.rate;
  }

  /** Sets business time to run from `start` at `rate` business seconds a second. For the sandbox and tests only. */
  async startAt(start: Instant, rate: number): Promise<void> {
    await this.database.query(START_CLOCK, [toDate(start), rate]);
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const machine = performance.now();
    const [row] = await this.database.query<{ now: string; rate: number }>(READ_CLOCK);
    if (row) this.seen = { business: Number(row.now), machine, rate: row.rate };
  }

  /** Follows the database clock until `stop`. A look that fails keeps the last one: the next may succeed. */
  follow(onTrouble: (error: unknown) => void): void {
    this.timer = setInterval(() => void this.refresh().catch(onTrouble), REFRESH_EVERY_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
