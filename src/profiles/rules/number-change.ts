import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { type KnownIdentifier, ownersOf } from './resolve-people';

/** That whoever was at one number is at another. */
export interface KnownChange {
  readonly from: EntityKey;
  readonly to: EntityKey;
}

/**
 * Has whoever was at this number left it, as far as is known? The last change that concerns it decides: somebody may come back.
 * `changes` in the order in which they happened.
 */
export const isLeft = (key: EntityKey, changes: readonly KnownChange[]): boolean =>
  changes.findLast(({ from, to }) => from === key || to === key)?.from === key;

/**
 * Who takes a new number over; undefined: nobody. Whose the old one was is found out as for an event that carries a number alone: where
 * several share it nobody can know which of them moved. Where somebody else has the new number already, only a customer shares it,
 * since their id keeps them apart: a guest, who is nothing but numbers, would be taken for that person from then on.
 */
export function whoFollows({ from, to }: KnownChange, known: readonly KnownIdentifier[]): string | undefined {
  const owner = ownersOf([{ eventId: MOVE, at: 0 as Instant, phone: { key: from, e164: '' }, pushTokens: [] }], known).get(MOVE);
  if (owner === undefined) return undefined;
  const isTaken = known.some(({ key, kind, personId }) => key === to && kind !== 'erased' && personId !== owner);
  const isCustomer = known.some(({ kind, personId }) => kind === 'customer' && personId === owner);
  return isTaken && !isCustomer ? undefined : owner;
}

const MOVE = 'move';
