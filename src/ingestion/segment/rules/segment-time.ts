import { between, hours, type Instant, instantFromMillis, parseInstant } from '@wapas/kernel';

const MAX_AGE = hours(24 * 730);
const MAX_AHEAD = hours(24);

/** When a message says it happened and when its sender says it was sent; both are the sender's clock. */
export interface SaidTimes {
  readonly timestamp: unknown;
  readonly sentAt: unknown;
}

export type MessageTime =
  | { readonly kind: 'at'; readonly at: Instant }
  /** Nothing usable was said: it counts as happening now. `said` is false when there was no time at all. */
  | { readonly kind: 'now'; readonly said: boolean }
  | { readonly kind: 'too_old' };

/**
 * Corrects a clock that runs fast or slow, as Segment does: `receivedAt - (sentAt - timestamp)`, which needs only that the
 * sender's clock ran evenly between the two (segment.com/docs/connections/spec/common, read 2026-11-23). Without `sentAt`
 * the time stands as it was said. More than a day ahead is no clock's error, so it counts as now.
 */
export function timeOfMessage({ timestamp, sentAt }: SaidTimes, receivedAt: Instant): MessageTime {
  if (timestamp === undefined || timestamp === null) return { kind: 'now', said: false };
  const said = instantOf(timestamp);
  if (said === null) return { kind: 'now', said: true };
  const sent = instantOf(sentAt);
  const at = sent === null ? said : instantFromMillis(receivedAt - (sent - said));
  if (between(at, receivedAt) > MAX_AGE) return { kind: 'too_old' };
  if (between(receivedAt, at) > MAX_AHEAD) return { kind: 'now', said: true };
  return { kind: 'at', at };
}

/** RFC 3339, or milliseconds since 1970 as some senders have it. */
function instantOf(value: unknown): Instant | null {
  if (typeof value === 'string') return parseInstant(value);
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? instantFromMillis(value) : null;
}
