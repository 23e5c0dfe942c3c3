import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { Bus } from '@wapas/events';
import { DueLoop, type Pass } from '@wapas/scheduler';
import { WORK_QUEUE, type WorkQueue } from '@wapas/work-queue';
import { type BusEvents } from '../bus-events';
import { Log } from '../log';
import { ChooseProvider } from './choose-provider';
import { KeepBreakers } from './keep-breakers';
import { KeepPauses } from './keep-pauses';
import { KeepPrices } from './keep-prices';
import { KeepSpendCaps } from './keep-spend-caps';
import { KeepTexts } from './keep-texts';
import { OfferMessages } from './offer-messages';
import { ProviderRegistry } from './provider-registry';
import { RecordReceipts } from './record-receipts';
import { RegisterTemplates } from './register-templates';
import { publishSettled } from './settled';
import { messageStore } from './store/message.store';
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
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(WORK_QUEUE) private readonly queue: WorkQueue,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(OfferMessages) private readonly offerMessages: OfferMessages,
    @Inject(KeepPauses) private readonly keepPauses: KeepPauses,
    @Inject(KeepBreakers) private readonly keepBreakers: KeepBreakers,
    @Inject(ChooseProvider) private readonly chooseProvider: ChooseProvider,
    @Inject(RegisterTemplates) private readonly registerTemplates: RegisterTemplates,
    @Inject(KeepTexts) private readonly keepTexts: KeepTexts,
    @Inject(KeepPrices) private readonly keepPrices: KeepPrices,
    @Inject(KeepSpendCaps) private readonly keepSpendCaps: KeepSpendCaps,
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
    await this.keepPauses.refresh();
    await this.keepBreakers.refresh();
    await this.registerTemplates.refresh();
    await this.keepTexts.refresh();
    await this.keepPrices.refresh();
    await this.keepSpendCaps.refresh();
    await this.expireLeases();
    await this.expireLate();
    await this.moveToOthers();
    await this.recordReceipts.takeParked();
    return { done: await this.offerAgain() };
  }

  private async expireLeases(): Promise<void> {
    await this.database.transaction(async (tx) => {
      const changed = await messageStore.expireLeases(tx, BATCH, this.providers.resendable());
      if (changed.length > 0) await publishSettled(this.bus, tx, changed, await tx.businessNow());
    });
  }

  /** What waits for a provider that is shut, or for a queue that is long, is told in time that it is too late. */
  private async expireLate(): Promise<void> {
    if (performance.now() - this.lookedForLateAt < LATE_EVERY_MS) return;
    this.lookedForLateAt = performance.now();
    await this.database.transaction(async (tx) => {
      const changed = await waitingStore.expireLate(tx, BATCH);
      if (changed.length === BATCH) this.lookedForLateAt = Number.NEGATIVE_INFINITY;
      if (changed.length > 0) await publishSettled(this.bus, tx, changed, await tx.businessNow());
    });
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
    if (open.length === 0) return 0;
    const offers = await waitingStore.takeOffers(this.database, BATCH, open);
    await this.offerMessages.offer(offers);
    return offers.length;
  }
}
