/**
 * What a gateway, a bank or the shop's own monitoring says of a rail, rather than of anybody's payment: it is down, it is still
 * down but otherwise, it is up again. `properties` names the rails as payments do (`method`, `bank`, …), each a text or a list; under
 * `gateway` the gateway at which they are down, as its payments name it (without it: at every one); the id of the downtime under
 * `downtime`, the same in all it says; and, where known, `severity` (high, medium, low), `begins` and `ends` (RFC 3339). Journeys hold
 * what went over the rail meanwhile.
 */
export const DOWNTIME_EVENTS = {
  started: 'Payment Downtime Started',
  updated: 'Payment Downtime Updated',
  resolved: 'Payment Downtime Resolved',
} as const;

const NAMES: ReadonlySet<string> = new Set(Object.values(DOWNTIME_EVENTS));

/** It needs neither a key nor a person to be about something. */
export const isAboutRails = (eventName: string): boolean => NAMES.has(eventName);
