import { type KeyedEvent } from '../ingestion/ingestion.api';

/** An event with its keys and its person. */
export interface AttributedEvent extends KeyedEvent {
  readonly personId: string | null;
}
