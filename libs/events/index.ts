export * from './bus';
export { type BusState } from './outbox.store';
export { Outbox1764000000002 } from './outbox-1764000000002';
