import { setTimeout as pause } from 'node:timers/promises';
import { type Instant, instantFromMillis, toDate } from '@wapas/kernel';

/** Runs a statement on the application's database. */
export type Sql = (text: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;

const COMES_TO_REST_WITHIN_MS = 60_000;

/**
 * Business time that stands still and is moved from moment to moment, so that a day of the story takes as long as its work.
 * The application finds it in its database, where its own clock is.
 */
export class MovedClock {
  private constructor(
    private readonly sql: Sql,
    private readonly sandboxUrl: string,
    private at: Instant,
  ) {}

  static async startingNow(sql: Sql, sandboxUrl: string): Promise<MovedClock> {
    const [row] = await sql(`select extract(epoch from business_now())::float8 * 1000 as now`);
    const clock = new MovedClock(sql, sandboxUrl, instantFromMillis(Math.floor(Number(row?.now))));
    await clock.moveTo(clock.at);
    return clock;
  }

  now(): Instant {
    return this.at;
  }

  /** For the application and for the vendors; what is due then happens while `rest` is awaited. */
  async moveTo(moment: Instant): Promise<void> {
    this.at = moment;
    await this.sql(`update business_clock set anchor_real = clock_timestamp(), anchor_business = $1, rate = 0`, [toDate(moment)]);
    const response = await fetch(`${this.sandboxUrl}/sandbox/clock`, {
      method: 'POST',
      body: JSON.stringify({ start: toDate(moment).toISOString(), rate: 0 }),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`The sandbox answered ${response.status} when its clock was set.`);
  }

  /** When the next step of anybody is due; null when nothing is. */
  async nextDue(): Promise<Instant | null> {
    const [row] = await this.sql(
      `select extract(epoch from min(due_at))::float8 * 1000 as due from run where due_at > business_now()`,
    );
    return row?.due == null ? null : instantFromMillis(Math.ceil(Number(row.due)));
  }

  /** Waits until nothing is on its way: no packet on the bus, no step due, no call open, no receipt outstanding. */
  async rest(): Promise<void> {
    for (const giveUpAt = Date.now() + COMES_TO_REST_WITHIN_MS; Date.now() < giveUpAt;) {
      const [row] = await this.sql(BUSY);
      if (Number(row?.busy) === 0 && (await this.receiptsWaiting()) === 0 && Number((await this.sql(BUSY))[0]?.busy) === 0)
        return;
      await pause(5);
    }
    throw new Error('The application did not come to rest: something that is due is not being done.');
  }

  private async receiptsWaiting(): Promise<number> {
    const response = await fetch(`${this.sandboxUrl}/sandbox/health`);
    return ((await response.json()) as { webhooks: { waiting: number } }).webhooks.waiting;
  }
}

const BUSY = `select ((select count(*) from run where due_at <= business_now())
  + (select count(*) from message where state = 'calling' or (state in ('planned', 'retryable') and (not_before is null or not_before <= clock_timestamp() + interval '1 minute')))
  + (select count(*) from bus_outbox where parked_at is null))::int as busy`;
