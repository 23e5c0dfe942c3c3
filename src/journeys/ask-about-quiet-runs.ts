import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { CONFIG, type Config } from '../config/config';
import { SourcePulse } from '../ingestion/ingestion.api';
import { Log } from '../log';
import { AskGateways } from '../payments/payments.api';
import { worthAskingAgain } from './rules/quiet-page';
import { BEGINNING, liveRunStore, type Place } from './store/live-run.store';

const PAGE = 500;
const LOOK_EVERY_MS = 5_000;
/** Between two pages of a walk: a million live runs are walked in minutes, and nobody else waits for it. */
const NEXT_PAGE_MS = 100;
const AFTER_FAILURE_MS = 30_000;

/**
 * While a source is silent for longer than it should, its live runs are asked about, whether a step of theirs is due or not:
 * those that were paid meanwhile end by their goal and are counted as such. Each is asked about once in that time.
 */
@Injectable()
export class AskAboutQuietRuns {
  private readonly loop: DueLoop;
  private place: Place = BEGINNING;
  /** Runs of this page of which the gateway could not say a moment ago how they stand; null before it is asked. */
  private unansweredBefore: number | null = null;
  /** Whether this walk passed over anybody whom the next one has to ask about. */
  private passedOver = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(AskGateways) private readonly askGateways: AskGateways,
    @Inject(SourcePulse) private readonly pulse: SourcePulse,
    @Inject(Log) log: Log,
  ) {
    this.loop = new DueLoop(() => this.pass(), {
      name: 'ask about quiet runs',
      fullPass: Infinity,
      idleMs: AFTER_FAILURE_MS,
      onTrouble: (name, error) => log.trouble(`${name} failed`, error),
    });
  }

  start(): void {
    if (this.askGateways.isUsed) this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async pass(): Promise<Pass> {
    await this.askGateways.forgetOldWords();
    const quiet = await this.pulse.quiet();
    if (quiet.size === 0) return this.rest();
    const runs = await liveRunStore.after(this.database, this.place, PAGE);
    const concerned = runs.filter(({ guard: { asks } }) => this.askGateways.canAsk(asks) && quiet.has(asks.source));
    const standings = await this.askGateways.freshen(
      concerned.map(({ guard }) => guard),
      this.config.payments.sourceQuietAfterMs,
    );
    const asksAgain = worthAskingAgain(standings, this.unansweredBefore);
    this.unansweredBefore = asksAgain;
    if (asksAgain !== null) return { done: 0, nextInMs: AFTER_FAILURE_MS };
    this.passedOver ||= standings.some(({ kind }) => kind === 'unknown');
    const last = runs.at(-1);
    if (last === undefined || runs.length < PAGE) return this.rest();
    this.place = { dueAt: last.dueAt, id: last.id };
    return { done: 0, nextInMs: NEXT_PAGE_MS };
  }

  /** The next walk asks about those who were passed over, and about nobody else a second time. */
  private rest(): Pass {
    const nextInMs = this.passedOver ? AFTER_FAILURE_MS : LOOK_EVERY_MS;
    this.place = BEGINNING;
    this.unansweredBefore = null;
    this.passedOver = false;
    return { done: 0, nextInMs };
  }
}
