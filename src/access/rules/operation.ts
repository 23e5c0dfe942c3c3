import { type Scope } from './api-key';

/** What people did to the whole of Wapas, beside the changes of journeys. */
export const OPERATIONS = [
  'sending_stopped',
  'sending_resumed',
  'provider_paused',
  'provider_resumed',
  'incident_held',
  'incident_released',
  'spend_cap_set',
  'spend_cap_removed',
  'source_set',
  'source_removed',
  'source_secret_added',
  'source_secret_removed',
  'event_schema_set',
  'event_schema_removed',
  'key_made',
  'key_revoked',
  'rate_set',
  'rate_removed',
  'webhook_made',
  'webhook_changed',
  'webhook_secret_changed',
  'webhook_removed',
  'sms_template_set',
  'sms_template_removed',
  'sms_addresses_set',
  'text_set',
  'text_removed',
  'derived_event_set',
  'derived_event_removed',
  'parked_events_replayed',
  'quarantine_replayed',
  'quarantine_replay_cancelled',
  'consents_imported',
  'webhook_resent',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Who has the environment needs no key to make one. */
export const BY_COMMAND = 'command';
export const AT_FIRST_START = 'first start';

/** `5f1c2a9be0d41c77 (ingest, read)`: which key, and what it may do. */
export const keyInWords = (id: string, scopes: readonly Scope[]): string => `${id} (${scopes.join(', ')})`;

export interface OperationEntry {
  readonly act: Operation;
  /** What it was done to; null: to everything. */
  readonly subject: string | null;
  /** The id of the API key, or `BY_COMMAND`, or `AT_FIRST_START`. */
  readonly actor: string;
  readonly reason: string | null;
}
