import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { WORK_QUEUE, type WorkQueue } from '@wapas/work-queue';
import { Log } from '../log';
import { ChooseProvider } from './choose-provider';
import { ExpireMessages } from './expire-messages';
import { KeepUpToDate } from './keep-up-to-date';
import { OfferMessages } from './offer-messages';
import { ProviderRegistry } from './provider-registry';
import { RecordReceipts } from './record-receipts';
import { waitingStore } from './store/waiting.store';

const LOOK_EVERY_MS = 250;
const BATCH = 1_000;
/** While this many jobs wait on a lane, offering their messages again would only lengthen the line. */
const SHORT_QUEUE = 20;
const LATE_EVERY_MS = 1_000;

/** Picks up what fell by the wayside: messages nobody was woken for, calls whose process died, receipts that came too early. */
@Injectable()
export class SweepMessages {
  private readonly loop: DueLoop;
  private lookedForLateAt = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(WORK_QUEUE) private readonly queue: WorkQueue,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(ChooseProvider) private readonly chooseProvider: ChooseProvider,
    @Inject(KeepUpToDate) private readonly keepUpToDate: KeepUpToDate,
    @Inject(ExpireMessages) private readonly expireMessages: ExpireMessages,
    @Inject(OfferMessages) private readonly offerMessages: OfferMessages,
    @Inject(RecordReceipts) private readonly recordReceipts: RecordReceipts,
    @Inject(Log) log: Log,
  ) {
    this.loop = new DueLoop(() => this.pass(), {
      name: 'sweep messages',
      fullPass: BATCH,
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

  private async pass(): Promise<Pass> {
    await this.keepUpToDate.refresh();
    await this.expireMessages.leases(BATCH);
    await this.expireLate();
    await this.moveToOthers();
    await this.recordReceipts.takeParked();
    return { done: await this.offerAgain() };
  }

  private async expireLate(): Promise<void> {
    if (performance.now() - this.lookedForLateAt < LATE_EVERY_MS) return;
    this.lookedForLateAt = performance.now();
    if ((await this.expireMessages.late(BATCH)) === BATCH) this.lookedForLateAt = Number.NEGATIVE_INFINITY;
  }

  /** What waits for a provider that is out of use goes to the next one of its channel, if that one works. */
  private async moveToOthers(): Promise<void> {
    for (const registered of this.providers.all) {
      const to = this.chooseProvider.insteadOfAll(registered);
      if (to !== null) await waitingStore.moveWaiting(this.database, registered.name, to, BATCH);
    }
  }

  private async offerAgain(): Promise<number> {
    const waiting = await Promise.all(this.providers.all.map(({ name }) => this.queue.waiting(name).catch(() => SHORT_QUEUE)));
    const open = this.providers.all
      .filter(({ name }, index) => (waiting[index] as number) < SHORT_QUEUE && !this.chooseProvider.isShut(name))
      .map(({ name }) => name);
    return open.length === 0 ? 0 : this.offerMessages.offerAgain(open, BATCH);
  }
}
