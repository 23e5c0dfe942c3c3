import { toMajorText } from '@wapas/kernel';

/** What a template may print. */
export interface TemplateFacts {
  readonly keys: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly amount?: { readonly value: number; readonly currency: string };
  readonly reason?: { readonly class: string; readonly code?: string };
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The short link of a message: all of it, and the part after the registered prefix. */
export interface TemplateLink {
  readonly url: string;
  readonly token: string;
}

export type Rendered = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly missing: string };

const DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kolkata', day: 'numeric', month: 'short', year: 'numeric' });
const INDIAN = new Intl.NumberFormat('en-IN');
const WESTERN = new Intl.NumberFormat('en');
const PLACEHOLDER = /\{\{\s*([a-z_]+(?:\.[A-Za-z0-9_]+)?)\s*(?:\|\s*([a-z_]+)\s*)?\}\}/g;
const FORMATTERS: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  /** Rs 1,499: a rupee sign would turn an SMS into 70-character parts. */
  money: (value) => {
    const money = value as { value?: number; currency?: string } | undefined;
    if (money?.value === undefined || money.currency === undefined || !/^[A-Z]{3}$/.test(money.currency)) return undefined;
    const [whole, fraction] = toMajorText({ amount: money.value, currency: money.currency }).split('.') as [string, string?];
    const grouped = (money.currency === 'INR' ? INDIAN : WESTERN).format(Number(whole));
    return `${money.currency === 'INR' ? 'Rs' : money.currency} ${grouped}${fraction && Number(fraction) > 0 ? `.${fraction}` : ''}`;
  },
  /** 28 Nov 2026, in India's day: of an RFC 3339 moment, or of a plain day. */
  date: (value) => {
    if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}(?:T[\d:.]{5,15}(?:Z|[+-]\d{2}:\d{2}))?$/.test(value)) return undefined;
    const at = Date.parse(value);
    if (Number.isNaN(at)) return undefined;
    return DAY.format(value.length === 10 ? at + 12 * 3_600_000 - 19_800_000 : at);
  },
  first_name: (value) => (typeof value === 'string' ? value.trim().split(/\s+/)[0] : undefined),
};
const FORMATTER_NAMES = Object.keys(FORMATTERS)
  .join(', ')
  .replace(/, (?=[^,]*$)/, ' and ');
/** What can be printed, and which fields it has; null: any one name. An amount has none: `amount.value` would be paise. */
const VARIABLES: Readonly<Record<string, readonly string[] | null>> = {
  name: [],
  amount: [],
  link: [],
  link_token: [],
  reason: ['class', 'code'],
  keys: ['order', 'payment', 'cart', 'checkout', 'kycApplication', 'mandate'],
  properties: null,
};

/** Everything wrong with a template text; empty when it can be rendered with the right facts. */
export function faultsOfText(text: string): string[] {
  const faults: string[] = [];
  for (const [, path, formatter] of text.matchAll(PLACEHOLDER)) {
    if (!isVariable(path as string))
      faults.push(
        `There is no variable ${path}. Use name, amount|money, reason.class, reason.code, keys.order (or payment, cart, checkout, kycApplication, mandate), properties.…, link or link_token.`,
      );
    if (formatter && !Object.hasOwn(FORMATTERS, formatter))
      faults.push(`There is no formatter ${formatter}. Use ${FORMATTER_NAMES}.`);
    if ((path === 'amount') !== (formatter === 'money')) faults.push('Print an amount as {{amount|money}}, and nothing else so.');
  }
  const rest = text.replace(PLACEHOLDER, ' ');
  if (/\{\{|\}\}|\{%|%\}/.test(rest) || /\{\{\{|\}\}\}/.test(text))
    faults.push(
      `Only {{variable}} and {{variable|formatter}} can stand in braces: no expressions, loops or conditions. Formatters are ${FORMATTER_NAMES}, without anything behind them.`,
    );
  return faults;
}

/**
 * Puts facts in place. Values are never rendered again, so a name that looks like a placeholder stays as it is. In an
 * address a value is one part of it, percent-encoded: `../evil` must not climb, `?next=` must not ask.
 */
export function renderText(
  text: string,
  facts: TemplateFacts,
  link: TemplateLink | undefined,
  sink: TextSink = 'words',
): Rendered {
  let missing: string | undefined;
  let rendered = '';
  for (const part of partsOf(text)) {
    if (typeof part === 'string') {
      rendered += part;
      continue;
    }
    const { path, formatter } = part;
    const value = valueOf(part, facts, link);
    const shown = formatter ? (Object.hasOwn(FORMATTERS, formatter) ? FORMATTERS[formatter]?.(value) : undefined) : plain(value);
    if (shown === undefined || shown === '') missing ??= path;
    rendered += isPartOfAddress(sink, part) ? encodePart(shown ?? '') : (shown ?? '');
  }
  return missing === undefined ? { ok: true, text: rendered } : { ok: false, missing };
}

interface Placeholder {
  readonly path: string;
  readonly root: string;
  readonly field: string | undefined;
  readonly formatter: string | undefined;
  readonly isFirst: boolean;
}

/** There are as many as templates have texts; what people try out beside them must not pile up. */
const MOST_TEXTS_KEPT = 2_000;
const parsed = new Map<string, readonly (string | Placeholder)[]>();

/** A text taken apart: the same few are filled in all day long. */
function partsOf(text: string): readonly (string | Placeholder)[] {
  const before = parsed.get(text);
  if (before) return before;
  const parts: (string | Placeholder)[] = [];
  let end = 0;
  for (const { 0: whole, 1: path = '', 2: formatter, index } of text.matchAll(PLACEHOLDER)) {
    if (index > end) parts.push(text.slice(end, index));
    const [root, field] = path.split('.') as [string, string?];
    parts.push({ path, root, field, formatter, isFirst: index === 0 });
    end = index + whole.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  if (parsed.size >= MOST_TEXTS_KEPT) parsed.clear();
  parsed.set(text, parts);
  return parts;
}

/** Where a rendered text goes: to be read, to be an address, or to be the end of one. */
export type TextSink = 'words' | 'address' | 'address_end';

/** Our own link is an address already; an address that begins with a value is that value. */
function isPartOfAddress(sink: TextSink, { path, isFirst }: Placeholder): boolean {
  if (sink === 'words' || path === 'link' || path === 'link_token') return false;
  return sink === 'address_end' || !isFirst;
}

/** Half a character would make encodeURIComponent throw. */
const encodePart = (value: string): string => encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\ufffd'));

export function usesLink(texts: readonly string[]): boolean {
  return texts.some((text) => /\{\{\s*link(_token)?\s*[|}]/.test(text));
}

/** The texts that a template takes from an event's own properties. */
export function freeValuesIn(text: string, { properties }: TemplateFacts): string[] {
  if (!text.includes('properties.')) return [];
  return partsOf(text).flatMap((part) => {
    if (typeof part === 'string' || part.root !== 'properties' || part.field === undefined) return [];
    const value = Object.hasOwn(properties, part.field) ? properties[part.field] : undefined;
    return typeof value === 'string' ? [value] : [];
  });
}

function isVariable(path: string): boolean {
  const [root, field] = path.split('.') as [string, string?];
  if (!Object.hasOwn(VARIABLES, root)) return false;
  const fields = VARIABLES[root];
  if (!fields) return field !== undefined && !INTERNALS.has(field);
  return field === undefined ? fields.length === 0 : fields.includes(field);
}
const INTERNALS = new Set(['__proto__', 'constructor', 'prototype']);

function valueOf({ path, root, field }: Placeholder, facts: TemplateFacts, link: TemplateLink | undefined): unknown {
  if (path === 'link') return link?.url;
  if (path === 'link_token') return link?.token;
  const value = Object.hasOwn(facts, root) ? (facts as unknown as Record<string, unknown>)[root] : undefined;
  if (field === undefined) return value;
  return typeof value === 'object' && value !== null && Object.hasOwn(value, field)
    ? (value as Record<string, unknown>)[field]
    : undefined;
}

const plain = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
