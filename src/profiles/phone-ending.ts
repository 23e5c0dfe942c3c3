import { type EntityKey, type EntityKeys } from '@wapas/entity-keys';
import { keyInMode } from '../ingestion/ingestion.api';

/** The keyed hash of a phone's last four digits, never that of a phone: support often has no more of a number than these. */
export function endingOf(hasher: EntityKeys, phone: string, test: boolean): EntityKey {
  return keyInMode(hasher, test, 'phone', `ends with ${phone.slice(-4)}`);
}
