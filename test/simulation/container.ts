import { type Type } from '@nestjs/common';
import { BusinessClock, Database, type Seals } from '@wapas/database';
import { EntityKeys } from '@wapas/entity-keys';
import { Bus, type BusHandler, type Wiring } from '@wapas/events';
import { type Gateway } from '@wapas/gateways';
import { PROVIDER_API_VERSION } from '@wapas/provider-kit';
import { TOKEN_BUCKET, type TokenBucket, WORK_QUEUE, type WorkQueue } from '@wapas/work-queue';
import { type Pool } from 'pg';
import { type BusEvents } from '../../src/bus-events';
import { CancelMessages } from '../../src/channels/hear-others';
import { KeepPauses } from '../../src/channels/keep-pauses';
import { DispatchMessages } from '../../src/channels/dispatch-messages';
import { OfferMessages } from '../../src/channels/offer-messages';
import { ProviderRegistry, type RegisteredProvider } from '../../src/channels/provider-registry';
import { RecordReceipts } from '../../src/channels/record-receipts';
import { StopSending } from '../../src/channels/stop-sending';
import { SweepMessages } from '../../src/channels/sweep-messages';
import { Templates } from '../../src/channels/templates';
import { CONFIG, type Config, readConfig } from '../../src/config/config';
import { eventFlow } from '../../src/event-flow';
import { RecordEvents } from '../../src/ingestion/record-events';
import { SourcePulse } from '../../src/ingestion/source-pulse';
import { AdvanceDueRuns } from '../../src/journeys/advance-due-runs';
import { AskAboutQuietRuns } from '../../src/journeys/ask-about-quiet-runs';
import { Catalogue } from '../../src/journeys/catalogue';
import { ChangeJourneys } from '../../src/journeys/change-journeys';
import { HearReceipts, HearSettled } from '../../src/journeys/hear-from-channels';
import { ReactToEvents } from '../../src/journeys/react-to-events';
import { UnparkRuns } from '../../src/journeys/unpark-runs';
import { CreateLinks } from '../../src/links/create-links';
import { Log } from '../../src/log';
import { AttributeEvents } from '../../src/profiles/attribute-events';
import { KeepStatedConsents } from '../../src/profiles/keep-stated-consents';

type Handler = Type<BusHandler<never>>;

/** The handlers of the send path. The others (reports, erasure, merges, links) do not act in this world. */
const ON_THE_SEND_PATH: ReadonlySet<Handler> = new Set<Handler>([
  AttributeEvents,
  ReactToEvents,
  KeepStatedConsents,
  OfferMessages,
  HearSettled,
  HearReceipts,
  CancelMessages,
]);

/** Sealing is proven elsewhere; here a sealed value is the value. */
export const openSeals: Seals = {
  seal: (_field, plain) => Buffer.from(plain),
  open: (_field, sealed) => sealed,
  openText: (_field, sealed) => sealed.toString(),
};

/** The product's own defaults. */
export const CONFIGURATION = readConfig(
  {
    WAPAS_MODE: 'sandbox',
    DATABASE_URL: 'postgres://nobody@nowhere/simulated',
    WAPAS_SECRET: 'a-secret-for-tests-0123456789abcdef',
    WAPAS_SERVICE_OPT_IN: 'none',
    SIMULATED_VENDOR: 'yes',
  },
  [
    {
      apiVersion: PROVIDER_API_VERSION,
      name: 'simulated',
      channel: 'push',
      settings: [{ name: 'SIMULATED_VENDOR', required: true, secret: false, description: 'Somebody must be set up.' }],
      readConfig: () => ({ ok: true, config: {} }),
      create: () => {
        throw new Error('The vendors of the simulation are made elsewhere.');
      },
    },
  ],
);

const RELOAD_EVERY_MS = 2_000;

export interface Surroundings {
  readonly pool: { asPool(): Pool };
  readonly queue: WorkQueue;
  readonly bucket: TokenBucket;
  readonly providers: readonly RegisteredProvider[];
  /** Whom the container can ask how an order stands. */
  readonly gateways: readonly Gateway[];
  /** A source falls silent in this world: elsewhere nobody need look for it. */
  readonly fallsSilent: boolean;
  readonly caps: Config['caps'];
  readonly now: () => number;
  readonly onTrouble: (fact: string, error: unknown) => void;
}

/** The use cases of the send path, as the product makes them, in one process of the world. */
export class Container {
  readonly recordEvents: RecordEvents;
  readonly recordReceipts: RecordReceipts;
  readonly stopSending: StopSending;
  readonly keepPauses: KeepPauses;
  readonly changeJourneys: ChangeJourneys;
  readonly sourcePulse: SourcePulse;
  readonly catalogue: Catalogue;
  readonly database: Database;
  private readonly parts = new Map<unknown, unknown>();

  constructor(private readonly around: Surroundings) {
    const { pool, onTrouble } = around;
    const log = { info: () => undefined, warn: () => undefined, trouble: onTrouble } as unknown as Log;
    this.database = new Database(pool.asPool(), openSeals);
    const bus = new Bus<BusEvents>(this.database, { onFailure: (handler, error) => onTrouble(`bus: ${handler}`, error) });
    const given: [unknown, unknown][] = [
      [
        CONFIG,
        { ...CONFIGURATION, caps: around.caps, gateways: around.gateways.map((one) => ({ name: one.name, create: () => one })) },
      ],
      [Log, log],
      [Database, this.database],
      [BusinessClock, { now: around.now, rate: 1 }],
      [Bus, bus],
      [EntityKeys, new EntityKeys('the secret of the simulation')],
      [WORK_QUEUE, around.queue],
      [TOKEN_BUCKET, around.bucket],
      [ProviderRegistry, new ProviderRegistry(around.providers)],
      [Templates, new Templates()],
      // No text has a link.
      [CreateLinks, { create: async () => new Map() }],
    ];
    for (const [token, part] of given) this.parts.set(token, part);
    this.recordEvents = this.part(RecordEvents);
    this.recordReceipts = this.part(RecordReceipts);
    this.stopSending = this.part(StopSending);
    this.keepPauses = this.part(KeepPauses);
    this.changeJourneys = this.part(ChangeJourneys);
    this.sourcePulse = this.part(SourcePulse);
    this.catalogue = this.part(Catalogue);
  }

  /** In the order of the product's own start. */
  async start(): Promise<void> {
    this.wire();
    await this.catalogue.reload();
    // As its own start does, which publishes a folder of files first.
    setInterval(() => void this.catalogue.reload().catch(() => undefined), RELOAD_EVERY_MS);
    this.part(Bus).start();
    this.part(DispatchMessages).start();
    this.part(SweepMessages).start();
    this.part(AdvanceDueRuns).start();
    this.part(UnparkRuns).start();
    if (this.around.fallsSilent) this.part(AskAboutQuietRuns).start();
  }

  /** From here on bus events may be published. */
  wire(): void {
    (this.part(Bus) as Bus<BusEvents>).wire(this.wiring());
  }

  private wiring(): Wiring<BusEvents> {
    const wired = Object.entries(eventFlow).map(([event, handlers]) => [
      event,
      (handlers as readonly Handler[])
        .filter((handler) => ON_THE_SEND_PATH.has(handler))
        .map((handler) => ({ name: `${event}/${handler.name}`, handler: this.part(handler) })),
    ]);
    return Object.fromEntries(wired) as Wiring<BusEvents>;
  }

  /** Made the way Nest makes it: each parameter by the token it names. */
  part<Part>(type: Type<Part> | (abstract new (...args: never[]) => Part)): Part {
    if (this.parts.has(type)) return this.parts.get(type) as Part;
    const declared = (Reflect.getMetadata('self:paramtypes', type) ?? []) as { index: number; param: unknown }[];
    const needs = [...declared].sort((a, b) => a.index - b.index);
    if (needs.length !== type.length) throw new Error(`${type.name} needs something that names no token.`);
    const made = new (type as Type<Part>)(...needs.map(({ param }) => this.part(param as Type<unknown>)));
    this.parts.set(type, made);
    return made;
  }
}
