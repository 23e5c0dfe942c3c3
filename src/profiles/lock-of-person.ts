import { type Database } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { inSlices } from '@wapas/kernel';

/**
 * The key of a person's advisory lock: what changes whether they may be written to takes it, and so does the claim of a message
 * to them. The halves of the id change places: a lock is made of the first one, and that is a time, the same for people who
 * were met together.
 */
export function lockOfPerson(id: string): EntityKey {
  const hex = id.replaceAll('-', '');
  const turned = hex.slice(16) + hex.slice(0, 16);
  return `${turned.slice(0, 8)}-${turned.slice(8, 12)}-${turned.slice(12, 16)}-${turned.slice(16, 20)}-${turned.slice(20)}` as EntityKey;
}

/**
 * So many people are locked by one transaction at most. Postgres keeps the locks of everybody in one table of a fixed size, some 6,400
 * with its own settings: who asks for too many is refused ("out of shared memory"), and so is everybody beside them.
 */
export const MOST_LOCKED = 500;

/** More people than this at one number or mail are a crowd: it stands for nobody, as 9999999999 does where a form insists on a number. */
const CROWD = 20;

/**
 * The locks of everybody who has one of these keys, but for those of a crowd. What is said of what a crowd has is committed without: a
 * claim that has read already goes on, and whoever promises that none does waits for it afterwards (`outlastClaims`).
 */
export const locksOfSharers = (sharers: ReadonlyMap<EntityKey, readonly string[]>): EntityKey[] =>
  [...sharers.values()].flatMap((people) => (people.length > CROWD ? [] : people.map(lockOfPerson)));

/**
 * Resolves when every claim that could not know yet what is committed by now is decided: it held the lock of its person, and each of
 * them is had here once. So it needs nothing of a claim that it does not do anyway, in an older container too.
 */
export async function outlastClaims(database: Database, people: readonly string[]): Promise<void> {
  for (const some of inSlices([...new Set(people)], MOST_LOCKED))
    await database.transaction((tx) => Promise.resolve(tx.lockKeys(some.map(lockOfPerson))));
}
