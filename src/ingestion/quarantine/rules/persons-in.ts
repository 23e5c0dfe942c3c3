import { normalisePhone, type PhonePolicy } from '../../rules/phone';

/** Something in a body that may name a person, normalised as profiles know it. */
export interface Named {
  readonly kind: 'customer' | 'phone' | 'email';
  readonly value: string;
}

const MOST_VALUES = 200;
const MOST_PHONES = 20;
const MOST_BYTES = 256 * 1024;
const ID = /^[\x21-\x7e]{1,128}$/;
const EMAIL = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,189}$/;
const PHONE_LIKE = /^\+?\d[\d\s().-]{6,20}$/;
const WORD = /[^\s"',:;{}[\]<>=&?\\]{3,128}/g;

/**
 * Whatever in a body may name a person: nobody knows its fields, so every value counts as a customer id, an e-mail or a phone if it
 * looks like one. An erasure finds the body by these; that a harmless one is found too costs a body nobody could use.
 */
export function personsIn(rawBody: Buffer, phones: PhonePolicy): Named[] {
  const found = new Map<string, Named>();
  const add = (kind: Named['kind'], value: string): unknown => found.set(`${kind}:${value}`, { kind, value });
  let phonesLeft = MOST_PHONES;
  for (const text of new Set(valuesIn(rawBody).slice(0, MOST_VALUES))) {
    if (ID.test(text)) add('customer', text);
    if (EMAIL.test(text)) add('email', text.toLowerCase());
    if (!PHONE_LIKE.test(text) || phonesLeft === 0) continue;
    phonesLeft -= 1;
    const phone = normalisePhone(text, phones);
    if (phone.ok) add('phone', phone.e164);
  }
  return [...found.values()];
}

function valuesIn(rawBody: Buffer): string[] {
  const text = rawBody.subarray(0, MOST_BYTES).toString('utf8');
  let json: unknown;
  try {
    json = rawBody.length > MOST_BYTES ? undefined : JSON.parse(text);
  } catch {
    json = undefined; // A form, or bytes that are nothing: its words are looked at instead.
  }
  return json === undefined ? wordsIn(text) : scalarsIn(json);
}

/** Breadth first and without recursion: it may be nested as deep as its bytes allow. */
function scalarsIn(json: unknown): string[] {
  const scalars: string[] = [];
  const waiting: unknown[] = [json];
  for (let at = 0; at < waiting.length && scalars.length < MOST_VALUES; at += 1) {
    const value = waiting[at];
    if (typeof value === 'string') scalars.push(value);
    else if (Number.isSafeInteger(value)) scalars.push(String(value));
    else if (typeof value === 'object' && value !== null)
      waiting.push(...(Object.values(value) as unknown[]).slice(0, MOST_VALUES));
  }
  return scalars;
}

const wordsIn = (text: string): string[] => [...text.matchAll(WORD)].slice(0, MOST_VALUES).map(([word]) => decoded(word));

function decoded(word: string): string {
  if (!word.includes('%')) return word;
  try {
    return decodeURIComponent(word);
  } catch {
    return word; // A percent sign that is only one.
  }
}
