export * from './bus';
export { type BusState } from './outbox.store';
export { Outbox1764000000002 } from './outbox-1764000000002';
export { OutboxText1764000000020 } from './outbox-text-1764000000020';
