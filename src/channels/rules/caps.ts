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

/** What somebody has had, as far as caps count it. */
export interface HadCounts {
  /** In the run of the message that is asked about, all laps together. */
  readonly ofRun: number;
  /** In the last 24 hours, over all journeys. */
  readonly ofDay: number;
  readonly marketingOfDay: number;
  /** In the last seven days. */
  readonly marketingOfWeek: number;
}

export const HAD_NOTHING: HadCounts = { ofRun: 0, ofDay: 0, marketingOfDay: 0, marketingOfWeek: 0 };

/** Counts what the person of a message had been sent at a moment (rule 35); whatever was taken for others is passed over. */
export function countHad(
  { personId, runId }: { readonly personId: string; readonly runId: string },
  taken: readonly TakenMessage[],
  now: Instant,
): HadCounts {
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
  return { ofRun, ofDay, marketingOfDay, marketingOfWeek };
}

/** Which cap one more message would break; null: none. A mandatory notice has no caps: it goes out, and still counts against others. */
export function brokenCap(caps: MessageCaps | null, had: HadCounts, limits: CapLimits): CapReason | null {
  if (caps === null) return null;
  if (had.ofRun >= caps.perRun) return 'cap_of_journey';
  if (had.ofDay >= limits.perDay) return 'cap_of_person';
  if (caps.marketing && had.marketingOfDay >= limits.marketingPerDay) return 'cap_of_marketing_day';
  if (caps.marketing && had.marketingOfWeek >= limits.marketingPerWeek) return 'cap_of_marketing_week';
  return null;
}
