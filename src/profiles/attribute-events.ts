import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { EntityKeys } from '@wapas/entity-keys';
import { Bus, type BusHandler } from '@wapas/events';
import { type Instant, toDate } from '@wapas/kernel';
import { type BusEvents } from '../bus-events';
import {
  eventEraser,
  type EventRecorded,
  type KeyedEvent,
  keyInMode,
  RecentEvents,
  type StoredEvent,
} from '../ingestion/ingestion.api';
import { learnPeople } from './learn-people';
import { endingOf } from './phone-ending';
import { type ConsentStated } from './profiles.events';
import { saidAt } from './rules/consent';
import { keysOfSighting, saidByOf, type Sighting } from './rules/resolve-people';
import { peopleOfKeysStore } from './store/people-of-keys.store';

/** Finds out whom recorded events concern and learns identifiers and addresses from them. */
@Injectable()
export class AttributeEvents implements BusHandler<EventRecorded> {
  constructor(
    @Inject(EntityKeys) private readonly hasher: EntityKeys,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(RecentEvents) private readonly recentEvents: RecentEvents,
  ) {}

  async handle(tx: Transaction, items: readonly EventRecorded[]): Promise<void> {
    const events = await this.recentEvents.byIds(
      tx,
      items.map((item) => item.id),
    );
    const sightings = events.sort((a, b) => a.event.occurredAt - b.event.occurredAt).map((one) => this.sightingIn(one));
    const { personOf, ofErased, guestsMet } = await learnPeople(tx, sightings);
    eventEraser.mark(tx, marksOf(sightings, events));
    if (ofErased.length > 0) await eventEraser.blank(tx, ofErased);
    this.bus.publish(
      tx,
      'event.attributed',
      items.map(({ id, name }) => ({ id, name, personId: personOf.get(id) ?? null })),
    );
    this.bus.publish(tx, 'guest.met', guestsMet);
    this.bus.publish(tx, 'consent.stated', await statedIn(tx, sightings, events, personOf));
  }

  private sightingIn({ event: { id, occurredAt, receivedAt, test, content }, keys }: KeyedEvent): Sighting {
    const { phone, email, whatsappId, name, language, timeZone, pushTokens = [] } = content.person ?? {};
    const keyOf = (kind: 'email' | 'push_token' | 'whatsapp_id', value: string) => keyInMode(this.hasher, test, kind, value);
    const phoneKey = keys.find(({ kind }) => kind === 'phone')?.key;
    return {
      eventId: id,
      at: occurredAt,
      customer: keys.find(({ kind }) => kind === 'customer')?.key,
      phone:
        phoneKey && phone !== undefined ? { key: phoneKey, e164: phone, ending: endingOf(this.hasher, phone, test) } : undefined,
      email: email === undefined ? undefined : { key: keyOf('email', email), address: email },
      whatsapp: whatsappId === undefined ? undefined : { key: keyOf('whatsapp_id', whatsappId), id: whatsappId },
      name,
      language,
      timeZone,
      pushTokens: pushTokens.map((one) => ({ ...one, key: keyOf('push_token', one.token) })),
      consentGivenAt: lastGrantIn({ content, occurredAt, receivedAt }),
    };
  }
}

/** Nobody has agreed later than it was heard: a time that lies ahead brings nobody back. */
function lastGrantIn({ content, occurredAt, receivedAt }: GrantingEvent): Instant | undefined {
  const grants = (content.consents ?? []).filter(({ state }) => state === 'granted').map((one) => saidAt(one, occurredAt));
  return grants.length === 0 ? undefined : (Math.min(Math.max(...grants), receivedAt) as Instant);
}
type GrantingEvent = Pick<StoredEvent, 'content' | 'occurredAt' | 'receivedAt'>;

type Events = Parameters<typeof marksOf>[1];

/**
 * Whom what is said in events binds: who said it and, where somebody takes something back without a customer id, everybody who is
 * known by the same phone or e-mail.
 */
async function statedIn(
  tx: Transaction,
  sightings: readonly Sighting[],
  events: Events,
  personOf: ReadonlyMap<string, string>,
): Promise<ConsentStated[]> {
  const consentsOf = new Map(events.map(({ event }) => [event.id, event.content.consents ?? []]));
  const stating = sightings.filter(({ eventId }) => consentsOf.get(eventId)?.length);
  const isShared = ({ eventId, customer }: Sighting): boolean =>
    customer === undefined && (consentsOf.get(eventId) ?? []).some(({ state }) => state === 'withdrawn');
  const sharers = await peopleOfKeysStore.byIdentifiers(tx, stating.filter(isShared).flatMap(keysOfSighting));
  return stating.flatMap((one): ConsentStated[] => {
    const { eventId } = one;
    const personId = personOf.get(eventId);
    const others = isShared(one) ? new Set(keysOfSighting(one).flatMap((key) => sharers.get(key) ?? [])) : [];
    const said = { eventId, saidBy: saidByOf(one) };
    return [
      ...(personId === undefined ? [] : [{ ...said, personId }]),
      ...[...others].filter((id) => id !== personId).map((id) => ({ ...said, personId: id, isSharer: true })),
    ];
  });
}

/**
 * Ingest marks events under customer and phone. One that names its person by mail, WhatsApp's own name or a device alone is marked
 * here, so that an erasure finds it.
 */
function marksOf(sightings: readonly Sighting[], events: readonly KeyedEvent[]): Parameters<typeof eventEraser.mark>[1] {
  const byId = new Map(events.map(({ event }) => [event.id, event]));
  return sightings.flatMap((one) => {
    const event = byId.get(one.eventId);
    if (!event || one.customer !== undefined || one.phone !== undefined) return [];
    const keys = [one.email?.key, one.whatsapp?.key, ...one.pushTokens.map(({ key }) => key)].filter((key) => key !== undefined);
    return keys.map((key) => ({ key, eventName: event.name, occurredAt: toDate(event.occurredAt), eventId: event.id }));
  });
}
