import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { unavailable } from '@wapas/problems';
import { DueLoop } from '@wapas/scheduler';
import { KnownJourneys, storedVersions, type VersionFacts } from '../journeys/journeys.api';
import { Log } from '../log';
import { rollUpStore, type VersionName } from './store/roll-up.store';

const QUARTERS_A_PASS = 100;
const IDLE_MS = 15_000;
/** Counting again what is being written right now may take this share of the time, no more. */
const REST_PER_WORK = 30;
const REST_PER_OLD_WORK = 4;

/** Keeps the roll-ups fresh: soon in the background, and before a report that asks about them. */
@Injectable()
export class RollUpOutcomes {
  private readonly loop: DueLoop;
  private atWork: Promise<unknown> = Promise.resolve();
  /** A report begins no further pass after so long, in milliseconds: whoever asked, and what stands between, gives up soon. */
  readonly patienceMs: number = 20_000;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(KnownJourneys) private readonly journeys: KnownJourneys,
    @Inject(Log) log: Log,
  ) {
    this.loop = new DueLoop(() => this.passInBackground(), {
      name: 'roll-up',
      fullPass: QUARTERS_A_PASS,
      idleMs: 600_000,
      onTrouble: (name, error) => log.trouble(`${name} failed`, error),
    });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /**
   * Resolves when everything that was committed about the journey before this call is counted; null for all journeys. After a rebuild that
   * can take minutes: fails then with 503 `counting_again`, and what was counted so far stays counted.
   */
  async refresh(journeyKey: string | null): Promise<void> {
    if (!(await rollUpStore.isStale(this.database, journeyKey))) return;
    const until = performance.now() + this.patienceMs;
    for (;;) {
      const done = await this.pass(journeyKey, until);
      if (done === null) throw countingAgain(await rollUpStore.staleQuarters(this.database, journeyKey));
      if (done < QUARTERS_A_PASS) return;
    }
  }

  private async passInBackground(): Promise<{ done: number; nextInMs: number }> {
    const startedAt = performance.now();
    const isStale = await rollUpStore.isStale(this.database, null);
    const done = (isStale && (await this.pass(null, Number.POSITIVE_INFINITY))) || 0;
    const took = performance.now() - startedAt;
    // A full pass has old quarters behind it, which nobody is writing: those are counted once and done with.
    const nextInMs = done >= QUARTERS_A_PASS ? REST_PER_OLD_WORK * took : Math.max(IDLE_MS, REST_PER_WORK * took);
    return { done: 0, nextInMs };
  }

  /** Another container may have let people into a version that this one has not heard of yet; what is counted of it now stays. */
  private async versionsFor(tx: Transaction, entered: readonly VersionName[]): Promise<readonly VersionFacts[]> {
    const known = this.journeys.versions();
    const names = new Set(known.map(({ key, version }) => `${key}@${version}`));
    return entered.every(({ key, version }) => names.has(`${key}@${version}`)) ? known : storedVersions(tx);
  }

  /** One at a time in this process: of many reports that ask for a pass one waits for the lock, with a connection, and the others for it. Null: its turn came after `until`, and there was none. */
  private pass(journeyKey: string | null, until: number): Promise<number | null> {
    const turn = this.atWork.then((): Promise<number> | null =>
      performance.now() >= until
        ? null
        : this.database.transaction((tx) =>
            rollUpStore.rollUp(tx, journeyKey, QUARTERS_A_PASS, (reading, entered) => this.versionsFor(reading, entered)),
          ),
    );
    this.atWork = turn.catch(() => undefined); // Whoever asked for it hears of it.
    return turn;
  }
}

const countingAgain = (quarters: number) =>
  unavailable(
    'counting_again',
    `${quarters.toLocaleString('en')} quarters of an hour have still to be counted, as after a rebuild. Ask again: every time more of them are, in the background too.`,
    5,
  );
