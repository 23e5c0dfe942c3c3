import { type Queryable } from '@wapas/database';
import { eventReader } from '../ingestion/ingestion.api';
import { type RunEnded } from './journeys.events';

/** `worth` is there: null when nobody says. */
export type EndedWithWorth = RunEnded & { readonly worth: NonNullable<RunEnded['worth']> | null };

/**
 * What the goals were worth. Ends that were told of by an earlier version do not say so: their events do, as long as they are stored and
 * can be opened. `unreadable`: how many cannot.
 */
export async function withWorths(
  db: Queryable,
  ends: readonly RunEnded[],
): Promise<{ ends: EndedWithWorth[]; unreadable: number }> {
  const unsaid = ends.flatMap(({ reason, eventId, worth }) =>
    worth === undefined && reason === 'goal_reached' && eventId ? [eventId] : [],
  );
  const { events, unreadable } = unsaid.length > 0 ? await eventReader.openedByIds(db, unsaid) : NO_EVENTS;
  const amounts = new Map(events.map(({ id, content }) => [id, content.amount]));
  return {
    ends: ends.map((end) => {
      if (end.worth !== undefined) return { ...end, worth: end.worth };
      const said = amounts.get(end.eventId ?? '');
      return { ...end, worth: said ? { value: said.amount, currency: said.currency } : null };
    }),
    unreadable: unreadable.size,
  };
}

const NO_EVENTS = { events: [], unreadable: new Set<string>() };
