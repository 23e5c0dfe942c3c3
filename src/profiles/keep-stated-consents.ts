import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { eventReader } from '../ingestion/ingestion.api';
import { type ConsentStated } from './profiles.api';
import { RecordConsents } from './record-consents';

/** Writes what customers said in events into the ledger. Apart from attribution: identifiers and people are never locked together. */
@Injectable()
export class KeepStatedConsents implements BusHandler<ConsentStated> {
  constructor(@Inject(RecordConsents) private readonly recordConsents: RecordConsents) {}

  async handle(tx: Transaction, items: readonly ConsentStated[]): Promise<void> {
    const people = new Map(items.map(({ eventId, personId }) => [eventId, personId]));
    const events = await eventReader.byIds(tx, [...people.keys()]);
    const entries = events.flatMap(({ id, source, occurredAt, content }) =>
      (content.consents ?? []).map((consent) => ({
        ...consent,
        personId: people.get(id) as string,
        at: occurredAt,
        source: `event_${source}`,
      })),
    );
    await this.recordConsents.append(tx, entries);
  }
}
