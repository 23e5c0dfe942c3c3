/** What a team can be told of. */
export const WEBHOOK_KINDS = [
  'message.settled',
  'run.ended',
  'recovery.counted',
  'recovery.reversed',
  'person.opted_out',
  'answer.received',
] as const;
export type WebhookKind = (typeof WEBHOOK_KINDS)[number];

/** Sent when an operator asks whether an endpoint works; nobody subscribes to it. */
export const TEST_KIND = 'webhook.test';

/** Something an endpoint is told: ids and facts, never what identifies a person by itself, except the words of an answer. */
export interface Told {
  readonly kind: WebhookKind | typeof TEST_KIND;
  /** When it happened, RFC 3339. */
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
  /**
   * Of an answer, which holds a person's own words: the keyed hash of where they wrote from, by which an erasure finds it.
   * Null when nothing is known of them. Absent for everything else.
   */
  readonly subject?: string | null;
}

/** The body as it is posted: the same bytes for every try. */
export const bodyOf = ({ kind, at, data }: Told): string => JSON.stringify({ type: kind, timestamp: at, data });

/** An endpoint that names no kinds is told everything, answers excepted: their words go only where they are asked for. */
export function wants(kinds: readonly string[], kind: Told['kind']): boolean {
  if (kind === TEST_KIND) return false;
  return kinds.length === 0 ? kind !== 'answer.received' : kinds.includes(kind);
}
