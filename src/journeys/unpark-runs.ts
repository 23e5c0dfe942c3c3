import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { RailsDown } from '../channels/channels.api';
import { Log } from '../log';
import { Catalogue } from './catalogue';
import { OpenIncidents } from './incidents/open-incidents';
import { fullNameOf, type RailAt } from './incidents/rules/rail';
import { runStore } from './store/run.store';

/** So many messages and runs a second and container: a journey that was paused for a day comes back without a burst. */
const MOST_A_LOOK = 200;
const LOOK_EVERY_MS = 1_000;
/** After so many looks in vain nothing is on its way any more that was decided by what was paused or down before. */
const LOOKS_IN_VAIN = 5;
/** Then every so many-th look is enough while nothing changes: each reads all that an incident holds. */
const ONE_LOOK_IN = 30;

/**
 * Sets runs going again that were parked while their journey was paused, or what they went over was down, and messages that were held
 * for the latter. Each decides for itself what is too late by now.
 */
@Injectable()
export class UnparkRuns {
  private readonly loop: DueLoop;
  /** What was going and what was down at the last look. */
  private known = '';
  private looksInVain = 0;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Catalogue) private readonly catalogue: Pick<Catalogue, 'goingKeys'>,
    @Inject(OpenIncidents) private readonly openIncidents: Pick<OpenIncidents, 'all'>,
    @Inject(RailsDown) private readonly railsDown: RailsDown,
    @Inject(Log) log: Log,
  ) {
    this.loop = new DueLoop(() => this.pass(), {
      name: 'unpark runs',
      // Never full: the pace is the point.
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

  /** One look, unless it would be in vain. */
  async pass(): Promise<Pass> {
    const going = this.catalogue.goingKeys();
    const down = this.openIncidents.all;
    if (!this.isWorthALook(going, down)) return { done: 0 };
    const messages = await this.railsDown.letGo(MOST_A_LOOK);
    const runs = await runStore.unpark(this.database, going, down, MOST_A_LOOK - messages);
    const done = messages + runs;
    if (done > 0) this.looksInVain = 0;
    return { done };
  }

  private isWorthALook(going: readonly string[], down: readonly RailAt[]): boolean {
    const known = JSON.stringify([going, down.map(fullNameOf)]);
    if (known !== this.known) this.looksInVain = 0;
    this.known = known;
    this.looksInVain += 1;
    return this.looksInVain <= LOOKS_IN_VAIN || this.looksInVain % ONE_LOOK_IN === 0;
  }
}
