import { CAP_REASONS } from '../channels/channels.api';

/** Reasons that say the customer was not reached on this channel, so that the next one need not wait for its hour. */
const NOT_REACHED: ReadonlySet<string> = new Set(['rejected', 'skipped']);
/** The run is over or silent, or the person has had enough: another channel would be wrong. */
const NOTHING_TO_MAKE_UP_FOR = new Set<string>([
  'goal_reached',
  'run_ended', // as it was told until 2026-11-29
  'window_over',
  'erased',
  'restarted',
  'silenced',
  'status_unknown',
  'order_cancelled',
  'order_expired',
  'refunded',
  ...CAP_REASONS,
]);

/** Does a message's end say that its customer was not reached, and that another channel should make up for it? */
export const wasNotReached = (state: string, reason: string | null): boolean =>
  NOT_REACHED.has(state) && !NOTHING_TO_MAKE_UP_FOR.has(reason ?? '');
