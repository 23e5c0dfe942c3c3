import { type Instant, parseInstant } from '@wapas/kernel';

/** What a message is for. A service message is about the customer's own transaction; everything else is marketing. */
export const PURPOSES = ['service', 'marketing'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** What a customer said, for one purpose or `all`, on one channel or `all`. */
export interface ConsentEntry {
  readonly purpose: Purpose | 'all';
  readonly channel: string;
  readonly state: ConsentState;
  /** When the customer said so. */
  readonly at: Instant;
}
export type ConsentState = 'granted' | 'withdrawn';

/**
 * The purpose of a message category: WhatsApp's utility and authentication and DLT's service and transactional are service;
 * a category nobody knows counts as marketing, which asks for more.
 */
export function purposeOf(category: string): Purpose {
  return SERVICE_CATEGORIES.has(category.toLowerCase()) ? 'service' : 'marketing';
}
const SERVICE_CATEGORIES: ReadonlySet<string> = new Set(['service', 'utility', 'transactional', 'authentication']);

/** When something was said that an event tells: as it says (RFC 3339), else when the event happened. */
export const saidAt = ({ at }: { readonly at?: string }, occurredAt: Instant): Instant =>
  (at === undefined ? null : parseInstant(at)) ?? occurredAt;

/** Everything was taken back, channels that come later included: only a word about one of them is a word against it. */
export const hasStoppedAll = (entries: readonly ConsentEntry[]): boolean =>
  PURPOSES.every((purpose) => holding(entries, purpose, 'all')?.state === 'withdrawn');

/**
 * The entry that holds for a purpose on a channel: the latest by the customer's own time, whatever order entries came in;
 * of two at the same moment the withdrawal. Undefined when nothing was ever said.
 */
export function holding<Entry extends ConsentEntry>(
  entries: readonly Entry[],
  purpose: Purpose,
  channel: string,
): Entry | undefined {
  let found: Entry | undefined;
  for (const entry of entries) {
    const applies =
      (entry.purpose === purpose || entry.purpose === 'all') && (entry.channel === channel || entry.channel === 'all');
    if (!applies) continue;
    if (!found || entry.at > found.at || (entry.at === found.at && entry.state === 'withdrawn')) found = entry;
  }
  return found;
}
