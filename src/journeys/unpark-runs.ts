import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { DueLoop } from '@wapas/scheduler';
import { RailsDown } from '../channels/channels.api';
import { Log } from '../log';
import { Catalogue } from './catalogue';
import { OpenIncidents } from './incidents/open-incidents';
import { runStore } from './store/run.store';

/** So many messages and runs a second and container: a journey that was paused for a day comes back without a burst. */
const MOST_A_LOOK = 200;
const LOOK_EVERY_MS = 1_000;

/**
 * Sets runs going again that were parked while their journey was paused, or what they went over was down, and messages that were held
 * for the latter. Each decides for itself what is too late by now.
 */
@Injectable()
export class UnparkRuns {
  private readonly loop: DueLoop;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(OpenIncidents) private readonly openIncidents: OpenIncidents,
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

  private async pass(): Promise<{ done: number }> {
    const messages = await this.railsDown.letGo(MOST_A_LOOK);
    const left = MOST_A_LOOK - messages;
    const runs = await runStore.unpark(this.database, this.catalogue.pausedKeys(), this.openIncidents.all, left);
    return { done: messages + runs };
  }
}
