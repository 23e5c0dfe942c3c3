import { isZone } from '@wapas/kernel';
import { languageOf } from '../rules/language';
import { type EventPerson, type PushToken } from '../rules/new-event';
import { normalisePhone, type PhonePolicy } from '../rules/phone';
import { type Mapping, type PersonField, type PushTokenMapping } from './mapping';
import { type Document, entriesAt, idOf, isAbsent, textIn, textOf, valueIn, wordIn } from './read-values';

const EMAIL = /^[^\s@<>"\u0000-\u001f]+@[^\s@<>"\u0000-\u001f]+\.[^\s@<>"\u0000-\u001f]+$/;
const WHATSAPP_ID = /^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/;
/** How each of these is brought into our form; nothing for what cannot be one. */
export const PERSON: Readonly<Record<PersonField, (value: unknown, phones: PhonePolicy) => string | undefined>> = {
  customerId: idOf,
  phone: (value, phones) => {
    const text = textOf(value);
    const phone = text === undefined || text.length > 40 ? undefined : normalisePhone(text.trim(), phones);
    return phone?.ok ? phone.e164 : undefined;
  },
  email: (value) => {
    const text = textOf(value)?.trim().toLowerCase();
    return text !== undefined && text.length <= 254 && EMAIL.test(text) ? text : undefined;
  },
  whatsappId: (value) => (typeof value === 'string' && WHATSAPP_ID.test(value) ? value : undefined),
  name: (value) => {
    const text = textOf(value)?.trim();
    return text === undefined || text === '' || text.length > 200 ? undefined : text;
  },
  language: languageOf,
  timeZone: (value) => {
    const text = textOf(value)?.trim();
    return text !== undefined && text.length <= 60 && isZone(text) ? text : undefined;
  },
};

const SAYS_NOT_WHO: ReadonlySet<string> = new Set(['name', 'language', 'timeZone', 'pushTokens']);

/** Whether a field of a person says who it is. */
export const namesSomebody = (field: string): boolean => !SAYS_NOT_WHO.has(field);

export function personOf(
  { person, nobody = [] }: Mapping,
  document: Document,
  phones: PhonePolicy,
  dropped: string[],
): EventPerson | undefined {
  const { pushTokens, ...fields } = person ?? {};
  const found: Partial<Record<PersonField, string>> & { pushTokens?: readonly PushToken[] } = {};
  for (const [field, from] of Object.entries(fields) as [PersonField, (typeof fields)[PersonField]][]) {
    const value = valueIn(from, document, field === 'name');
    if (isAbsent(value) || nobody.includes(String(textOf(value)))) continue;
    const text = PERSON[field](value, phones);
    if (text === undefined) dropped.push(`/person/${field}`);
    else found[field] = text;
  }
  const tokens = pushTokens && pushTokensOf(pushTokens, document, dropped);
  if (tokens && tokens.length > 0) found.pushTokens = tokens;
  return Object.keys(found).length === 0 ? undefined : found;
}

/** As the API takes them (event-schema.ts). */
const MOST_TOKENS = 10;
const LONGEST_TOKEN = 4_096;
const LONGEST_APP = 100;

function pushTokensOf(mappings: readonly PushTokenMapping[], document: Document, dropped: string[]): PushToken[] {
  const found: PushToken[] = [];
  for (const mapping of mappings) {
    const entries = entriesAt(mapping.each, document);
    if (entries === null) dropped.push('/person/pushTokens');
    for (const entry of entries ?? []) {
      if (isAbsent(valueIn(mapping.token, entry))) continue;
      const token = pushTokenOf(mapping, entry);
      if (token && found.length < MOST_TOKENS) found.push(token);
      else dropped.push('/person/pushTokens');
    }
  }
  return found;
}

/** A device whose permission cannot be read is one that nobody knows the permission of. */
function pushTokenOf(mapping: PushTokenMapping, entry: Document): PushToken | undefined {
  const token = textIn(mapping.token, entry);
  const platform = wordIn(mapping.platform, entry, (word) => PLATFORMS[word.toLowerCase()]);
  if (token === undefined || token.length > LONGEST_TOKEN || platform === undefined) return undefined;
  const kind = wordIn(mapping.kind, entry, (word) => KINDS[word]);
  const permission = wordIn(mapping.permission, entry, (word) => PERMISSIONS[word.toLowerCase()]);
  const app = textIn(mapping.app, entry);
  return {
    token,
    platform,
    ...(kind !== undefined && { kind }),
    ...(permission !== undefined && { permission }),
    ...(app !== undefined && app.length <= LONGEST_APP && { app }),
  };
}

type Words<Ours> = Readonly<Record<string, Ours | undefined>>;
const own = <Ours>(words: Record<string, Ours>): Words<Ours> => Object.assign(Object.create(null) as object, words);
export const PLATFORMS = own<PushToken['platform']>({ android: 'android', ios: 'ios', ipados: 'ios', web: 'web' });
export const KINDS = own<NonNullable<PushToken['kind']>>({ fcm_token: 'fcm_token', fcm_installation: 'fcm_installation' });
export const PERMISSIONS = own<NonNullable<PushToken['permission']>>({ granted: 'granted', denied: 'denied' });
