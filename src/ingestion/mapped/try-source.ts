import { Inject, Injectable } from '@nestjs/common';
import { assertNever, machineClock } from '@wapas/kernel';
import { type Fault } from '@wapas/problems';
import { CONFIG, type Config } from '../../config/config';
import { KnownChannels } from '../../known-channels';
import { type NewEvent } from '../rules/new-event';
import { readMapped } from '../sources/read-mapped';
import { isAuthentic } from '../sources/signature';
import { type Reading } from '../sources/source';
import { checkDefinition } from './check-definition';
import { effectiveOf, eventSourceOf } from './definition';
import { MappedSources } from './mapped-sources';

/** A webhook of the sender, written down. */
export interface Sample {
  /** Names in any case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON; or the exact text of the body, as it was signed. */
  readonly body: unknown;
  /** What to try instead of what is stored. */
  readonly definition?: unknown;
}

export type Tried =
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'refused'; readonly faults: readonly Fault[] }
  | {
      readonly outcome: 'event' | 'ignored' | 'unusable';
      /** One, or those of a list. */
      readonly events: readonly NewEvent[];
      /** A code: why it, or an entry of its list, is ignored or unusable. */
      readonly reason?: string;
      /** What was there but could not be used, as pointers into the event. */
      readonly dropped: readonly string[];
      /** Whether one of the stored secrets proves it; absent where the body is not given as it was signed. */
      readonly authentic?: boolean;
    };

/** Shows what a mapped source would make of a webhook. Stores nothing. */
@Injectable()
export class TrySource {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KnownChannels) private readonly channels: KnownChannels,
    @Inject(MappedSources) private readonly mappedSources: MappedSources,
  ) {}

  async try(name: string, { headers = {}, query, body, definition }: Sample): Promise<Tried> {
    const stored = await this.mappedSources.get(name);
    const checked = definition === undefined ? undefined : checkDefinition(definition, true, this.channels);
    if (checked?.ok === false) return { outcome: 'refused', faults: checked.faults };
    const effective = checked?.effective ?? (stored && effectiveOf(stored.definition));
    if (!effective) return { outcome: 'unknown' };
    const isExact = typeof body === 'string';
    const webhook = {
      headers: {
        'content-type': isExact && !/^\s*[[{]/.test(body) ? 'application/x-www-form-urlencoded' : 'application/json',
        ...Object.fromEntries(Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value])),
      },
      rawBody: Buffer.from(isExact ? body : JSON.stringify(body)),
      query,
    };
    const { recipe, mapping, test } = effective;
    const context = { phones: this.config, channels: this.channels, test, recipe };
    const { reading, dropped } = readMapped(eventSourceOf(name, test), mapping, webhook, context);
    const secrets = stored?.secrets?.map(({ secret }) => secret);
    const authentic = isExact && secrets ? isAuthentic(recipe, webhook, secrets, machineClock.now()) : undefined;
    if (reading.kind === 'events' && reading.events.length > 0)
      return { outcome: 'event', events: reading.events, reason: reading.unusable, dropped, authentic };
    return {
      outcome: reading.kind === 'unusable' ? 'unusable' : 'ignored',
      reason: whyNot(reading),
      events: [],
      dropped,
      authentic,
    };
  }
}

function whyNot(reading: Reading): string {
  switch (reading.kind) {
    case 'ignored':
      return reading.what;
    case 'unusable':
      return reading.reason;
    case 'events':
      return 'empty';
    default:
      return assertNever(reading);
  }
}
