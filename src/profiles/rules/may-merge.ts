import { type EntityKey } from '@wapas/entity-keys';

/** A guest, a customer who showed one of the guest's identifiers, and who else is known by them. */
export interface MergeFacts {
  readonly guestId: string;
  readonly customerId: string;
  readonly guest: readonly { readonly kind: string; readonly key: EntityKey }[];
  readonly customer: readonly { readonly kind: string; readonly key: EntityKey }[];
  /** Everybody who is known by any of the guest's identifiers. */
  readonly holders: readonly string[];
}

/**
 * Is the guest this customer? Only when nothing speaks for anybody else: the guest never gave a customer id, the customer has
 * one and showed one of the guest's identifiers, and nobody else is known by any of them. Two customers are never one.
 */
export function mayMerge({ guestId, customerId, guest, customer, holders }: MergeFacts): boolean {
  if (guestId === customerId || guest.length === 0) return false;
  if (guest.some(({ kind }) => kind === 'customer') || !customer.some(({ kind }) => kind === 'customer')) return false;
  const known = new Set(customer.map(({ key }) => key));
  if (!guest.some(({ key }) => known.has(key))) return false;
  return holders.every((id) => id === guestId || id === customerId);
}
