import { type BeforeApplicationShutdown, Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { BusinessClock, migrate } from '@wapas/database';
import { Bus, type BusHandler, type Wiring } from '@wapas/events';
import { WORK_QUEUE, type WorkQueue } from '@wapas/work-queue';
import { DataSource } from 'typeorm';
import { ApplyRetention } from './apply-retention';
import { RollUpOutcomes } from './analytics/roll-up-outcomes';
import { type BusEvents } from './bus-events';
import { DispatchMessages } from './channels/dispatch-messages';
import { KeepBreakers } from './channels/keep-breakers';
import { KeepPauses } from './channels/keep-pauses';
import { KeepTexts } from './channels/keep-texts';
import { NoticeRestores } from './channels/notice-restores';
import { RegisterTemplates } from './channels/register-templates';
import { SweepMessages } from './channels/sweep-messages';
import { SyncTemplates } from './channels/sync-templates';
import { CONFIG, type Config } from './config/config';
import { eventFlow } from './event-flow';
import { Readiness } from './health/readiness';
import { DeriveEvents } from './ingestion/derived/derive-events';
import { DerivedDefinitions } from './ingestion/derived/derived-definitions';
import { MappedSources } from './ingestion/mapped/mapped-sources';
import { ReplayQuarantined } from './ingestion/quarantine/replay-quarantined';
import { EventSchemas } from './ingestion/schemas/event-schemas';
import { AdvanceDueRuns } from './journeys/advance-due-runs';
import { AskAboutQuietRuns } from './journeys/ask-about-quiet-runs';
import { AuditRuns } from './journeys/audit-runs';
import { Catalogue } from './journeys/catalogue';
import { OpenIncidents } from './journeys/incidents/open-incidents';
import { WatchIncidents } from './journeys/incidents/watch-incidents';
import { WorkReplays } from './journeys/replay/work-replays';
import { UnparkRuns } from './journeys/unpark-runs';
import { Log } from './log';
import { ClosePaymentLinks } from './payments/close-payment-links';
import { ErasePerson } from './profiles/erase-person';
import { ImportConsents } from './profiles/import-consents';
import { DeliverWebhooks } from './webhooks/deliver-webhooks';

/** Starts the moving parts in order and brings them to rest: first whatever begins something new, then what carries its outcome on. */
@Injectable()
export class Lifecycle implements OnModuleDestroy, BeforeApplicationShutdown {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Log) private readonly log: Log,
    @Inject(ModuleRef) private readonly modules: ModuleRef,
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(WORK_QUEUE) private readonly queue: WorkQueue,
  ) {}

  /**
   * Schema, clock, flow, journeys, then the loops. Nothing is accepted over HTTP before this has resolved. Rejects soon after
   * `toldToStop` is aborted: a migration is called off, and no loop begins.
   */
  async start(toldToStop?: AbortSignal): Promise<void> {
    const done = await migrate(
      this.dataSource,
      (error) => this.log.trouble('a migration waits for a table that somebody reads', error),
      toldToStop,
    );
    if (done.length > 0) this.log.info('schema migrated', { migrations: done.length });
    if (this.config.sandboxClock) await this.clock.startAt(this.config.sandboxClock.start, this.config.sandboxClock.rate);
    await this.clock.refresh();
    this.clock.follow((error) => this.log.trouble('business clock not read', error));
    this.bus.wire(this.wiring());
    // What must not be used, and what texts must look like, is known before the first journey is read.
    await this.part(NoticeRestores).start();
    await this.part(KeepPauses).refresh();
    await this.part(KeepBreakers).refresh();
    await this.part(RegisterTemplates).refresh();
    await this.part(KeepTexts).refresh();
    await this.part(SyncTemplates).atStart();
    await this.part(OpenIncidents).refresh();
    await this.part(Catalogue).start();
    await this.part(DerivedDefinitions).start();
    await this.part(EventSchemas).start();
    // What endpoints want is known before anything happens that they want.
    await this.part(DeliverWebhooks).start();
    await this.part(MappedSources).start();
    toldToStop?.throwIfAborted();
    this.bus.start();
    this.part(DispatchMessages).start();
    this.part(SweepMessages).start();
    this.part(SyncTemplates).start();
    this.part(AdvanceDueRuns).start();
    this.part(AskAboutQuietRuns).start();
    this.part(ClosePaymentLinks).start();
    this.part(ImportConsents).start();
    this.part(ReplayQuarantined).start();
    this.part(ErasePerson).start();
    this.part(ApplyRetention).start();
    this.part(WatchIncidents).start();
    this.part(UnparkRuns).start();
    this.part(AuditRuns).start();
    this.part(WorkReplays).start();
    this.part(RollUpOutcomes).start();
    this.part(DeriveEvents).start();
  }

  /**
   * Nest's first step, and of all modules ours comes first. Nobody is sent here any more from this moment on, and nothing new is begun:
   * all that looks for work stops at once, so that the slowest of them, and not their sum, is what an end takes.
   */
  async onModuleDestroy(): Promise<void> {
    this.part(Readiness).drain();
    await this.atOnce([
      this.queue.close(),
      ...[
        DispatchMessages,
        SweepMessages,
        SyncTemplates,
        AdvanceDueRuns,
        AskAboutQuietRuns,
        ClosePaymentLinks,
        ImportConsents,
        ReplayQuarantined,
        ErasePerson,
        ApplyRetention,
        WatchIncidents,
        UnparkRuns,
        AuditRuns,
        WorkReplays,
        RollUpOutcomes,
        DeriveEvents,
        DeliverWebhooks,
      ].map((part) => this.part<{ stop(): Promise<void> }>(part).stop()),
    ]);
  }

  /** Before the server and the connections are closed: calls that the last jobs still began finish, then the bus comes to rest. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.part(DispatchMessages).stop();
    await this.bus.stop();
    await this.part(EventSchemas).stop();
    this.part(Catalogue).stop();
    this.part(MappedSources).stop();
    this.part(NoticeRestores).stop();
    this.clock.stop();
  }

  /** One that cannot stop as it should keeps none of the others from it. */
  private async atOnce(stopping: readonly Promise<void>[]): Promise<void> {
    for (const ended of await Promise.allSettled(stopping))
      if (ended.status === 'rejected') this.log.trouble('stopping failed', ended.reason);
  }

  private wiring(): Wiring<BusEvents> {
    const wired = Object.entries(eventFlow).map(([event, handlers]) => [
      event,
      handlers.map((handler) => ({
        name: `${event}/${handler.name}`,
        handler: this.part(handler as new (...args: never[]) => BusHandler<unknown>),
      })),
    ]);
    return Object.fromEntries(wired) as Wiring<BusEvents>;
  }

  /** Throws, with its name, for a part that no module provides. */
  private part<T>(type: new (...args: never[]) => T): T {
    return this.modules.get(type, { strict: false });
  }
}
