export { RecentEvents } from './recent-events';
export { type Mark, type ReadEvent, type StoredEvent, eventStore as eventReader } from './store/event.store';
export { marksAbout, type MarksSince } from './rules/marks-since';
export { eventNameStore as eventNames } from './store/event-name.store';
export { quarantineStore as quarantineReader } from './store/quarantine.store';
export {
  amountAsPosted,
  type EventConsent,
  type EventContent,
  type EventKeys,
  type EventPerson,
  type PushToken,
} from './rules/new-event';
export { eraseEventsStore as eventEraser } from './store/erase-events.store';
export { DOWNTIME_EVENTS, isAboutRails } from './rules/downtime-events';
export { faultsOfChannel } from './rules/channel-words';
export { normalisePhone } from './rules/phone';
export { RecordEvents } from './record-events';
export { SourcePulse } from './source-pulse';
export { beganAt } from './derived/rules/derive-event';
export { checkEvent, faultsOfIds } from './rules/check-event';
export { isPlaceholder } from './rules/placeholder';
export { faultsOfJson } from './rules/json-hygiene';
export { eventSchema } from './rules/event-schema';
export { type KeyedEvent, keyInMode, keysOf, kindsOfKeys } from './entity-keys-of-event';
export type * from './ingestion.events';
