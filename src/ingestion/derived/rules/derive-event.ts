import { after, durationOf, type Instant, parseInstant, toIso } from '@wapas/kernel';
import { type EventContent, type NewEvent } from '../../rules/new-event';

/** The last activity before the silence. */
export interface LastActivity {
  readonly id: string;
  readonly name: string;
  readonly occurredAt: Instant;
  readonly test: boolean;
  readonly content: EventContent;
}

const SOURCES = { live: 'derived', test: 'derived-test' };

/**
 * The event that silence makes. Its id is made of what it follows from, so it can be recorded again without another effect.
 * It is about whom and what the last activity was about; why that happened says nothing about the silence.
 */
export function deriveEvent(
  definition: { readonly key: string; readonly event: string },
  waitKey: string,
  last: LastActivity,
  at: Instant,
): NewEvent {
  const { person, keys, amount, properties } = last.content;
  return {
    source: last.test ? SOURCES.test : SOURCES.live,
    sourceEventId: `${definition.key}:${waitKey}:${last.id}`,
    name: definition.event,
    occurredAt: at,
    test: last.test,
    content: {
      person,
      keys,
      amount,
      properties: { ...properties, derived_by: definition.key, last_event: last.name, last_activity_at: toIso(last.occurredAt) },
    },
  };
}

/**
 * When what a derived event tells of began: the moment after the last activity, which itself is no ending. What ended the matter
 * from then on and is heard of late shows that there was no silence. Undefined for events that sources send: they tell of the moment
 * they happened at. Activity that is heard of late takes nothing back: its silence makes an event of its own.
 */
export function beganAt({ source, content }: { readonly source: string; readonly content: EventContent }): Instant | undefined {
  const said = source === SOURCES.live || source === SOURCES.test ? content.properties?.last_activity_at : undefined;
  const lastAt = typeof said === 'string' ? parseInstant(said) : null;
  return lastAt === null ? undefined : after(lastAt, durationOf(1));
}
