import { type Instant } from '@wapas/kernel';

/** What became of messages, on either side. */
export const TALLY_OUTCOMES = ['sent', 'ghost', 'skipped', 'expired', 'rejected', 'held', 'really_sent'] as const;
export type TallyOutcome = (typeof TALLY_OUTCOMES)[number];

/** Messages that are alike as far as a report and their price go. */
export interface TallyKey {
  /** India's day, YYYY-MM-DD. */
  readonly day: string;
  readonly step: string;
  readonly channel: string;
  readonly outcome: TallyOutcome;
  /** Empty for those that went out. */
  readonly reason: string;
  readonly provider: string | null;
  readonly category: string | null;
  readonly country: string | null;
}

export interface TallyCount {
  messages: number;
  /** Messages, or parts of SMS, that are billed. */
  units: number;
  /** Of these, those whose length or category is assumed. */
  assumed: number;
}

const INDIA_AHEAD_MS = 19_800_000;
const DAY_MS = 86_400_000;
const days = new Map<number, string>();

/** India's day, by which reports and invoices count. */
export function dayOf(at: Instant): string {
  const number = Math.floor((at + INDIA_AHEAD_MS) / DAY_MS);
  let day = days.get(number);
  if (day === undefined) days.set(number, (day = new Date(number * DAY_MS).toISOString().slice(0, 10)));
  return day;
}

/** Counts what happens, until somebody takes the counts away. */
export class Tally {
  private counts = new Map<string, TallyKey & TallyCount>();

  add(key: TallyKey, units = 0, isAssumed = false): void {
    const name = `${key.day} ${key.outcome} ${key.step} ${key.channel} ${key.provider} ${key.category} ${key.country} ${key.reason}`;
    let found = this.counts.get(name);
    if (!found) this.counts.set(name, (found = { ...key, messages: 0, units: 0, assumed: 0 }));
    found.messages += 1;
    found.units += units;
    if (isAssumed) found.assumed += units;
  }

  /** A message that is billed: SMS by its parts, WhatsApp by its category; `parts` null, or a category that no vendor told: one is assumed. */
  addBilled(key: TallyKey, { parts, categoryIsTold }: { readonly parts: number | null; readonly categoryIsTold: boolean }): void {
    const isSms = key.channel === 'sms';
    this.add(key, isSms ? (parts ?? 1) : 1, isSms ? parts === null : key.channel === 'whatsapp' && !categoryIsTold);
  }

  take(): readonly (TallyKey & TallyCount)[] {
    const taken = [...this.counts.values()];
    this.counts = new Map();
    return taken;
  }
}
