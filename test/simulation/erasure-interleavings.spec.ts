import { randomBytes } from 'node:crypto';
import { statement } from '@wapas/database';
import { EntityKeys } from '@wapas/entity-keys';
import { type Instant, newId } from '@wapas/kernel';
import { type NewEvent } from '../../src/ingestion/rules/new-event';
import { AttributeEvents } from '../../src/profiles/attribute-events';
import { ErasePerson } from '../../src/profiles/erase-person';
import { IdentifyPeople } from '../../src/profiles/identify-people';
import { people } from '../../src/profiles/profiles.api';
import { RecordConsents } from '../../src/profiles/record-consents';
import { mergeStore } from '../../src/profiles/store/merge.store';
import { addressStore } from '../../src/profiles/store/address.store';
import { personStore } from '../../src/profiles/store/person.store';
import { openSeals } from './container';
import { type Actor, Interleaving, ordersOf } from './interleaving';
import { type RealDatabase, startRealDatabase } from './store/real-database';

/** A person is erased while something is being learnt of them, on a real Postgres, in every order of the points of both. */

let real: RealDatabase;
let interleaving: Interleaving;
let keys: EntityKeys;
beforeAll(async () => {
  real = await startRealDatabase(openSeals);
  interleaving = new Interleaving(real.database);
  keys = new EntityKeys('the secret of the simulation');
});
afterAll(() => real.stop());

const ERASURE = ['lock_keys', 'keys_to_erase', 'forget_addresses', 'commit'];
const erasureOf = ({ container }: Actor, personId: string) => container.part(ErasePerson).erase(personId);

/** What is still known of somebody, and whom an event or a statement has made since. */
async function leftOf({ id, customerId }: { id: string; customerId: string }) {
  const [row] = await real.database.query<{ addresses: number; identifiers: number; others: number; consents: number }>(LEFT, [
    id,
    keys.keyOf('customer', customerId),
  ]);
  return row;
}
const NOTHING = { addresses: 0, identifiers: 0, others: 0, consents: 0 };

describe('an event of a person is attributed while they are erased', () => {
  it.each<[string, (one: { phone: string }) => Partial<NewEvent['content']['person']>]>([
    ['a device that nobody had seen', () => ({ pushTokens: [{ token: `token-${newId()}`, platform: 'android' }] })],
    ['a further phone', () => ({ phone: phoneOfNobody() })],
    ['the phone that is known, an hour later', ({ phone }) => ({ phone })],
  ])('%s leaves no address behind and makes nobody, in any of 70 orders', async (_what, person) => {
    for (const order of ordersOf(4, 4)) {
      const one = await newCustomer();
      const eventId = await recorded({ customerId: one.customerId, ...person(one) });
      const attribution = interleaving.actor(['begin', 'person_identifiers', 'sight_addresses', 'commit']);
      const erasure = interleaving.actor(ERASURE);
      await interleaving.play(order, attribution, erasure, [
        () =>
          attribution.container.database.transaction((tx) =>
            attribution.container.part(AttributeEvents).handle(tx, [{ id: eventId, name: 'App Opened' }]),
          ),
        () => erasureOf(erasure, one.id),
      ]);
      expect([order, await leftOf(one)]).toEqual([order, NOTHING]);
    }
  });
});

describe('a consent of before is imported while its person is erased', () => {
  it('leaves nothing of them behind, in any of 35 orders', async () => {
    for (const order of ordersOf(3, 4)) {
      const one = await newCustomer();
      const record = interleaving.actor(['person_identifiers', 'append_consents', 'commit']);
      const erasure = interleaving.actor(ERASURE);
      const at = (Date.now() - 60_000) as Instant;
      await interleaving.play(order, record, erasure, [
        () =>
          record.container.part(RecordConsents).record([
            {
              person: { customerId: one.customerId, phone: phoneOfNobody() },
              purpose: 'marketing',
              channel: 'sms',
              state: 'granted',
              at,
              source: 'import',
            },
          ]),
        () => erasureOf(erasure, one.id),
      ]);
      const left = await leftOf(one);
      // What the ledger took in before the erasure stays there without its proof.
      expect([order, { ...left, consents: 0 }]).toEqual([order, NOTHING]);
    }
  });
});

describe('addresses of a guest go to the customer they turned out to be while the customer is erased', () => {
  it('none is left, in any of 15 orders', async () => {
    for (const order of ordersOf(2, 4)) {
      const one = await newCustomer();
      const guestId = await newGuestOf(one.id);
      const give = interleaving.actor(['give_addresses', 'commit']);
      const erasure = interleaving.actor(ERASURE);
      await interleaving.play(order, give, erasure, [
        () => give.container.database.transaction((tx) => people.giveAddresses(tx, [guestId])),
        () => erasureOf(erasure, one.id),
      ]);
      expect([order, await leftOf(one)]).toEqual([order, NOTHING]);
    }
  });
});

// How it is done.

const LEFT = statement(
  'left_of_person',
  `select (select count(*) from person_address where person_id = $1)::int as addresses,
          (select count(*) from person_identifier where person_id = $1 and kind <> 'erased')::int as identifiers,
          (select count(*) from person_identifier where key = $2 and person_id <> $1)::int as others,
          (select count(*) from consent_entry where person_id = $1)::int as consents`,
);

const phoneOfNobody = (): string => `+9198${String(randomBytes(4).readUInt32BE() % 100_000_000).padStart(8, '0')}`;

/** Known by a customer id and by a phone that was seen two hours ago. */
async function newCustomer(): Promise<{ id: string; customerId: string; phone: string }> {
  const [customerId, phone] = [`customer_${randomBytes(6).toString('hex')}`, phoneOfNobody()];
  const identifying = interleaving.actor([]).container;
  const at = (Date.now() - 2 * 3_600_000) as Instant;
  const { personOf } = await real.database.transaction((tx) => {
    const identify = identifying.part(IdentifyPeople);
    return identify.identify(tx, [identify.sightingOf('one', at, { customerId, phone })]);
  });
  return { id: personOf.get('one') as string, customerId, phone };
}

/** A guest with a device who has turned out to be this customer; their address has not been handed over yet. */
async function newGuestOf(personId: string): Promise<string> {
  const guestId = newId();
  const token = keys.keyOf('push_token', guestId);
  const lastSeenAt = Date.now() as Instant;
  await real.database.transaction(async (tx) => {
    personStore.save(tx, { newPeople: [{ id: guestId, unit: token }], newIdentifiers: [] });
    addressStore.sight(tx, [{ personId: guestId, kind: 'push_token', key: token, value: guestId, platform: 'web', lastSeenAt }]);
    await mergeStore.merge(tx, guestId, personId, newId());
  });
  return guestId;
}

/** An event that has its 2xx, and of which nobody has heard yet. */
async function recorded(person: NewEvent['content']['person']): Promise<string> {
  const { recordEvents } = interleaving.actor([]).container;
  const { eventId } = await recordEvents.record({
    source: 'shop',
    sourceEventId: newId(),
    name: 'App Opened',
    test: false,
    content: { person },
  });
  return eventId;
}
