import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { Database, statement } from '@wapas/database';
import { Bus, type BusState } from '@wapas/events';
import { WORK_QUEUE, type WorkQueue } from '@wapas/work-queue';
import { ListKeys } from '../access/access.api';
import { type BusEvents } from '../bus-events';
import { messageReader, ProvidersInTrouble, ReportSpend } from '../channels/channels.api';
import { quarantineReader, SourcePulse } from '../ingestion/ingestion.api';
import { BrokenJourneys, RunsAtFault } from '../journeys/journeys.api';
import { WebhookTroubles } from '../webhooks/webhooks.api';

export interface ReadinessReport {
  readonly status: 'ready' | 'draining' | 'no_database';
  readonly queue: { readonly adapter: string; readonly jobs: number };
  /** What a person should look at. None of it stops events from being taken. */
  readonly attention: readonly string[];
}

const PING = statement('ping', 'select 1 as one');
/** A packet this old means that a handler is stuck or far behind, in seconds. */
const OLD_PACKET_SECONDS = 60;
/** A small shop's gateway is silent for hours at night; one that was switched off stays silent. */
const SILENT_FOR_MS = 12 * 3_600_000;

/** Ready means able to serve (D15): a broken journey or a late handler must not make a gateway switch the webhook off. */
@Injectable()
export class Readiness implements BeforeApplicationShutdown {
  private draining = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(WORK_QUEUE) private readonly queue: WorkQueue,
    @Inject(BrokenJourneys) private readonly broken: BrokenJourneys,
    @Inject(SourcePulse) private readonly pulse: SourcePulse,
    @Inject(RunsAtFault) private readonly runsAtFault: RunsAtFault,
    @Inject(WebhookTroubles) private readonly webhookTroubles: WebhookTroubles,
    @Inject(ProvidersInTrouble) private readonly providersInTrouble: ProvidersInTrouble,
    @Inject(ReportSpend) private readonly reportSpend: ReportSpend,
    @Inject(ListKeys) private readonly listKeys: ListKeys,
  ) {}

  beforeApplicationShutdown(): void {
    this.draining = true;
  }

  async report(): Promise<ReadinessReport> {
    const queue = { adapter: this.queue.adapter, jobs: this.queue.finishedJobs };
    if (this.draining) return { status: 'draining', queue, attention: [] };
    try {
      await this.database.query(PING);
      return { status: 'ready', queue, attention: await this.attention() };
    } catch {
      return { status: 'no_database', queue, attention: [] }; // Why does not matter here: the log has it, and whoever asks only routes by it.
    }
  }

  private queueOutOfReach(): string[] {
    const since = this.queue.outOfReachSince;
    if (since === null) return [];
    return [
      `Redis (REDIS_URL) is out of reach since ${since.toISOString()}: nothing is sent until it is back; what waits goes out then, as far as its step is still worth it`,
    ];
  }

  private async attention(): Promise<string[]> {
    const [handlers, unknown, quarantined, quiet, webhooks, spend, keys] = await Promise.all([
      this.bus.state(),
      messageReader.unknownCount(this.database),
      quarantineReader.recentCount(this.database),
      this.pulse.quiet(SILENT_FOR_MS),
      this.webhookTroubles.lines(),
      this.reportSpend.lines(),
      this.listKeys.lines(),
    ]);
    return [
      ...this.queueOutOfReach(),
      ...this.broken.files().map((file) => `journey file ${file} was refused; see GET /v1/journeys`),
      ...this.runsAtFault.lines(),
      ...this.providersInTrouble.lines(),
      ...spend,
      ...handlers.flatMap(attentionOfHandler),
      ...(unknown > 0 ? [`${unknown} message(s) have an unknown outcome`] : []),
      ...(quarantined > 0
        ? [`${quarantined} signed webhook(s) of the last day could not be read; they are kept in quarantine`]
        : []),
      ...webhooks,
      ...keys,
      ...[...quiet].map((source) => `the source ${source} has gone quiet; has its webhook been switched off?`),
    ];
  }
}

function attentionOfHandler({ handler, parked, oldestSeconds, waiting }: BusState): string[] {
  return [
    ...(parked > 0 ? [`${parked} bus event(s) are parked at ${handler}`] : []),
    ...(waiting > 0 && oldestSeconds > OLD_PACKET_SECONDS ? [`${handler} is ${Math.round(oldestSeconds)} s behind`] : []),
  ];
}
