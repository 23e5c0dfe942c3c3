import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { DueLoop } from '@wapas/scheduler';
import { operationAudit } from '../../access/access.api';
import { CONFIG, type Config } from '../../config/config';
import { Log } from '../../log';
import { OpenIncidents } from './open-incidents';
import { type Counted, failuresIn, isIncident, isOver, without } from './rules/judge-incident';
import { fieldsOf, fullNameOf, methodsOf, partsOf, type RailAt } from './rules/rail';
import { BY_SOURCE, downtimeStore } from './store/downtime.store';
import { type Incident, incidentStore, type RailFailures } from './store/incident.store';

const LOOK_EVERY_MS = 2_000;
/** Summing up and judging costs more than looking at what is open. */
const LOOKS_A_JUDGEMENT = 5;
/** Who opens and closes when no person did. */
export const WATCH = 'watch';
/** A person who released a rail knows better than the count for a while. */
const QUIET_AFTER_A_PERSON = '1 hour';

/**
 * Watches how often triggers fail over each method, bank and gateway, and over each method and bank at each gateway. A rail that fails
 * far more often than usual holds the runs that went over it, until it fails no more than usual again: what is still in time then goes
 * on, the rest expires.
 */
@Injectable()
export class WatchIncidents {
  private readonly loop: DueLoop;
  private looks = 0;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(OpenIncidents) private readonly openIncidents: OpenIncidents,
    @Inject(Log) private readonly log: Log,
  ) {
    this.loop = new DueLoop(() => this.pass(), {
      name: 'watch incidents',
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

  /** What holds runs now, in words; empty when all is well. */
  lines(): string[] {
    return this.openIncidents.all.map(
      ({ dimension, value, gateway, openedBy }) =>
        `runs of ${dimension} ${value}${gateway === null ? '' : ` at ${gateway}`} are held: ${whyOf(openedBy)}; see GET /v1/incidents`,
    );
  }

  /** Sums up and judges now. */
  async look(): Promise<void> {
    await this.database.transaction(async (tx) => {
      if (!(await incidentStore.take(tx))) return;
      incidentStore.sumUp(tx);
      // A downtime may begin later than it was announced, and end without a word.
      for (const { opened, by, ...rail } of await downtimeStore.follow(tx))
        this.log.warn(opened ? 'incident opened' : 'incident over', { ...fieldsOf(rail), by });
      await this.judge(tx);
    });
    await this.openIncidents.refresh();
  }

  /** Null when it is held already. */
  async hold(rail: RailAt, actor: string, reason: string | null): Promise<Incident | null> {
    const incident = await this.database.transaction(async (tx) => {
      const opened = await incidentStore.begin(tx, rail, actor, { reason });
      if (opened) await operationAudit.add(tx, { act: 'incident_held', subject: fullNameOf(rail), actor, reason });
      return opened;
    });
    if (incident) this.log.warn('incident opened', { ...fieldsOf(rail), by: actor });
    await this.openIncidents.refresh();
    return incident;
  }

  /** Says whether it was open. */
  async release(id: string, actor: string, reason: string | null): Promise<boolean> {
    const closed = await this.database.transaction(async (tx) => {
      const incident = await incidentStore.close(tx, id, actor, QUIET_AFTER_A_PERSON);
      if (incident) await operationAudit.add(tx, { act: 'incident_released', subject: fullNameOf(incident), actor, reason });
      return incident;
    });
    await this.openIncidents.refresh();
    return closed !== null;
  }

  /** The narrow ones first: what is held by itself says nothing of the rest. Without it, is the wider one down still? */
  private async judge(tx: Transaction): Promise<void> {
    const failures = await incidentStore.failures(tx);
    const atGateways = failures.filter(({ gateway }) => gateway !== null);
    const gateways = failures.filter(({ dimension }) => dimension === 'gateway');
    const others = failures.filter(({ dimension, gateway }) => gateway === null && dimension !== 'gateway');
    await this.judgeAll(tx, atGateways, (rail) => rail);
    const heldAlone = await incidentStore.setAside(tx);
    await this.judgeAll(tx, gateways, (rail) => without(rail, methodsOf(rail, atGateways, heldAlone)));
    const heldAtGateways = await incidentStore.setAside(tx);
    await this.judgeAll(tx, others, (rail) => without(rail, partsOf(rail, atGateways, heldAtGateways)));
  }

  private async judgeAll(
    tx: Transaction,
    rails: readonly RailFailures[],
    judgedBy: (rail: RailFailures) => Counted,
  ): Promise<void> {
    const open = new Map((await incidentStore.open(tx)).map((incident) => [fullNameOf(incident), incident]));
    const announced = new Set((await downtimeStore.announced(tx)).map(fullNameOf));
    for (const rail of rails) {
      const failures = failuresIn(judgedBy(rail));
      const current = open.get(fullNameOf(rail));
      if (!current && isIncident(failures, this.config.incidents)) {
        const seen = { failures: failures.lastFiveMinutes, usual: failures.usual };
        const opened = await incidentStore.begin(tx, rail, WATCH, seen);
        if (opened) this.log.warn('incident opened', { ...fieldsOf(rail), ...seen, usual: seen.usual ?? undefined, by: WATCH });
      }
      // What a person holds, a person releases; what a gateway calls down is not over because few try.
      if (current?.openedBy === WATCH && !announced.has(fullNameOf(rail)) && isOver(failures, this.config.incidents)) {
        await incidentStore.close(tx, current.id, WATCH, '0');
        this.log.warn('incident over', fieldsOf(rail));
      }
    }
  }

  private async pass(): Promise<{ done: number }> {
    if (this.looks % LOOKS_A_JUDGEMENT === 0) await this.look();
    else await this.openIncidents.refresh();
    this.looks += 1;
    return { done: 0 };
  }
}

function whyOf(openedBy: string): string {
  if (openedBy === WATCH) return 'it fails far more often than usual';
  return openedBy.startsWith(BY_SOURCE) ? `${openedBy.slice(BY_SOURCE.length)} says that it is down` : 'somebody said so';
}
