import { type EntityKey, type EntityKeys, type KeyKind } from '@wapas/entity-keys';
import { type EventContent } from './rules/new-event';

/**
 * A key in the mode of its event. An order of a test key is another order than the live one of the same name: nothing a test
 * sends can end a live run, take a live push token or speak for a live person.
 */
export function keyInMode(hasher: EntityKeys, test: boolean, kind: KeyKind | 'push_token', value: string): EntityKey {
  return hasher.keyOf(kind, test ? `test:${value}` : value);
}

/** Every key an event carries, hashed: what it leaves marks under. */
export function keysOf(
  hasher: EntityKeys,
  { content, test }: { content: EventContent; test: boolean },
): { kind: KeyKind; key: EntityKey }[] {
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
  return named.flatMap(([kind, value]) => (value === undefined ? [] : [{ kind, key: keyInMode(hasher, test, kind, value) }]));
}
