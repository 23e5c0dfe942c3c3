export { RecentEvents } from './recent-events';
export { type Mark, type StoredEvent, eventStore as eventReader } from './store/event.store';
export { quarantineStore as quarantineReader } from './store/quarantine.store';
export { type EventConsent, type EventContent, type EventKeys, type EventPerson, type PushToken } from './rules/new-event';
export { eraseEventsStore as eventEraser } from './store/erase-events.store';
export { normalisePhone } from './rules/phone';
export { type KeyedEvent, keyInMode } from './entity-keys-of-event';
export { RecordEvents } from './record-events';
export { SourcePulse } from './source-pulse';

/** Bus event `event.recorded`: an event has been committed. */
export interface EventRecorded {
  readonly id: string;
  readonly name: string;
}
