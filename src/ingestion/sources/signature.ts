import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Instant } from '@wapas/kernel';
import { documentOf, joinedParts, textAt, type Value } from './read-values';
import { type SourceWebhook } from './source-webhook';

export type Algorithm = 'sha1' | 'sha256' | 'sha512';
export type Encoding = 'hex' | 'base64';

/** Where a text stands in a header: the whole of it, or every part between separators; only what begins with the prefix, without it. */
export interface HeaderPlace {
  /** In lower case. */
  readonly header: string;
  readonly separator?: string;
  readonly prefix?: string;
}

/**
 * A keyed hash over what was sent, in a header. `signed` says over what: `{body}` stands for the raw bytes, `{timestamp}` for
 * the signed time as it was sent, `{header:name}` for another header; everything else for itself. `{timestamp}.{body}` is Stripe's.
 */
export interface HmacRecipe {
  readonly kind: 'hmac';
  /** Several signatures may stand there, while the sender rotates its secret: one that fits is enough. */
  readonly signature: HeaderPlace;
  readonly algorithm: Algorithm;
  /** The sender names the algorithm in a header: by what it says. Anything else is refused. */
  readonly algorithmIn?: { readonly header: string; readonly values: Readonly<Record<string, Algorithm>> };
  readonly encoding: Encoding;
  /** `{body}` unless said. */
  readonly signed?: string;
  /** A signed time further from ours than the tolerance is refused: an old webhook cannot be sent again. */
  readonly timestamp?: HeaderPlace & { readonly unit: 's' | 'ms'; readonly toleranceSeconds: number };
  /** `whsec`: the secret is the base64 of the key, after `whsec_` or not. `text` unless said: its own bytes are the key. */
  readonly secret?: 'text' | 'whsec';
}

/**
 * A hash over some fields of the body and the secret, in a field of the body, as PayU has it. In `signed`, `{secret}` stands for
 * the secret and `{/pointer}` for a field, exactly as it was sent; nothing for one that is not there. What is not named is not
 * signed.
 */
export interface FieldHashRecipe {
  readonly kind: 'field_hash';
  /** Pointer to the field that holds the hash. */
  readonly field: string;
  readonly algorithm: Algorithm;
  readonly encoding: Encoding;
  readonly signed: string;
  /** Another text when that field is there and not empty; the first that fits counts. */
  readonly signedWhen?: readonly { readonly present: string; readonly signed: string }[];
}

/** HTTP Basic. Each secret is `user:password`. */
export interface BasicRecipe {
  readonly kind: 'basic';
}

/** A secret that the sender repeats with each webhook: in a header, after the prefix, or as a parameter of the address. */
export type TokenRecipe =
  | { readonly kind: 'token'; readonly header: string; readonly prefix?: string }
  | { readonly kind: 'token'; readonly query: string };

/** How a webhook is proven to be its source's. Data: what a vendor documents about signing, and nothing else. */
export type SignatureRecipe = HmacRecipe | FieldHashRecipe | BasicRecipe | TokenRecipe;

/** Seconds that a signed time may be away from ours unless the vendor says otherwise. */
export const TOLERANCE_SECONDS = 300;
const MAX_SIGNATURES = 16;

/**
 * True when the webhook is proven by one of the secrets. Constant time in what is compared; false on anything malformed and
 * without secrets; an empty secret proves nothing; never throws. `now` is real time: signed times are.
 */
export function isAuthentic(recipe: SignatureRecipe, webhook: SourceWebhook, secrets: readonly string[], now: Instant): boolean {
  const usable = secrets.filter((secret) => secret !== '');
  switch (recipe.kind) {
    case 'hmac':
      return isHmac(recipe, webhook, usable, now);
    case 'field_hash':
      return isFieldHash(recipe, webhook, usable);
    case 'basic':
      return isBasic(webhook, usable);
    case 'token':
      return isToken(recipe, webhook, usable);
  }
}

/** Why this can be no secret for the recipe, as what to do instead; null when it can. */
export function faultOfSecret(recipe: SignatureRecipe, secret: string): string | null {
  if (recipe.kind === 'basic')
    return /^[^:\s]+:.{8,}$/.test(secret) ? null : 'Give user:password, the password with 8 characters or more.';
  if (recipe.kind === 'hmac' && recipe.secret === 'whsec')
    return keyOf(recipe, secret) === null ? 'Give whsec_ and 24 to 64 bytes in base64: openssl rand -base64 32.' : null;
  // An empty HMAC key is accepted by every crypto library: such a source would believe anybody.
  return secret.length < 8 ? 'Give 8 characters or more.' : null;
}

/**
 * Whether someone who holds one authentic webhook could not send it again with another text here. What nobody signs proves no
 * repetition: there the body is remembered too. Who holds a token or a password can write whatever they like, so there it
 * would not help.
 */
export function isBound(recipe: SignatureRecipe, value: Value | undefined): boolean {
  if (value === undefined) return false;
  if (recipe.kind === 'basic' || recipe.kind === 'token') return true;
  return joinedParts(value).every((place) => {
    if (place.startsWith('header:'))
      return recipe.kind === 'hmac' && placeholders(recipe.signed ?? BODY).includes(place.toLowerCase());
    return recipe.kind === 'hmac'
      ? placeholders(recipe.signed ?? BODY).includes('body')
      : [recipe.signed, ...(recipe.signedWhen ?? []).map(({ signed }) => signed)].every((one) =>
          placeholders(one).includes(place),
        );
  });
}

/** The headers that a recipe's proof stands in: what must not be kept where it proves anything again. */
export function credentialHeaders(recipe: SignatureRecipe): readonly string[] {
  if (recipe.kind === 'basic') return ['authorization'];
  return recipe.kind === 'token' && 'header' in recipe ? [recipe.header] : [];
}

const BODY = '{body}';
const PLACEHOLDER = /\{([^{}]*)\}/;
/** A text with placeholders, cut: the odd ones are the placeholders. */
const partsOf = (text: string): string[] => text.split(PLACEHOLDER);
/** What stands between braces. */
export const placeholders = (text: string): string[] => partsOf(text).filter((_part, index) => index % 2 === 1);

function isHmac(recipe: HmacRecipe, { headers, rawBody }: SourceWebhook, secrets: readonly string[], now: Instant): boolean {
  const given = textsIn(recipe.signature, headers);
  if (given.length === 0) return false;
  const timestamp = recipe.timestamp && freshTime(recipe.timestamp, headers, now);
  if (recipe.timestamp && timestamp === undefined) return false;
  const { algorithmIn } = recipe;
  const named = algorithmIn && headers[algorithmIn.header];
  if (algorithmIn && (named === undefined || !Object.hasOwn(algorithmIn.values, named))) return false;
  const algorithm = algorithmIn && named !== undefined ? (algorithmIn.values[named] as Algorithm) : recipe.algorithm;
  const parts: (string | Buffer)[] = [];
  for (const [index, part] of partsOf(recipe.signed ?? BODY).entries()) {
    if (index % 2 === 0) parts.push(part);
    else if (part === 'body') parts.push(rawBody);
    else if (part === 'timestamp') parts.push(timestamp ?? '');
    else {
      const header = headers[part.replace(/^header:/, '')];
      // A part that is not there would leave its neighbours to be read in two ways.
      if (header === undefined || header === '') return false;
      parts.push(header);
    }
  }
  return secrets.some((secret) => {
    const key = keyOf(recipe, secret);
    if (key === null) return false;
    const hmac = createHmac(algorithm, key);
    for (const part of parts) hmac.update(part);
    const expected = hmac.digest(recipe.encoding);
    return given.some((one) => sameText(one, expected));
  });
}

function isFieldHash(recipe: FieldHashRecipe, webhook: SourceWebhook, secrets: readonly string[]): boolean {
  const document = documentOf(webhook);
  if (document === undefined) return false;
  const given = textAt(recipe.field, document);
  if (given === undefined) return false;
  const signed = recipe.signedWhen?.find(({ present }) => (textAt(present, document) ?? '') !== '')?.signed ?? recipe.signed;
  const parts = partsOf(signed);
  return secrets.some((secret) => {
    const text = parts.map((part, index) => {
      if (index % 2 === 0) return part;
      return part === 'secret' ? secret : (textAt(part, document) ?? '');
    });
    return sameText(given, createHash(recipe.algorithm).update(text.join('')).digest(recipe.encoding));
  });
}

function isBasic({ headers }: SourceWebhook, secrets: readonly string[]): boolean {
  const given = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(headers.authorization ?? '')?.[1];
  return given !== undefined && secrets.some((secret) => sameText(given, Buffer.from(secret).toString('base64')));
}

function isToken(recipe: TokenRecipe, { headers, query }: SourceWebhook, secrets: readonly string[]): boolean {
  const given = 'header' in recipe ? textsIn(recipe, headers)[0] : query?.[recipe.query];
  return given !== undefined && secrets.some((secret) => sameText(given, secret));
}

/** The signed time as it was sent; nothing when it is missing, no number, or too far away. */
function freshTime(
  { unit, toleranceSeconds, ...place }: NonNullable<HmacRecipe['timestamp']>,
  headers: SourceWebhook['headers'],
  now: Instant,
): string | undefined {
  const [text] = textsIn(place, headers);
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined;
  const millis = Number(text) * (unit === 's' ? 1_000 : 1);
  return Math.abs(now - millis) <= toleranceSeconds * 1_000 ? text : undefined;
}

function textsIn({ header, separator, prefix = '' }: HeaderPlace, headers: SourceWebhook['headers']): string[] {
  const value = headers[header];
  if (value === undefined || value === '') return [];
  const parts = separator === undefined ? [value] : value.split(separator, MAX_SIGNATURES);
  return parts.filter((part) => part.startsWith(prefix) && part.length > prefix.length).map((part) => part.slice(prefix.length));
}

function keyOf({ secret: form = 'text' }: HmacRecipe, secret: string): string | Buffer | null {
  if (form === 'text') return secret;
  const base64 = secret.replace(/^whsec_/, '');
  const key = Buffer.from(base64, 'base64');
  return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) && key.length >= 24 && key.length <= 64 ? key : null;
}

/** Compares without telling by time where two texts differ. `timingSafeEqual` throws on unequal lengths, so those are refused first. */
export function sameText(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return b.length > 0 && a.length === b.length && timingSafeEqual(a, b);
}
