import { AGAIN, ERROR_CLASSES, FAILURE_SCOPES, failed, recordOf, type SendFailure, type SendOutcome } from '@wapas/provider-kit';

/** What a provider gave as the outcome of a call, as far as it is one. */
export interface GivenOutcome {
  readonly outcome: SendOutcome;
  /** What of it was none; null: nothing. */
  readonly fault: string | null;
}

/** The contract's own bounds, see SendOutcome and SendFailure. */
const LONGEST_ID = 256;
const LONGEST_CODE = 80;
const LONGEST_DETAIL = 300;

/**
 * A provider may be code of somebody else, so what it gives is looked at before it is believed. What says neither accepted nor failed
 * leaves the outcome unknown; what is wrong with a part (an id that is none, a wait that is no time) goes without that part.
 */
export function givenOutcome(given: unknown): GivenOutcome {
  const said = recordOf(given);
  if (said?.['outcome'] === 'accepted') return acceptedWith(said['vendorId']);
  const failure = said?.['outcome'] === 'failed' ? recordOf(said['failure']) : null;
  const isFailure = failure !== null && oneOf(ERROR_CLASSES, failure['class']) && oneOf(FAILURE_SCOPES, failure['scope']);
  if (!isFailure) return { outcome: nobodyKnows(), fault: 'neither accepted nor a failure with a class and a scope' };
  return failureOf(failure);
}

/** What became of a call of which the provider said nothing that can be understood. */
const nobodyKnows = (): SendOutcome => failed({ class: 'unknown_outcome', scope: 'message', code: 'junk_answer' });

function acceptedWith(vendorId: unknown): GivenOutcome {
  if (vendorId === undefined) return { outcome: { outcome: 'accepted' }, fault: null };
  if (!isPlainText(vendorId, LONGEST_ID))
    return { outcome: { outcome: 'accepted' }, fault: `a vendorId that is no text of up to ${LONGEST_ID} characters` };
  return { outcome: { outcome: 'accepted', vendorId }, fault: null };
}

function failureOf(failure: Record<string, unknown>): GivenOutcome {
  const { code, detail, retryAfterMs, holdsForMs, only, again, openHours, strikes, accountAbove, unlisted } = failure;
  const faults = [
    isPlainText(code, LONGEST_CODE) ? null : 'code',
    detail === undefined || (typeof detail === 'string' && detail.length <= LONGEST_DETAIL) ? null : 'detail',
    retryAfterMs === undefined || isTime(retryAfterMs) ? null : 'retryAfterMs',
    holdsForMs === undefined || isTime(holdsForMs) ? null : 'holdsForMs',
    only === undefined || only === 'marketing' ? null : 'only',
    again === undefined || oneOf(AGAIN, again) ? null : 'again',
    openHours === undefined || areHours(openHours) ? null : 'openHours',
    strikes === undefined || areStrikes(strikes) ? null : 'strikes',
    accountAbove === undefined || isTime(accountAbove) ? null : 'accountAbove',
    unlisted === undefined || unlisted === true ? null : 'unlisted',
  ].filter((part) => part !== null);
  if (faults.length === 0) return { outcome: failed(failure as unknown as SendFailure), fault: null };
  const usable = Object.fromEntries(Object.entries(failure).filter(([name]) => !faults.includes(name)));
  return {
    outcome: failed({ code: 'junk_answer', ...usable } as unknown as SendFailure),
    fault: `a failure whose ${faults.join(', ')} cannot be used`,
  };
}

const oneOf = (words: readonly string[], value: unknown): boolean => words.includes(value as string);

/** A code or an id: not empty, not long, and without the null character, which the database does not take. */
export function isPlainText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longest && !value.includes('\u0000');
}

/** A hundred years: what is for good is said by leaving the time out. */
const LONGEST_MS = 3_155_760_000_000;

/** A length of time in milliseconds. */
export const isTime = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= LONGEST_MS;

function areHours(value: unknown): boolean {
  const { from, to, zone } = recordOf(value) ?? {};
  const isHour = (text: unknown): boolean => typeof text === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
  return isHour(from) && isHour(to) && from !== to && isZone(zone);
}

function isZone(zone: unknown): boolean {
  try {
    return typeof zone === 'string' && zone !== '' && new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    return false; // No such zone: the part is left out, and said to be.
  }
}

/** So many failures within so long. */
export function areStrikes(value: unknown): boolean {
  const { count, withinMs } = recordOf(value) ?? {};
  return Number.isInteger(count) && isTime(withinMs);
}
