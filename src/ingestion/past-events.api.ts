// What another thread may import: reading events that are stored, and nothing of Nest.
export { type KeyedEvent, keyInMode, keysOf } from './entity-keys-of-event';
export { beganAt } from './derived/rules/derive-event';
export {
  type AskedMarks,
  eventStore as eventReader,
  FIRST_ID,
  LAST_ID,
  type PastMark,
  pastEvents,
  type Place,
  type ReadEvent,
  type StoredEvent,
} from './store/event.store';
