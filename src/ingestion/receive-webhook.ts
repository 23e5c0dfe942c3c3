import { Inject, Injectable } from '@nestjs/common';
import { machineClock } from '@wapas/kernel';
import { unavailable } from '@wapas/problems';
import { CONFIG, type Config } from '../config/config';
import { KnownChannels } from '../known-channels';
import { Log } from '../log';
import { eventSourceOf } from './mapped/definition';
import { MappedSources } from './mapped/mapped-sources';
import { KeepQuarantined } from './quarantine/keep-quarantined';
import { RecordEvents, type Recorded } from './record-events';
import { type NewEvent } from './rules/new-event';
import { SourcePulse } from './source-pulse';
import { EventSchemas } from './schemas/event-schemas';
import { sources } from './sources/registry';
import { credentialHeaders, isAuthentic, type SignatureRecipe } from './sources/signature';
import { type Source } from './sources/source';
import { type SourceWebhook } from './sources/source-webhook';

export type Received =
  | { readonly outcome: 'recorded'; readonly events: readonly Recorded[] } // 202: at least one of them is new
  | { readonly outcome: 'duplicate'; readonly events: readonly Recorded[] } // 200: nothing new, the source may stop retrying
  | { readonly outcome: 'ignored'; readonly what: string } // 200: signed, nothing for us
  | { readonly outcome: 'quarantined'; readonly quarantineId: string } // 202: signed, unreadable; a person will look
  | { readonly outcome: 'unknown_source' } // 404
  | { readonly outcome: 'not_authentic' }; // 401: nothing is stored

/** A source, and what this deployment was given to check it with. */
export interface ConfiguredSource {
  readonly source: Pick<Source, 'name' | 'read' | 'pingField'>;
  readonly recipe: SignatureRecipe;
  readonly secrets: readonly string[];
  /** What it sends belongs to test mode. */
  readonly test?: boolean;
}

/** A signed webhook never gets a 4xx for its content: gateways switch off an endpoint that keeps refusing. */
@Injectable()
export class ReceiveWebhook {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KnownChannels) private readonly channels: KnownChannels,
    @Inject(KeepQuarantined) private readonly keepQuarantined: KeepQuarantined,
    @Inject(RecordEvents) private readonly recordEvents: RecordEvents,
    @Inject(MappedSources) private readonly mappedSources: MappedSources,
    @Inject(EventSchemas) private readonly schemas: EventSchemas,
    @Inject(SourcePulse) private readonly pulse: SourcePulse,
    @Inject(Log) private readonly log: Log,
  ) {}

  async receive(name: string, webhook: SourceWebhook): Promise<Received> {
    const found = await this.find(name);
    if (!found) return { outcome: 'unknown_source' };
    if (found.secrets.length === 0)
      throw unavailable('source_not_openable', 'The secrets of this source cannot be opened right now. Send again.', 60);
    if (!isAuthentic(found.recipe, webhook, found.secrets, machineClock.now()))
      return isPing(found.source.pingField, webhook) ? { outcome: 'ignored', what: 'ping' } : { outcome: 'not_authentic' };
    this.pulse.heard(name);
    return this.take(found, webhook);
  }

  /** The source of this name as it is set up here; undefined when it is not. */
  async find(name: string): Promise<ConfiguredSource | undefined> {
    const source = sources.get(name);
    if (!source) return this.mappedSources.find(name);
    const access = this.config.sources[name];
    return access && { source, ...access };
  }

  /** What is done with a webhook that has been proven authentic, now or when it first came in. */
  async take(configured: ConfiguredSource, webhook: SourceWebhook): Promise<Received> {
    const { source, recipe, test = false } = configured;
    const reading = source.read(webhook, { phones: this.config, channels: this.channels, test, recipe });
    if (reading.kind === 'ignored') {
      this.log.info('webhook ignored', { source: source.name, what: reading.what });
      return { outcome: 'ignored', what: reading.what };
    }
    if (reading.kind === 'unusable') return this.quarantine(configured, webhook, reading.reason);
    const good = reading.events.filter((event) => this.schemas.faultsOf(event).length === 0);
    const broken = good.length < reading.events.length ? 'schema_violated' : reading.unusable;
    const recorded = await this.recordAll(good);
    if (broken !== undefined) return this.quarantine(configured, webhook, broken);
    if (recorded.length === 0) return { outcome: 'ignored', what: 'empty' };
    return { outcome: recorded.some(({ outcome }) => outcome === 'recorded') ? 'recorded' : 'duplicate', events: recorded };
  }

  /** In one flush. Rejects when any could not be stored: the source repeats the whole, and what was stored is known then. */
  private async recordAll(events: readonly NewEvent[]): Promise<Recorded[]> {
    const settled = await Promise.allSettled(events.map((event) => this.recordEvents.record(event)));
    return settled.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
  }

  private async quarantine(
    { source: { name }, recipe, test = false }: ConfiguredSource,
    { headers, rawBody }: SourceWebhook,
    reason: string,
  ): Promise<Received> {
    const kept = { source: eventSourceOf(name, test), reason, headers, withheld: credentialHeaders(recipe), rawBody };
    return { outcome: 'quarantined', quarantineId: await this.keepQuarantined.keep(kept) };
  }
}

/** A form with nothing but this field and a number in it: a sender that tries the address before it saves it, and cannot sign yet. */
const isPing = (field: string | undefined, { rawBody }: SourceWebhook): boolean =>
  field !== undefined && rawBody.length < 100 && new RegExp(`^${field}=\\d{1,12}$`).test(rawBody.toString('latin1'));
