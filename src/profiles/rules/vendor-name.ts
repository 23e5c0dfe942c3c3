import { type EntityKey } from '@wapas/entity-keys';
import { type KnownIdentifier } from './resolve-people';

/** That a vendor calls whoever is at a number by a name of its own. */
export interface VendorName {
  readonly phone: EntityKey;
  readonly name: EntityKey;
}

/**
 * Who is known by the name from now on: everybody who has the number and is not known by it yet, for what is said under the name is said
 * from the number, and nobody can know which of them says it. Where somebody without the number has the name already, only customers
 * come to have it as well, since their ids keep them apart: a guest would be taken for that person.
 */
export function whoIsNamed({ phone, name }: VendorName, known: readonly KnownIdentifier[]): string[] {
  const withKey = (key: EntityKey): Set<string> =>
    new Set(known.filter((one) => one.key === key && one.kind !== 'erased').map(({ personId }) => personId));
  const [owners, named] = [withKey(phone), withKey(name)];
  const customers = new Set(known.filter(({ kind }) => kind === 'customer').map(({ personId }) => personId));
  const isAnothers = [...named].some((id) => !owners.has(id));
  return [...owners].filter((id) => !named.has(id) && (!isAnothers || customers.has(id)));
}
