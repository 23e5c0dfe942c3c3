import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { eventReader, type StoredEvent } from '../ingestion/ingestion.api';
import { type ConsentStated } from './profiles.events';
import { RecordConsents } from './record-consents';
import { saidAt } from './rules/consent';
import { type NewConsent } from './store/consent.store';

/** Writes what customers said in events into the ledger. Apart from attribution: identifiers and people are never locked together. */
@Injectable()
export class KeepStatedConsents implements BusHandler<ConsentStated> {
  constructor(@Inject(RecordConsents) private readonly recordConsents: RecordConsents) {}

  async handle(tx: Transaction, items: readonly ConsentStated[]): Promise<void> {
    const told = await eventReader.byIds(tx, [...new Set(items.map(({ eventId }) => eventId))]);
    const events = new Map(told.map((event) => [event.id, event]));
    const entries = items.flatMap(({ eventId, personId, saidBy, isSharer = false }) => {
      const event = events.get(eventId);
      return event ? entriesIn(event, { personId, saidBy }).filter(({ state }) => !isSharer || state === 'withdrawn') : [];
    });
    await this.recordConsents.append(tx, entries);
  }
}

const entriesIn = ({ source, occurredAt, content }: StoredEvent, whom: Pick<NewConsent, 'personId' | 'saidBy'>): NewConsent[] =>
  (content.consents ?? []).map((consent) => ({
    ...consent,
    ...whom,
    at: saidAt(consent, occurredAt),
    source: consent.source ?? `event_${source}`,
  }));
