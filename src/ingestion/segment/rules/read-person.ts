import { isZone } from '@wapas/kernel';
import { languageOf } from '../../rules/language';
import { type EventPerson, type PushToken } from '../../rules/new-event';
import { normalisePhone, type PhonePolicy } from '../../rules/phone';
import { type Fields, fieldsOf, firstOf, textOf } from './fields';

const EMAIL = /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/;
const PLATFORMS: Readonly<Record<string, PushToken['platform']>> = { ios: 'ios', ipados: 'ios', android: 'android', web: 'web' };

/** Where Segment's traits say how a person is reached; what is not usable is left out and named, the event itself stays. */
export const CONTACT_TRAITS = ['phone', 'email', 'name', 'firstName', 'first_name', 'lastName', 'last_name'] as const;

/**
 * Reads `traits` and `context.device` (segment.com/docs/connections/spec/identify and /common, read 2026-11-23). `context.locale` and
 * `context.timezone` are what a device is set to, in every call: as the latest word they would overrule what somebody has chosen.
 */
export function personOf(
  customerId: string | undefined,
  traits: Fields,
  context: Fields,
  phones: PhonePolicy,
  dropped: string[],
): EventPerson | undefined {
  const person: EventPerson = {
    customerId,
    phone: phoneOf(traits.phone, phones, dropped),
    email: emailOf(traits.email, dropped),
    name: nameOf(traits),
    language: chosen('language', firstOf(traits, ['language', 'locale']), languageOf, dropped),
    timeZone: chosen('timezone', firstOf(traits, ['timeZone', 'timezone']), zoneOf, dropped),
    pushTokens: pushTokensOf(context, dropped),
  };
  return Object.values(person).some((value) => value !== undefined) ? person : undefined;
}

function phoneOf(value: unknown, phones: PhonePolicy, dropped: string[]): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = typeof value === 'number' ? String(value) : textOf(value, 40);
  const phone = text === undefined ? undefined : normalisePhone(text, phones);
  if (phone?.ok) return phone.e164;
  dropped.push('phone');
  return undefined;
}

function emailOf(value: unknown, dropped: string[]): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const text = textOf(value, 254);
  if (text !== undefined && EMAIL.test(text)) return text.toLowerCase();
  dropped.push('email');
  return undefined;
}

function nameOf(traits: Fields): string | undefined {
  const whole = textOf(traits.name, 200);
  if (whole !== undefined) return whole;
  const parts = [firstOf(traits, ['firstName', 'first_name']), firstOf(traits, ['lastName', 'last_name'])];
  return textOf(parts.filter((part) => typeof part === 'string').join(' '), 200);
}

function chosen(
  name: string,
  value: unknown,
  read: (value: unknown) => string | undefined,
  dropped: string[],
): string | undefined {
  const found = value === undefined ? undefined : read(value);
  if (value !== undefined && found === undefined) dropped.push(name);
  return found;
}

function zoneOf(value: unknown): string | undefined {
  const text = textOf(value, 60);
  return text !== undefined && isZone(text) ? text : undefined;
}

function pushTokensOf(context: Fields, dropped: string[]): readonly PushToken[] | undefined {
  const device = fieldsOf(context.device);
  if (device.token === undefined || device.token === null || device.token === '') return undefined;
  const token = textOf(device.token, 4_096);
  const kind = firstOf(device, ['type']) ?? fieldsOf(context.os).name;
  const platform =
    typeof kind === 'string' && Object.hasOwn(PLATFORMS, kind.toLowerCase()) ? PLATFORMS[kind.toLowerCase()] : undefined;
  if (token !== undefined && platform !== undefined) return [{ token, platform }];
  dropped.push('device');
  return undefined;
}
