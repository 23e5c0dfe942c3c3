import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { CONFIG, type Config } from '../config/config';
import { SourcePulse } from '../ingestion/ingestion.api';
import { Log } from '../log';
import { AskGateways } from '../payments/payments.api';
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
    // The same page again, later: who was not answered for must not be passed over.
    if (standings.some(({ kind }) => kind === 'unknown')) return { done: 0, nextInMs: AFTER_FAILURE_MS };
    const last = runs.at(-1);
    if (last === undefined || runs.length < PAGE) return this.rest();
    this.place = { dueAt: last.dueAt, id: last.id };
    return { done: 0, nextInMs: NEXT_PAGE_MS };
  }

  private rest(): Pass {
    this.place = BEGINNING;
    return { done: 0, nextInMs: LOOK_EVERY_MS };
  }
}
