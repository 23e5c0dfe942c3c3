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
  const own = taken.filter((one) => one.personId === personId);
  const since = (length: number): TakenMessage[] => own.filter(({ calledAt }) => after(calledAt, hours(length)) > now);
  const marketing = (length: number): number => since(length).filter((one) => one.marketing).length;
  if (own.filter((one) => one.runId === runId).length >= caps.perRun) return 'cap_of_journey';
  if (since(24).length >= limits.perDay) return 'cap_of_person';
  if (caps.marketing && marketing(24) >= limits.marketingPerDay) return 'cap_of_marketing_day';
  if (caps.marketing && marketing(24 * 7) >= limits.marketingPerWeek) return 'cap_of_marketing_week';
  return null;
}
