// What another thread may import: reading messages that really went, and nothing of Nest.
export { type PastMessage, pastMessages } from './store/past-message.store';
export { type TakenMessage } from './rules/caps';
