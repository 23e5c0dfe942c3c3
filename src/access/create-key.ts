import { type Instant } from '@wapas/kernel';
import { type DataSource } from 'typeorm';
import { hashOfKey, newApiKey, type Scope } from './rules/api-key';
import { ApiKeyStore } from './store/api-key.store';

export interface WantedKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly test: boolean;
  /** Null: it works until it is revoked. */
  readonly expiresAt: Instant | null;
}

/** Makes a key and gives its text, which is stored nowhere: only its keyed hash is. */
export async function createKey(keys: ApiKeyStore, secret: string, wanted: WantedKey): Promise<{ id: string; text: string }> {
  const key = newApiKey(wanted.test);
  await keys.add({ ...wanted, id: key.id, hash: hashOfKey(key.text, secret) });
  return key;
}

/** The same without a running application. */
export const createKeyIn = (dataSource: DataSource, secret: string, wanted: WantedKey) =>
  createKey(new ApiKeyStore(dataSource), secret, wanted);
