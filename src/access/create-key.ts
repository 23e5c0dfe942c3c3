import { type Database } from '@wapas/database';
import { type Instant } from '@wapas/kernel';
import { hashOfKey, newApiKey, type Scope } from './rules/api-key';
import { keyInWords } from './rules/operation';
import { keyChanges } from './store/api-key.store';
import { operationAudit } from './store/operation-audit.store';

export interface WantedKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly test: boolean;
  /** Null: it works until it is revoked. */
  readonly expiresAt: Instant | null;
}

/** Makes a key and gives its text, which is stored nowhere: only its keyed hash is. Who made it stands in the audit. */
export async function createKey(
  database: Database,
  secret: string,
  wanted: WantedKey,
  actor: string,
): Promise<{ id: string; text: string }> {
  const key = newApiKey(wanted.test);
  await database.transaction(async (tx) => {
    await keyChanges.add(tx, { ...wanted, id: key.id, hash: hashOfKey(key.text, secret) });
    await operationAudit.add(tx, { act: 'key_made', subject: keyInWords(key.id, wanted.scopes), actor, reason: null });
  });
  return key;
}
