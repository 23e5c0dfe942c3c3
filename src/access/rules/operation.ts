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
] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface OperationEntry {
  readonly act: Operation;
  /** What it was done to; null: to everything. */
  readonly subject: string | null;
  /** The id of the API key. */
  readonly actor: string;
  readonly reason: string | null;
}
