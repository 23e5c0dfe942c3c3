import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { CONFIG, type Config } from '../config/config';
import { Log } from '../log';
import { RecordEvents, type Recorded } from './record-events';
import { SourcePulse } from './source-pulse';
import { sources } from './sources/registry';
import { type Source, type SourceWebhook } from './sources/source';
import { quarantineStore } from './store/quarantine.store';

export type Received =
  | Recorded
  | { readonly outcome: 'ignored'; readonly what: string } // 200: signed, nothing for us
  | { readonly outcome: 'quarantined'; readonly quarantineId: string } // 202: signed, unreadable; a person will look
  | { readonly outcome: 'unknown_source' } // 404
  | { readonly outcome: 'not_authentic' }; // 401: nothing is stored

/** A signed webhook never gets a 4xx for its content: gateways switch off an endpoint that keeps refusing. */
@Injectable()
export class ReceiveWebhook {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(RecordEvents) private readonly recordEvents: RecordEvents,
    @Inject(SourcePulse) private readonly pulse: SourcePulse,
    @Inject(Log) private readonly log: Log,
  ) {}

  async receive(name: string, webhook: SourceWebhook): Promise<Received> {
    const source = sources.get(name);
    const secrets = this.config.sourceSecrets[name];
    if (!source || !secrets) return { outcome: 'unknown_source' };
    if (!source.verify(webhook, secrets)) return { outcome: 'not_authentic' };
    this.pulse.heard(name);
    const reading = source.read(webhook, { phones: this.config, test: false });
    if (reading.kind === 'ignored') {
      this.log.info('webhook ignored', { source: name, what: reading.what });
      return { outcome: 'ignored', what: reading.what };
    }
    if (reading.kind === 'unusable') return this.quarantine(source, webhook, reading.reason);
    const { event } = reading;
    const result = await this.recordEvents.record(event);
    return result.outcome === 'conflict' ? { outcome: 'duplicate', eventId: result.eventId } : result;
  }

  private async quarantine(source: Source, webhook: SourceWebhook, reason: string): Promise<Received> {
    const rawHash = createHash('sha256').update(webhook.rawBody).digest();
    const headers = Object.fromEntries(
      Object.entries(webhook.headers).filter((entry): entry is [string, string] => KEPT.test(entry[0]) && entry[1] !== undefined),
    );
    const quarantineId = await quarantineStore.keep(this.database, {
      source: source.name,
      reason,
      rawHash,
      headers,
      rawBody: webhook.rawBody,
    });
    return { outcome: 'quarantined', quarantineId };
  }
}

/** Headers a later re-reading may need: the vendor's own. Never cookies or credentials. */
const KEPT = /^(content-type|x-[a-z0-9-]+)$/;
