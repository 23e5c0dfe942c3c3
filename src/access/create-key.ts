import { type DataSource } from 'typeorm';
import { hashOfKey, newApiKey, type Scope } from './rules/api-key';
import { ApiKeyStore } from './store/api-key.store';

/** Makes a key and gives its text, which is stored nowhere: only its keyed hash is. */
export async function createKey(
  keys: ApiKeyStore,
  secret: string,
  wanted: { name: string; scopes: readonly Scope[]; test: boolean },
): Promise<{ id: string; text: string }> {
  const key = newApiKey(wanted.test);
  await keys.add({ ...wanted, id: key.id, hash: hashOfKey(key.text, secret) });
  return key;
}

/** The same without a running application. */
export const createKeyIn = (dataSource: DataSource, secret: string, wanted: Parameters<typeof createKey>[2]) =>
  createKey(new ApiKeyStore(dataSource), secret, wanted);
