import { type EntityKey, type EntityKeys, type KeyKind } from '@wapas/entity-keys';
import { type EventContent } from './rules/new-event';

/** Every key an event carries, hashed: what it leaves marks under. */
export function keysOf(hasher: EntityKeys, content: EventContent): { kind: KeyKind; key: EntityKey }[] {
  const { keys = {}, person = {} } = content;
  const named: [KeyKind, string | undefined][] = [
    ['order', keys.order],
    ['payment', keys.payment],
    ['cart', keys.cart],
    ['checkout', keys.checkout],
    ['kyc_application', keys.kycApplication],
    ['mandate', keys.mandate],
    ['customer', person.customerId],
    ['phone', person.phone],
  ];
  return named.flatMap(([kind, value]) => (value === undefined ? [] : [{ kind, key: hasher.keyOf(kind, value) }]));
}
