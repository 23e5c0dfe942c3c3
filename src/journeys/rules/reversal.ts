import { hours, type Instant } from '@wapas/kernel';
import { allHold } from './condition';
import { type JourneyVersion } from './definition';
import { type ArrivedEvent } from './endings';
import { type RunFacts } from './run';

/** A goal whose money goes back within a week was none: what comes later is another story (a return, a dispute). */
const WITHIN = hours(24 * 7);
/**
 * The exits that say so, and what they take back: those that came while the run was live end it, later ones take the recovery back. Of an
 * order that is cancelled nothing is left, whatever amount that names, and for one on delivery no refund ever follows.
 */
const TAKES_BACK: ReadonlyMap<string, 'what_it_says' | 'everything'> = new Map([
  ['refunded', 'what_it_says'],
  ['order_cancelled', 'everything'],
]);

/** Event names that take a recovery of this version back. */
export const namesOfReversals = (version: JourneyVersion): string[] =>
  version.exits.filter(({ reason }) => TAKES_BACK.has(reason)).map(({ event }) => event);

/** What this event takes back of what the run recovered then; null: nothing. */
export function takenBackBy(
  version: JourneyVersion,
  run: RunFacts,
  { name, occurredAt, facts }: ArrivedEvent,
  recoveredAt: Instant,
): 'what_it_says' | 'everything' | null {
  if (occurredAt < recoveredAt || occurredAt - recoveredAt > WITHIN) return null;
  const exit = version.exits.find(
    ({ event, reason, where }) => event === name && TAKES_BACK.has(reason) && allHold(where, facts, run),
  );
  return (exit && TAKES_BACK.get(exit.reason)) ?? null;
}
