import { hours, type Instant } from '@wapas/kernel';
import { type JourneyVersion } from './definition';

/** A goal whose money goes back within a week was none: what comes later is another story (a return, a dispute). */
const WITHIN = hours(24 * 7);
/** The exit that says so: refunds that came while the run was live end it, later ones take the recovery back. */
const REASON = 'refunded';

/** Event names that take a recovery of this version back. */
export const namesOfRefunds = (version: JourneyVersion): string[] =>
  version.exits.filter(({ reason }) => reason === REASON).map(({ event }) => event);

/** Whether this refund takes back what the run recovered then. */
export function isReversal(version: JourneyVersion, name: string, refundedAt: Instant, recoveredAt: Instant): boolean {
  return namesOfRefunds(version).includes(name) && refundedAt >= recoveredAt && refundedAt - recoveredAt <= WITHIN;
}
