import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';

export interface PhonePolicy {
  /** ISO 3166 country that a number without country code belongs to. */
  readonly defaultCountry: string;
  readonly allowedCountries: readonly string[];
}

export type Phone =
  { readonly ok: true; readonly e164: string } | { readonly ok: false; readonly code: string; readonly detail: string };

/** Most numbers arrive as this already; the library costs a hundred times more than the pattern (TRAI numbering plan: mobile 6-9). */
const INDIAN_MOBILE = /^\+91[6-9]\d{9}$/;
const MOBILE = new Set(['MOBILE', 'FIXED_LINE_OR_MOBILE']);

/** Brings a phone number to E.164. Refuses what cannot receive a message, and countries that are not allowed (SMS pumping). */
export function normalisePhone(text: string, policy: PhonePolicy): Phone {
  if (INDIAN_MOBILE.test(text) && policy.allowedCountries.includes('IN')) return { ok: true, e164: text };
  const parsed = parsePhoneNumberFromString(inPlainDigits(text), {
    defaultCountry: policy.defaultCountry as CountryCode,
    extract: false,
  });
  // Nothing is picked out of a longer text, and an extension is somebody's switchboard.
  if (!parsed?.isValid() || parsed.ext !== undefined)
    return { ok: false, code: 'bad_phone', detail: 'This is not a valid phone number. Give E.164, such as +919812345678.' };
  if (!parsed.country || !policy.allowedCountries.includes(parsed.country)) {
    return {
      ok: false,
      code: 'country_not_allowed',
      detail: 'Numbers of this country are not allowed here (WAPAS_ALLOWED_COUNTRIES).',
    };
  }
  const type = parsed.getType();
  if (type !== undefined && !MOBILE.has(type))
    return { ok: false, code: 'not_mobile', detail: 'This number cannot receive messages: it is not a mobile one.' };
  return { ok: true, e164: parsed.number };
}

/** Zeros of the Indian scripts, Devanagari to Malayalam, lie 128 apart. */
const FIRST_ZERO = 0x0966;
const APART = 0x80;

/**
 * As the library reads it: digits of Indian scripts as 0 to 9, and without the marks of writing direction and joining that a number
 * brings along when it is copied from an address book or a chat.
 */
const inPlainDigits = (text: string): string =>
  text
    .replace(/\p{Cf}/gu, '')
    .replace(/[\u0966-\u0d6f]/g, (sign) => (/\p{Nd}/u.test(sign) ? String((sign.charCodeAt(0) - FIRST_ZERO) % APART) : sign));
