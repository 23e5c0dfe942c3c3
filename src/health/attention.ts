import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { Bus, type BusState } from '@wapas/events';
import { WORK_QUEUE, type WorkQueue } from '@wapas/work-queue';
import { ListKeys } from '../access/access.api';
import { type BusEvents } from '../bus-events';
import { messageReader, ProvidersInTrouble, ReportSpend, StopSending } from '../channels/channels.api';
import { CONFIG, type Config } from '../config/config';
import { quarantineReader, SourcePulse } from '../ingestion/ingestion.api';
import { BrokenJourneys, RunsAtFault } from '../journeys/journeys.api';
import { LinksToNowhere } from '../links/links.api';
import { Log } from '../log';
import { WebhookTroubles } from '../webhooks/webhooks.api';

/** A packet this old means that a handler is stuck or far behind, in seconds. */
const OLD_PACKET_SECONDS = 60;
/** A small shop's gateway is silent for hours at night; one that was switched off stays silent. */
const SILENT_FOR_MS = 12 * 3_600_000;
/** Whoever asks for health waits no longer: a probe gives up after a few seconds, and would take the container for dead. */
const LOOK_FOR_MS = 2_000;
const NOT_KNOWN = 'what else needs a person could not be asked of the database in time; the log may say why';

/**
 * What a person should look at, a sentence each. Anybody may ask, as often as they like: all who ask at once share one look, and none of
 * them fails because of what is looked at.
 */
@Injectable()
export class Attention {
  private looking: Promise<readonly string[]> | null = null;

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
    @Inject(StopSending) private readonly stopSending: StopSending,
    @Inject(LinksToNowhere) private readonly linksToNowhere: LinksToNowhere,
    @Inject(ListKeys) private readonly listKeys: ListKeys,
    @Inject(Log) private readonly log: Log,
    @Inject(CONFIG) private readonly config: Pick<Config, 'unknownSettings'>,
  ) {}

  /** Never rejects. What the database does not say in time is left out, and that is said. */
  async lines(): Promise<readonly string[]> {
    this.looking ??= this.look().finally(() => (this.looking = null));
    return [...this.known(), ...(await withinTime(this.looking))];
  }

  private known(): string[] {
    return [
      ...this.config.unknownSettings,
      ...this.queueOutOfReach(),
      ...this.broken.files().map((file) => `journey file ${file} was refused; see GET /v1/journeys`),
      ...this.runsAtFault.lines(),
      ...this.providersInTrouble.lines(),
      ...this.linksToNowhere.lines(),
    ];
  }

  private queueOutOfReach(): string[] {
    const since = this.queue.outOfReachSince;
    if (since === null) return [];
    return [
      `Redis (REDIS_URL) is out of reach, or refuses what it is told, since ${since.toISOString()}: nothing is sent until it is back; what waits goes out then, as far as its step is still worth it`,
    ];
  }

  private async look(): Promise<readonly string[]> {
    try {
      return await this.stored();
    } catch (error) {
      this.log.trouble('what needs a person could not be asked', error);
      return [NOT_KNOWN];
    }
  }

  private async stored(): Promise<string[]> {
    const [stops, handlers, unknown, quarantined, quiet, webhooks, spend, keys] = await Promise.all([
      this.stopSending.lines(),
      this.bus.state(),
      messageReader.unknownCount(this.database),
      quarantineReader.recentCount(this.database),
      this.pulse.quiet(SILENT_FOR_MS),
      this.webhookTroubles.lines(),
      this.reportSpend.lines(),
      this.listKeys.lines(),
    ]);
    return [
      ...stops,
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

async function withinTime(look: Promise<readonly string[]>): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => (timer = setTimeout(() => resolve([NOT_KNOWN]), LOOK_FOR_MS)));
  try {
    return await Promise.race([look, late]);
  } finally {
    clearTimeout(timer);
  }
}
