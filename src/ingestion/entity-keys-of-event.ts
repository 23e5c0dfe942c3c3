import { type EntityKey, type EntityKeys, type KeyKind } from '@wapas/entity-keys';
import { type EventContent } from './rules/new-event';
import { type StoredEvent } from './store/event.store';

/**
 * A key in the mode of its event. An order of a test key is another order than the live one of the same name: nothing a test
 * sends can end a live run, take a live push token or speak for a live person.
 */
export function keyInMode(
  hasher: Pick<EntityKeys, 'keyOf'>,
  test: boolean,
  kind: KeyKind | 'push_token' | 'whatsapp_id',
  value: string,
): EntityKey {
  return hasher.keyOf(kind, test ? `test:${value}` : value);
}

/** An event with the keys it carries. */
export interface KeyedEvent {
  readonly event: StoredEvent;
  readonly keys: readonly { readonly kind: KeyKind; readonly key: EntityKey }[];
}

/** Every key an event carries, hashed: what it leaves marks under. `kinds`: those of some kinds only. */
export function keysOf(
  hasher: Pick<EntityKeys, 'keyOf'>,
  { content, test }: { content: EventContent; test: boolean },
  kinds?: Pick<ReadonlySet<KeyKind>, 'has'>,
): { kind: KeyKind; key: EntityKey }[] {
  const found: { kind: KeyKind; key: EntityKey }[] = [];
  eachKey(content, (kind, value) => {
    if (kinds === undefined || kinds.has(kind)) found.push({ kind, key: keyInMode(hasher, test, kind, value) });
  });
  return found;
}

/** Every key an event carries, as its source names it. */
export function kindsOfKeys(content: EventContent): { kind: KeyKind; value: string }[] {
  const found: { kind: KeyKind; value: string }[] = [];
  eachKey(content, (kind, value) => found.push({ kind, value }));
  return found;
}

function eachKey({ keys, person }: EventContent, found: (kind: KeyKind, value: string) => void): void {
  const add = (kind: KeyKind, value: string | undefined): void => {
    if (value !== undefined) found(kind, value);
  };
  add('order', keys?.order);
  add('payment', keys?.payment);
  add('cart', keys?.cart);
  add('checkout', keys?.checkout);
  add('kyc_application', keys?.kycApplication);
  add('mandate', keys?.mandate);
  add('customer', person?.customerId);
  add('phone', person?.phone);
}
