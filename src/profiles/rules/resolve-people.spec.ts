import fc from 'fast-check';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { type KnownIdentifier, type Resolution, resolvePeople, type Sighting } from './resolve-people';

let count = 0;
/** An event in short: `saw('c:asha p:1')` names a customer and a phone. */
function saw(names: string, rest: Partial<Sighting> = {}): Sighting {
  const of = (prefix: string): EntityKey | undefined => {
    const name = names.split(' ').find((one) => one.startsWith(`${prefix}:`));
    return name === undefined ? undefined : (name as EntityKey);
  };
  const [phone, email, whatsapp] = [of('p'), of('e'), of('w')];
  count += 1;
  return {
    eventId: `event-${count}`,
    at: count as Instant,
    customer: of('c'),
    phone: phone && { key: phone, e164: `+91${phone}` },
    email: email && { key: email, address: `${email}@example.com` },
    whatsapp: whatsapp && { key: whatsapp, id: `IN.${whatsapp}` },
    pushTokens: [],
    ...rest,
  };
}
const KINDS: Readonly<Record<string, KnownIdentifier['kind']>> = { c: 'customer', p: 'phone', e: 'email', w: 'whatsapp_id' };
const knows = (personId: string, names: string): KnownIdentifier[] =>
  names.split(' ').map((key) => ({ key: key as EntityKey, kind: KINDS[key.charAt(0)] ?? 'email', personId }));
function resolve(sightings: readonly Sighting[], known: readonly KnownIdentifier[] = []): Resolution {
  let made = 0;
  return resolvePeople(sightings, known, () => `new-${(made += 1)}`);
}
/** Whose each event is, in order. */
const owners = (names: readonly string[], known: readonly KnownIdentifier[] = []): (string | undefined)[] => {
  const sightings = names.map((one) => saw(one));
  const { personOf } = resolve(sightings, known);
  return sightings.map(({ eventId }) => personOf.get(eventId));
};

it.each<[string, string[], KnownIdentifier[], (string | undefined)[]]>([
  ['nobody is named', [''], [], [undefined]],
  ['a customer comes again', ['c:asha', 'c:asha p:1'], [], ['new-1', 'new-1']],
  ['a known customer comes again', ['c:asha'], knows('asha', 'c:asha p:1'), ['asha']],
  ['a guest comes again', ['p:1', 'p:1'], [], ['new-1', 'new-1']],
  ['a guest logs in', ['p:1', 'c:asha p:1', 'p:1', 'c:asha'], [], ['new-1', 'new-1', 'new-1', 'new-1']],
  ['a known guest logs in', ['c:asha p:1'], knows('guest', 'p:1'), ['guest']],
  ['two customers share a phone', ['c:asha p:1', 'c:ravi p:1'], [], ['new-1', 'new-2']],
  ['two known customers share a phone', ['c:asha p:1', 'c:ravi p:1'], [...knows('asha', 'c:asha p:1'), ...knows('ravi', 'c:ravi')], ['asha', 'ravi']], // prettier-ignore
  ['another customer uses the phone of one who is known', ['c:ravi p:1'], knows('asha', 'c:asha p:1'), ['new-1']],
  ['a phone of exactly one person', ['p:1'], knows('asha', 'c:asha p:1'), ['asha']],
  ['a phone of two customers is neither of them', ['p:1', 'p:1'], [...knows('asha', 'c:asha p:1'), ...knows('ravi', 'c:ravi p:1')], ['new-1', 'new-1']], // prettier-ignore
  [
    'a phone of a customer and a guest is the guest',
    ['p:1'],
    [...knows('asha', 'c:asha p:1'), ...knows('guest', 'p:1')],
    ['guest'],
  ],
  ['a phone of a stranger with the e-mail of a customer', ['p:2 e:a'], knows('asha', 'c:asha e:a'), ['new-1']],
  ['a WhatsApp id tells two customers on one phone apart', ['p:1 w:1'], [...knows('asha', 'c:asha p:1'), ...knows('ravi', 'c:ravi p:1 w:1')], ['ravi']], // prettier-ignore
  ['a WhatsApp id without a phone', ['w:1', 'w:1', 'c:asha w:1'], [], ['new-1', 'new-1', 'new-1']],
  ['an e-mail alone', ['e:a', 'e:a'], [], ['new-1', 'new-1']],
  ['an e-mail of exactly one person', ['e:a'], knows('asha', 'c:asha e:a'), ['asha']],
  ['an e-mail of two customers is one stranger, not one each time', ['e:a', 'e:a'], [...knows('asha', 'c:asha e:a'), ...knows('ravi', 'c:ravi e:a')], ['new-1', 'new-1']], // prettier-ignore
])('%s', (_case, names, known, people) => expect(owners(names, known)).toEqual(people));

it('whoever is new is known for ever by what was strongest then', () =>
  expect(resolve([saw('c:asha p:1', { name: 'Asha' }), saw('p:2 e:b'), saw('e:c')]).newPeople).toEqual([
    { id: 'new-1', unit: 'c:asha', name: 'Asha' },
    { id: 'new-2', unit: 'p:2', name: undefined },
    { id: 'new-3', unit: 'e:c', name: undefined },
  ]));

it('an identifier is learnt once', () =>
  expect(resolve([saw('c:asha p:1'), saw('c:asha p:1 e:a')], knows('asha', 'c:asha')).newIdentifiers).toMatchObject([
    { key: 'p:1', kind: 'phone', personId: 'asha' },
    { key: 'e:a', kind: 'email', personId: 'asha' },
  ]));

it('a push token belongs to whoever showed it last; a shared phone stays an address of both', () => {
  const token = [{ key: 't:1' as EntityKey, token: 'token-1', platform: 'android' }];
  const { addresses } = resolve([saw('c:asha p:1', { pushTokens: token }), saw('c:ravi p:1', { pushTokens: token })]);
  expect(addresses.filter(({ kind }) => kind === 'push_token')).toMatchObject([{ personId: 'new-2', value: 'token-1' }]);
  expect(addresses.filter(({ kind }) => kind === 'phone').map(({ personId }) => personId)).toEqual(['new-1', 'new-2']);
});

it('a token alone says nothing of a person', () => {
  const token = [{ key: 't:1' as EntityKey, token: 'token-1', platform: 'android' }];
  expect(resolve([saw('', { pushTokens: token })])).toMatchObject({ newPeople: [], addresses: [] });
});

it('two customers are never one person, whatever they share and in whatever batches they come', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.option(fc.constantFrom('c:1', 'c:2', 'c:3')), fc.option(fc.constantFrom('p:1', 'p:2')), fc.option(fc.constantFrom('e:1'))), // prettier-ignore
        { maxLength: 15 },
      ),
      fc.integer({ min: 1, max: 15 }),
      (parts, batch) => {
        const known: KnownIdentifier[] = [];
        const customersOf = new Map<string, Set<string>>();
        for (let start = 0; start < parts.length; start += batch) {
          const sightings = parts.slice(start, start + batch).map((one) => saw(one.filter((name) => name !== null).join(' ')));
          const { personOf, newIdentifiers } = resolvePeople(sightings, known, () => `person-${(count += 1)}`);
          known.push(...newIdentifiers);
          for (const { eventId, customer } of sightings) {
            const person = personOf.get(eventId);
            if (person && customer) customersOf.set(person, (customersOf.get(person) ?? new Set()).add(customer));
          }
        }
        for (const customers of customersOf.values()) expect([...customers]).toHaveLength(1);
        const byCustomer = known.filter(({ kind }) => kind === 'customer').map(({ key }) => key);
        expect(new Set(byCustomer).size).toBe(byCustomer.length);
      },
    ),
  ));

describe('what people are called', () => {
  const named = (names: string, name?: string) => saw(names, { name });
  it('somebody new has the first name that is said of them', () => {
    const { newPeople, names } = resolve([named('c:asha p:1'), named('p:1', 'Asha'), named('c:asha', 'Asha Rao')]);
    expect(newPeople).toMatchObject([{ id: 'new-1', name: 'Asha' }]);
    expect(names).toEqual([]);
  });
  it('somebody known is said to have the first of the names that are said, once each', () => {
    const known = [...knows('asha', 'c:asha'), ...knows('ravi', 'c:ravi')];
    const { names } = resolve(
      [named('c:asha'), named('c:ravi', 'Ravi'), named('c:asha', 'Asha'), named('c:asha', 'A. Rao')],
      known,
    );
    expect(names).toEqual([
      { personId: 'ravi', name: 'Ravi' },
      { personId: 'asha', name: 'Asha' },
    ]);
  });
  it('a name of spaces is none', () => {
    const { newPeople, names } = resolve([named('c:asha', ' '), named('c:ravi', '')], knows('ravi', 'c:ravi'));
    expect([newPeople[0]?.name, names]).toEqual([undefined, []]);
  });
});

describe('who was erased', () => {
  const erased = (...keys: string[]): KnownIdentifier[] =>
    keys.map((key) => ({ key: key as EntityKey, kind: 'erased', personId: 'gone', erasedAt: 10 as Instant }));
  const givesConsentAt = (names: string, at: number) => saw(names, { consentGivenAt: at as Instant });

  it.each<[string, Sighting, KnownIdentifier[], string | undefined]>([
    ['stays nobody by customer id', saw('c:asha p:1'), erased('c:asha', 'p:1'), undefined],
    ['stays nobody by phone', saw('p:1'), erased('c:asha', 'p:1'), undefined],
    ['stays nobody by e-mail', saw('e:a'), erased('e:a'), undefined],
    [
      'does not live on as a guest on the same phone',
      saw('c:asha p:1'),
      [...erased('c:asha', 'p:1'), ...knows('guest', 'p:1')],
      undefined,
    ],
    ['stays nobody for a consent from before', givesConsentAt('c:asha', 10), erased('c:asha'), undefined],
    ['is somebody new with a new consent', givesConsentAt('c:asha', 11), erased('c:asha'), 'new-1'],
    ['is that somebody from then on', saw('c:asha'), [...erased('c:asha'), ...knows('back', 'c:asha')], 'back'],
    ['does not stand in the way of another customer on the phone', saw('c:ravi p:1'), erased('c:asha', 'p:1'), 'new-1'],
    ['leaves the phone to whoever else has it', saw('p:1'), [...erased('p:1'), ...knows('ravi', 'c:ravi p:1')], 'ravi'],
  ])('%s', (_case, sighting, known, person) => {
    // prettier-ignore
    const { personOf, ofErased, newPeople } = resolve([sighting], known);
    expect(personOf.get(sighting.eventId)).toBe(person);
    expect(ofErased).toEqual(person === undefined ? [sighting.eventId] : []);
    if (person === undefined) expect(newPeople).toEqual([]);
  });
});
