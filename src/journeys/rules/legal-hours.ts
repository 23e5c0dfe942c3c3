import { type Duration } from '@wapas/kernel';
import { type SendingHours } from './definition';

/** Hours that a law or a regulator sets, as data: a rule that changes is a line here, with its source and date. */
export interface LegalHours {
  readonly hours: SendingHours;
  readonly why: string;
  readonly source: string;
  readonly readOn: string;
}

const from = (hour: number, toHour: number, toMinute = 0): SendingHours => ({
  from: hour * 60,
  to: toHour * 60 + toMinute,
  zone: 'Asia/Kolkata',
  outside: 'hold',
  exceptWithin: 0 as Duration,
});

export const LEGAL_HOURS = {
  /** Closes a quarter of an hour early: what is handed over at 20:59 arrives after nine. */
  promotional_sms_in: {
    hours: from(10, 20, 45),
    why: 'Promotional SMS are delivered from 10:00 to 21:00 only.',
    source: 'TCCCPR 2018 as operators apply it; 09:00 is also in use and to be re-checked before go-live',
    readOn: '2026-11-23',
  },
  loan_contact_in: {
    hours: from(8, 19),
    why: 'Borrowers may be contacted about dues from 08:00 to 19:00 only.',
    source: 'RBI, fair practices for recovery; the final directions are to be re-checked before go-live',
    readOn: '2026-11-23',
  },
} as const satisfies Readonly<Record<string, LegalHours>>;

export type LegalHoursName = keyof typeof LEGAL_HOURS;
export const LEGAL_HOURS_NAMES = Object.keys(LEGAL_HOURS) as LegalHoursName[];

/** What binds a step: what its author names, and for marketing by SMS the promotional hours whether named or not (rule 1). */
export function legalHoursOf(channel: string, purpose: string, named: readonly LegalHoursName[]): SendingHours[] {
  const names = new Set(named);
  if (channel === 'sms' && purpose === 'marketing') names.add('promotional_sms_in');
  return [...names].map((name) => LEGAL_HOURS[name].hours);
}
