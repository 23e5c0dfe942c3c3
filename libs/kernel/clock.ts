import { type Instant } from './instant';

/** Where edge code and providers ask for the time. Rules get the time as an argument instead. */
export interface Clock {
  now(): Instant;
}

/** The machine's own clock: real time, for timeouts, token expiry and back-off. */
export const machineClock: Clock = { now: () => Date.now() as Instant };
