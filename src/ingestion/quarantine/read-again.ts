import { Inject, Injectable } from '@nestjs/common';
import { SealError } from '@wapas/encryption';
import { CONFIG, type Config } from '../../config/config';
import { KnownChannels } from '../../known-channels';
import { testedSourceOf } from '../mapped/definition';
import { MappedSources } from '../mapped/mapped-sources';
import { type NewEvent } from '../rules/new-event';
import { EventSchemas } from '../schemas/event-schemas';
import { ReceiveMessages } from '../segment/receive-messages';
import { sources } from '../sources/registry';
import { type SignatureRecipe } from '../sources/signature';
import { type Reading, type Source } from '../sources/source';
import { type KeptBody } from '../store/quarantine.store';

/**
 * Reads a kept body with the present mapping of its source. Its signature was checked when it arrived; the secret may have been
 * changed since, so it is not asked again.
 */
@Injectable()
export class ReadAgain {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KnownChannels) private readonly channels: KnownChannels,
    @Inject(EventSchemas) private readonly schemas: EventSchemas,
    @Inject(ReceiveMessages) private readonly messages: ReceiveMessages,
    @Inject(MappedSources) private readonly mappedSources: MappedSources,
  ) {}

  /** What it is by the rules of today. Events that an enforced schema refuses are left out, and the whole is unusable for them. */
  async read(kept: KeptBody): Promise<Reading> {
    const rawBody = opened(kept);
    if (typeof rawBody === 'string') return { kind: 'unusable', reason: rawBody };
    const reading = await this.readBody(kept, rawBody);
    if (reading.kind !== 'events') return reading;
    const good = reading.events.filter((event) => this.schemas.faultsOf(event).length === 0);
    return {
      kind: 'events',
      events: good.map((event, index) => asItArrived(event, kept, index)),
      unusable: good.length < reading.events.length ? 'schema_violated' : reading.unusable,
    };
  }

  private async readBody(kept: KeptBody, rawBody: Buffer): Promise<Reading> {
    if (kept.source === 'segment' || kept.source === 'segment-test')
      return this.messages.readKept(rawBody, kept.receivedAt, kept.source === 'segment-test');
    const found = await this.find(kept.source);
    if (!found) return { kind: 'unusable', reason: 'unknown_source' };
    const { source, recipe, test } = found;
    return source.read({ headers: kept.headers, rawBody }, { phones: this.config, channels: this.channels, test, recipe });
  }

  /** A source of the tree can be read without its secret: it may be set up no more. */
  private async find(
    name: string,
  ): Promise<{ source: Pick<Source, 'read'>; recipe: SignatureRecipe; test: boolean } | undefined> {
    const source = sources.get(name);
    if (source) return { source, recipe: this.config.sources[name]?.recipe ?? source.recipe, test: false };
    const mapped = await this.mappedSources.find(name);
    if (mapped) return { ...mapped, test: false };
    // What came in test mode stays a test, whatever its source is now.
    const tested = testedSourceOf(name);
    const itsSource = tested === undefined ? undefined : await this.mappedSources.find(tested);
    return itsSource && { ...itsSource, test: true };
  }
}

/** Machine code of why it cannot be opened, instead of its bytes. */
function opened(kept: KeptBody): Buffer | string {
  try {
    return kept.open() ?? 'body_gone';
  } catch (error) {
    if (error instanceof SealError) return 'not_openable';
    throw error;
  }
}

/**
 * It keeps the moment at which it arrived. One that its source gave no id is known by its place in quarantine: a replay that is
 * broken off between storing the event and saying so does not store it twice.
 */
function asItArrived(event: NewEvent, { id, receivedAt }: KeptBody, index: number): NewEvent {
  const isKnown = event.sourceEventId !== undefined || event.rawBody !== undefined;
  return { ...event, receivedAt, sourceEventId: isKnown ? event.sourceEventId : `quarantine:${id}:${index}` };
}
