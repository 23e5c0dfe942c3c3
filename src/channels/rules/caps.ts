import { after, hours, type Instant } from '@wapas/kernel';

/** What holds a message back beside its own journey's rules. */
export interface MessageCaps {
  readonly marketing: boolean;
  /** Most messages of its run, all laps together. */
  readonly perRun: number;
}

/** How much a person may get, over all journeys. */
export interface CapLimits {
  readonly perDay: number;
  readonly marketingPerDay: number;
  readonly marketingPerWeek: number;
}

/** A message that has been claimed and not been returned: a call that is open, accepted, or unknown. */
export interface TakenMessage {
  readonly personId: string;
  readonly runId: string;
  readonly marketing: boolean;
  readonly calledAt: Instant;
}

const DAY = hours(24);
const WEEK = hours(24 * 7);

export const CAP_REASONS = ['cap_of_journey', 'cap_of_person', 'cap_of_marketing_day', 'cap_of_marketing_week'] as const;
export type CapReason = (typeof CAP_REASONS)[number];

/**
 * Which cap a message would break now; null: none. Counts what was claimed in the last 24 hours and seven days (rule 35), in
 * the given message's own person only. A mandatory notice has no caps: it goes out, and still counts against others.
 */
export function brokenCap(
  message: { readonly personId: string; readonly runId: string; readonly caps: MessageCaps | null },
  taken: readonly TakenMessage[],
  limits: CapLimits,
  now: Instant,
): CapReason | null {
  const { caps, personId, runId } = message;
  if (caps === null) return null;
  let ofRun = 0;
  let ofDay = 0;
  let marketingOfDay = 0;
  let marketingOfWeek = 0;
  for (const one of taken) {
    if (one.personId !== personId) continue;
    if (one.runId === runId) ofRun += 1;
    const isOfDay = after(one.calledAt, DAY) > now;
    if (isOfDay) ofDay += 1;
    if (one.marketing && isOfDay) marketingOfDay += 1;
    if (one.marketing && after(one.calledAt, WEEK) > now) marketingOfWeek += 1;
  }
  if (ofRun >= caps.perRun) return 'cap_of_journey';
  if (ofDay >= limits.perDay) return 'cap_of_person';
  if (caps.marketing && marketingOfDay >= limits.marketingPerDay) return 'cap_of_marketing_day';
  if (caps.marketing && marketingOfWeek >= limits.marketingPerWeek) return 'cap_of_marketing_week';
  return null;
}
