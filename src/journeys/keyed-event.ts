import { type EntityKey, type KeyKind } from '@wapas/entity-keys';
import { type StoredEvent } from '../ingestion/ingestion.api';

/** An event with its hashed keys and its person. */
export interface KeyedEvent {
  readonly event: StoredEvent;
  readonly keys: readonly { kind: KeyKind; key: EntityKey }[];
  readonly personId: string | null;
}
