import { type Database } from '@wapas/database';
import { keyInWords } from './rules/operation';
import { keyChanges } from './store/api-key.store';
import { operationAudit } from './store/operation-audit.store';

/** Gives false when there is no live key of this id. Who revoked it stands in the audit. */
export function revokeKey(database: Database, id: string, actor: string): Promise<boolean> {
  return database.transaction(async (tx) => {
    const scopes = await keyChanges.revoke(tx, id);
    if (scopes !== null)
      await operationAudit.add(tx, { act: 'key_revoked', subject: keyInWords(id, scopes), actor, reason: null });
    return scopes !== null;
  });
}
