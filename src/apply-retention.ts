import { Inject, Injectable } from '@nestjs/common';
import { Database, isOutOfReach, type RetentionRule, statement } from '@wapas/database';
import { hours, type Instant, toDate, toInstant } from '@wapas/kernel';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { accessRetention } from './access/store/operation-audit.store';
import { channelsRetention } from './channels/store/retention.store';
import { CONFIG, type Config } from './config/config';
import { ingestionRetention } from './ingestion/store/retention.store';
import { journeysRetention } from './journeys/store/retention.store';
import { linksRetention } from './links/store/retention.store';
import { Log } from './log';
import { paymentsRetention } from './payments/store/retention.store';
import { profilesRetention } from './profiles/store/retention.store';
import { webhooksRetention } from './webhooks/store/retention.store';

/** Every table that lets go of something, in the order in which it is done. */
export const retentionRules: readonly RetentionRule[] = [
  ...accessRetention,
  ...ingestionRetention,
  ...journeysRetention,
  ...channelsRetention,
  ...linksRetention,
  ...paymentsRetention,
  ...profilesRetention,
  ...webhooksRetention,
];

const BATCH = 1_000;
const LOOK_EVERY_MS = 10 * 60_000;
/** A look that finds little to do may wait: what is a few hours older than allowed is not worth a pass over a table. */
const STEP = hours(6);
const DAY = hours(24);

/** Waits for nobody: of several containers one does it, the others find the rule taken. */
const TAKE = statement('take_retention_rule', `select through from retention_progress where rule = $1 for update skip locked`);
const BEGIN = statement(
  'begin_retention_rule',
  `insert into retention_progress (rule, through, updated_at) values ($1, '-infinity', business_now()) on conflict do nothing`,
);
const ADVANCE = statement(
  'advance_retention_rule',
  `update retention_progress set through = coalesce($2, through), retired = retired + $3, updated_at = business_now() where rule = $1`,
);

/**
 * Lets go of what is older than it may be: contents after `WAPAS_PAYLOAD_DAYS`, rows of the log after `WAPAS_LOG_DAYS`. Works in
 * small batches, each a transaction of its own, and remembers how far it has come, so that no pass looks at the past twice.
 */
@Injectable()
export class ApplyRetention {
  private readonly loop: DueLoop;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(Log) private readonly log: Log,
  ) {
    this.loop = new DueLoop(() => this.pass(), {
      name: 'retention',
      fullPass: 1,
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

  /** One batch of each rule. Says how many rules have more to do. One that fails holds up none of the others. */
  async pass(): Promise<Pass> {
    let unfinished = 0;
    for (const rule of retentionRules) if (await this.applied(rule)) unfinished += 1;
    return { done: unfinished };
  }

  private async applied(rule: RetentionRule): Promise<boolean> {
    try {
      return await this.apply(rule);
    } catch (error) {
      if (isOutOfReach(error)) throw error;
      this.log.trouble('retention failed', error, { what: rule.name });
      return false;
    }
  }

  /** True when there is more to do at once. */
  private async apply(rule: RetentionRule): Promise<boolean> {
    await this.database.query(BEGIN, [rule.name]);
    const retired = await this.database.transaction(async (tx) => {
      const [taken] = await tx.query<{ through: Date | number }>(TAKE, [rule.name]);
      if (!taken) return 0;
      const before = ((await tx.businessNow()) - this.daysOf(rule) * DAY) as Instant;
      // The driver gives a number for the infinite past.
      const from = taken.through instanceof Date ? toInstant(taken.through) : null;
      if (from !== null && before - from < STEP) return 0;
      const rows = await tx.query(rule.sql, [from === null ? '-infinity' : toDate(from), toDate(before), BATCH]);
      await tx.query(ADVANCE, [rule.name, rows.length < BATCH ? toDate(before) : null, rows.length]);
      return rows.length;
    });
    if (retired > 0) this.log.info('retired', { what: rule.name, rows: retired });
    return retired >= BATCH;
  }

  private daysOf({ keeps }: RetentionRule): number {
    return keeps === 'payload' ? this.config.retention.payloadDays : this.config.retention.logDays;
  }
}
