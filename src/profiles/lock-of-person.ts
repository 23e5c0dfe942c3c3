import { type EntityKey } from '@wapas/entity-keys';

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
