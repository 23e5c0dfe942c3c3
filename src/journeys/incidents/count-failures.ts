import { between, type Instant, minutes } from '@wapas/kernel';
import { type AttributedEvent } from '../attributed-event';
import { factsOf } from '../facts-of-event';
import { type JourneyVersion } from '../rules/definition';
import { gatewayOf, type RailAt, railsOf } from './rules/rail';

/** What comes in late says nothing of how a rail is doing now: a source that catches up is no incident. */
const FRESH = minutes(15);

/**
 * The rails of these triggers and the gateways they were reached over (a gateway is counted as being at itself), once for each event that failed just now, whatever journeys it
 * starts. Tests are not counted.
 */
export function failuresOf(
  triggers: readonly (AttributedEvent & { readonly version: JourneyVersion })[],
  now: Instant,
): RailAt[] {
  const counted = new Map(
    triggers
      .filter(({ version, event }) => version.incidents !== 'ignore' && !event.test && between(event.occurredAt, now) <= FRESH)
      .map(({ event }) => [event.id, event]),
  );
  return [...counted.values()].flatMap((event) => {
    const rails = railsOf(factsOf(event));
    return rails.map((rail) => ({ ...rail, gateway: gatewayOf(rails) }));
  });
}
