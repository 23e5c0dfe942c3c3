import { Inject, Injectable } from '@nestjs/common';
import { Database, isOutOfReach, type RetentionRule, statement, type Transaction } from '@wapas/database';
import { assertNever, hours, type Instant, toDate, toInstant } from '@wapas/kernel';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { accessRetention } from './access/store/operation-audit.store';
import { analyticsRetention } from './analytics/store/retention.store';
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
  ...analyticsRetention,
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
  `update retention_progress set through = greatest(through, $2), retired = retired + $3, updated_at = business_now() where rule = $1`,
);

/** What a rule is at: everything before `before`, and it has come as far as `from`; null: it has not begun. */
interface Step {
  readonly from: Instant | null;
  readonly before: Instant;
}

/**
 * Lets go of what is older than it may be: contents after `WAPAS_PAYLOAD_DAYS`, rows of the log after `WAPAS_LOG_DAYS`, those behind the
 * figures of reports after `WAPAS_REPORT_DAYS`. Works in small batches, each a transaction of its own, in the order of time, and remembers after every one how far it has come: what was let
 * go of still lies in the table, blanked or waiting for the vacuum, and is not read again by the next.
 */
@Injectable()
export class ApplyRetention {
  private readonly loop: DueLoop;
  /** Of the rules that have not come to the end of a step. Whoever knows of none begins at the mark. */
  private readonly open = new Map<string, Step>();

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'retention'>,
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

  /** One batch of each rule that has something to do. Says how many rules have more to do. One that fails holds up none of the others. */
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
    const { retired, next } = await this.database.transaction((tx) => this.batch(tx, rule));
    if (next === null) this.open.delete(rule.name);
    else this.open.set(rule.name, next);
    if (retired > 0) this.log.info('retired', { what: rule.name, rows: retired });
    return next !== null;
  }

  private async batch(tx: Transaction, rule: RetentionRule): Promise<{ retired: number; next: Step | null }> {
    const step = await this.stepOf(tx, rule);
    if (step === null) return { retired: 0, next: null };
    const { from, before } = step;
    const rows = await tx.query<{ at: Date | null }>(rule.sql, [
      from === null ? '-infinity' : toDate(from),
      toDate(before),
      BATCH,
    ]);
    const isDone = rows.length < BATCH;
    // Others of the very last instant may be left: the next batch begins with it, not behind it.
    const reached = isDone ? before : (latestOf(rows) ?? from);
    const through = isDone || !rule.leavesSome ? reached : null;
    await tx.query(ADVANCE, [rule.name, through && toDate(through), rows.length]);
    return { retired: rows.length, next: isDone ? null : { from: reached, before } };
  }

  /** What is to be done now; null: nothing, or another container is at it. */
  private async stepOf(tx: Transaction, rule: RetentionRule): Promise<Step | null> {
    const [taken] = await tx.query<{ through: Date | number }>(TAKE, [rule.name]);
    if (!taken) return null;
    // The driver gives a number for the infinite past.
    const through = taken.through instanceof Date ? toInstant(taken.through) : null;
    const open = this.open.get(rule.name);
    // Another container may have moved the mark meanwhile.
    if (open && (rule.leavesSome || open.from === through)) return open;
    const before = ((await tx.businessNow()) - this.keptForMs(rule)) as Instant;
    if (through !== null && before - through < STEP) return null;
    return { from: rule.leavesSome ? null : through, before };
  }

  private keptForMs({ keeps }: RetentionRule): number {
    const { payloadDays, logDays, reportDays } = this.config.retention;
    switch (keeps) {
      case 'payload':
        return DAY * payloadDays;
      case 'log':
        return DAY * logDays;
      case 'reports':
        return DAY * reportDays;
      default:
        return assertNever(keeps);
    }
  }
}

/** Null: they were taken in no order. */
function latestOf(rows: readonly { readonly at: Date | null }[]): Instant | null {
  const known = rows.flatMap(({ at }) => (at === null ? [] : [at.getTime()]));
  return known.length === 0 ? null : toInstant(new Date(Math.max(...known)));
}
