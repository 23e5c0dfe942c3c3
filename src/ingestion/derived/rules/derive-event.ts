import { type Instant, toIso } from '@wapas/kernel';
import { type EventContent, type NewEvent } from '../../rules/new-event';

/** The last activity before the silence. */
export interface LastActivity {
  readonly id: string;
  readonly name: string;
  readonly occurredAt: Instant;
  readonly test: boolean;
  readonly content: EventContent;
}

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
    source: last.test ? 'derived-test' : 'derived',
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
