import { KeyedHash } from './keyed-hash';

/** What an event can be about. Orders and payments are absorbing; carts, customers and phones are used again (D7). */
export const KEY_KINDS = [
  'order',
  'payment',
  'cart',
  'checkout',
  'kyc_application',
  'mandate',
  'customer',
  'phone',
  'email',
] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** A keyed hash of `kind:value`, in the shape of a UUID: what rows and locks know an entity by. */
export type EntityKey = string & { readonly __entityKey: unique symbol };

/** Hashes entity names with the deployment's secret, so that a stolen table does not give phone numbers away. */
export class EntityKeys {
  private readonly keyed: KeyedHash;

  constructor(secret: string) {
    if (secret.length < 16) throw new Error('The secret that keys are hashed with needs at least 16 characters.');
    this.keyed = new KeyedHash(secret);
  }

  /** `value` must already be normalised (a phone as E.164): two spellings are two keys. */
  keyOf(kind: KeyKind | 'push_token' | 'whatsapp_id', value: string): EntityKey {
    const hex = this.keyed.hex(`${kind}:${value}`);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}` as EntityKey;
  }
}

/**
 * The number of an entity's advisory lock, as Postgres takes it: the first eight bytes of the key. Goal ingest and send claim
 * both take it (D7), by `lockKeys`. Two entities may share one; that only waits.
 */
export function lockOf(key: EntityKey): bigint {
  return BigInt.asIntN(64, BigInt(`0x${key.slice(0, 8)}${key.slice(9, 13)}${key.slice(14, 18)}`));
}
