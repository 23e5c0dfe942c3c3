import { type Transaction } from '@wapas/database';
import { type Instant, newId } from '@wapas/kernel';
import {
  type Address,
  asErased,
  keysOfSighting,
  newsAmong,
  type Resolution,
  resolvePeople,
  type SaidName,
  type SeenIdentifier,
  sharersAmong,
  type Sighting,
} from './rules/resolve-people';
import { addressStore } from './store/address.store';
import { consentStore } from './store/consent.store';
import { personStore } from './store/person.store';
import { traitStore } from './store/trait.store';

interface Learnt {
  readonly resolution: Resolution;
  /** Addresses that are worth writing down. */
  readonly news: readonly Address[];
}

/**
 * Finds out whom sightings concern, in the order in which they happened, and writes down what is new. Most concern people who are known
 * already: only who makes somebody up, or learns an identifier, must be alone with the keys while looking. Whoever somebody is about
 * to learn something of is held, so that an erasure waits; who was erased meanwhile is taken as such and the sightings are
 * looked at again. Takes key locks first and rows of people after them.
 */
export async function learnPeople(tx: Transaction, sightings: readonly Sighting[]): Promise<Resolution> {
  const keys = sightings.flatMap(keysOfSighting);
  let known = await personStore.identifiers(tx, keys);
  let isAlone = false;
  const erased = new Map<string, Instant>();
  for (;;) {
    const learnt = learnFrom(sightings, asErased(known, erased));
    if (!isAlone && learnsIdentifiers(learnt)) {
      tx.lockKeys(keys);
      known = await personStore.identifiers(tx, keys);
      isAlone = true;
      continue;
    }
    const names = await namesToLearn(tx, learnt.resolution.names);
    const gone = await personStore.hold(tx, whomToHold(sightings, learnt, names));
    if (gone.size === 0) {
      personStore.save(tx, learnt.resolution);
      personStore.nameThem(tx, names);
      traitStore.learn(tx, learnt.resolution.traits);
      addressStore.sight(tx, learnt.news);
      consentStore.inherit(tx, sharersAmong(learnt.resolution.newIdentifiers, known));
      return learnt.resolution;
    }
    for (const [id, at] of gone) erased.set(id, at);
  }
}

function learnFrom(sightings: readonly Sighting[], known: readonly SeenIdentifier[]): Learnt {
  const resolution = resolvePeople(sightings, known, newId);
  return { resolution, news: newsAmong(resolution.addresses, known) };
}

const learnsIdentifiers = ({ resolution: { newPeople, newIdentifiers } }: Learnt): boolean =>
  newPeople.length + newIdentifiers.length > 0;

/**
 * A name is learnt of whoever has none: without it a message that greets them would not go out. It is not changed by what is said later:
 * a gift has somebody else's name on it, and what a person had corrected would be undone by the next event.
 */
async function namesToLearn(tx: Transaction, said: readonly SaidName[]): Promise<SaidName[]> {
  const nameless = await personStore.nameless(
    tx,
    said.map(({ personId }) => personId),
  );
  return said.filter(({ personId }) => nameless.has(personId));
}

/** Known people of whom something is written down here, or who say what they agree to. */
function whomToHold(sightings: readonly Sighting[], { resolution, news }: Learnt, names: readonly SaidName[]): string[] {
  const agreeing = sightings.flatMap(({ eventId, consentGivenAt }) =>
    consentGivenAt === undefined ? [] : (resolution.personOf.get(eventId) ?? []),
  );
  const held = new Set(
    [...resolution.newIdentifiers, ...resolution.traits, ...news, ...names].map(({ personId }) => personId).concat(agreeing),
  );
  for (const { id } of resolution.newPeople) held.delete(id);
  return [...held];
}
