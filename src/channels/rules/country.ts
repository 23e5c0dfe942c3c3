import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Nearly every number; the library takes a hundred times as long. */
const INDIAN_MOBILE = /^\+91[6-9]\d{9}$/;

/**
 * May a message go to a number of this country? Numbers were checked when they came in, but the list may have been shortened since,
 * and a number that nobody can place is the kind that premium services have (SMS pumping).
 */
export const isAllowedCountry = (country: string | null, allowed: readonly string[]): boolean =>
  country !== null && allowed.includes(country);

/** Where an E.164 number is at home, ISO 3166; null: nobody can say. */
export function countryOf(e164: string): string | null {
  if (INDIAN_MOBILE.test(e164)) return 'IN';
  return parsePhoneNumberFromString(e164)?.country ?? null;
}
