import { type Instant } from '@wapas/kernel';
import { createHash } from 'node:crypto';
import { faultsOfJson } from '../rules/json-hygiene';
import { isAboutRails } from '../rules/downtime-events';
import { toMinorUnits } from '../rules/minor-units';
import { type EventConsent, type EventContent, type EventKeys, type NewEvent } from '../rules/new-event';
import { type PhonePolicy } from '../rules/phone';
import { type EventMapping, type Mapping } from './mapping';
import { readConsents } from './read-consents';
import { namesSomebody, personOf } from './read-person';
import {
  at,
  type Document,
  documentOf,
  idOf,
  isAbsent,
  isOfTheWhole,
  joinedParts,
  textIn,
  textOf,
  timeOf,
  type Value,
  valueIn,
} from './read-values';
import { isBound } from './signature';
import { type ReadContext, type Reading, type Source } from './source';
import { type SourceWebhook } from './source-webhook';

/** What came of a webhook, and what of it was there but could not be used, as pointers into the event. */
export interface MappedReading {
  readonly reading: Reading;
  readonly dropped: readonly string[];
}

/** What a mapping cannot say of an event, added by a source's own pure function. It may also find that there is nothing to record. */
export type Amend = (event: NewEvent, document: Document) => NewEvent | Exclude<Reading, { kind: 'events' }>;

/** The `read` of a source that is a mapping, and at most one small function. */
export function readWith(source: string, mapping: Mapping, amend?: Amend): Source['read'] {
  return (webhook, context) => readMapped(source, mapping, webhook, context, amend).reading;
}

/** More than a sender may put into one webhook: such a body is kept for a person. */
const MOST_ENTRIES = 100;

/** Reads an authentic webhook by its mapping. Pure; never throws. */
export function readMapped(
  source: string,
  mapping: Mapping,
  webhook: SourceWebhook,
  context: ReadContext,
  amend?: Amend,
): MappedReading {
  const body = documentOf(webhook, mapping.body);
  if (body === undefined) return nothing('unreadable_body');
  if (faultsOfJson(body).length > 0) return nothing('not_storable');
  const readOne = (document: Document, place?: number): One =>
    eventOf(source, mapping, webhook, context, { document, place, amend });
  const { headers } = webhook;
  if (mapping.each === undefined) {
    const { found, dropped } = readOne({ body, headers });
    return { reading: 'kind' in found ? found : { kind: 'events', events: [found] }, dropped };
  }
  const entries = at(mapping.each, body);
  if (!Array.isArray(entries)) return nothing('no_list');
  if (entries.length > MOST_ENTRIES) return nothing('too_many_events');
  return together(entries.map((entry: unknown, place) => readOne({ body: entry, whole: body, headers }, place)));
}

/** What one document, a body or an entry of its list, came to. */
interface One {
  readonly found: NewEvent | Exclude<Reading, { kind: 'events' }>;
  readonly dropped: readonly string[];
}

/** An entry that cannot be used costs the others nothing; the whole is kept for a person as well. */
function together(all: readonly One[]): MappedReading {
  const events = all.flatMap(({ found }) => ('kind' in found ? [] : [found]));
  const [reason] = all.flatMap(({ found }) => ('kind' in found && found.kind === 'unusable' ? [found.reason] : []));
  const dropped = all.flatMap((one, place) => one.dropped.map((pointer) => `/${place}${pointer}`));
  if (events.length > 0 || all.length === 0) return { reading: { kind: 'events', events, unusable: reason }, dropped };
  return { reading: reason === undefined ? { kind: 'ignored', what: 'event_type' } : unusable(reason), dropped };
}

function eventOf(
  source: string,
  mapping: Mapping,
  webhook: SourceWebhook,
  context: ReadContext,
  { document, place, amend }: { document: Document; place: number | undefined; amend: Amend | undefined },
): One {
  const name = nameOf(mapping.event, document);
  if (typeof name !== 'string') return { found: name, dropped: [] };
  const occurredAt = mapping.occurredAt && occurrence(mapping.occurredAt, document);
  if (occurredAt === null) return { found: unusable('no_time'), dropped: [] };
  const dropped: string[] = [];
  const consents = readConsents(mapping.consents, document, context.channels, dropped);
  // Left out, a withdrawal would be lost without a word.
  if (consents === null) return { found: unusable('unreadable_consent'), dropped };
  const content = contentOf({ mapping, consents }, document, name, context.phones, dropped);
  if (!isAboutSomething(content) && !isAboutRails(name)) return { found: unusable('no_key_or_person'), dropped };
  const event: NewEvent = {
    source,
    name,
    occurredAt,
    test: context.test,
    content,
    ...identityOf(mapping, document, webhook, context, { name, place }),
  };
  return { found: amend ? amend(event, document) : event, dropped };
}

const unusable = (reason: string): Extract<Reading, { kind: 'unusable' }> => ({ kind: 'unusable', reason });
const nothing = (reason: string): MappedReading => ({ reading: unusable(reason), dropped: [] });

/** As the API takes names (event-schema.ts). */
const EVENT_NAME = /^[A-Za-z][A-Za-z0-9 _.:/-]{0,99}$/;

function nameOf(
  { from, names, others = 'ignore' }: EventMapping,
  document: Document,
): string | Exclude<Reading, { kind: 'events' }> {
  const said = textIn(from, document, true);
  if (said === undefined) return unusable('no_event_name');
  if (names && Object.hasOwn(names, said)) return names[said] as string;
  if (names && others === 'ignore') return { kind: 'ignored', what: 'event_type' };
  if (names && others === 'quarantine') return unusable('unknown_event');
  return EVENT_NAME.test(said) ? said : unusable('bad_event_name');
}

function occurrence(
  { from, format, zone, missing }: NonNullable<Mapping['occurredAt']>,
  document: Document,
): Instant | null | undefined {
  const value = valueIn(from, document);
  return isAbsent(value) && missing === 'received' ? undefined : timeOf(value, format, zone);
}

/**
 * How a repetition is recognised: by the sender's id, and by the bytes wherever nobody signs that id. Where the name of the event
 * stands in a header, the same bytes under another name are another event; so are entries of one list under one id, by their place.
 */
function identityOf(
  { id, event }: Mapping,
  document: Document,
  { rawBody }: SourceWebhook,
  { recipe }: ReadContext,
  { name, place }: { name: string; place: number | undefined },
): Pick<NewEvent, 'sourceEventId' | 'rawBody'> {
  const said = valueIn(id, document);
  const shared = place !== undefined && id !== undefined && isOfTheWhole(id) ? textOf(said) : undefined;
  const sourceEventId = sourceIdOf(shared === undefined ? said : `${shared}:${place}`);
  if (sourceEventId !== undefined && isBound(recipe, id)) return { sourceEventId };
  const isNamedOutside = joinedParts(event.from).some((from) => from.startsWith('header:'));
  const prefix = [...(isNamedOutside ? [name] : []), ...(place === undefined ? [] : [String(place)])];
  return {
    sourceEventId,
    rawBody: prefix.length === 0 ? rawBody : Buffer.concat([Buffer.from(`${prefix.join('\n')}\n`), rawBody]),
  };
}

/** Longer ids than we keep are kept as their hash: still the same id when it is sent again. */
export function sourceIdOf(value: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined || text.length <= 128) return idOf(value);
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function contentOf(
  { mapping, consents }: { readonly mapping: Mapping; readonly consents: readonly EventConsent[] },
  document: Document,
  name: string,
  phones: PhonePolicy,
  dropped: string[],
): EventContent {
  return {
    person: personOf(mapping, document, phones, dropped),
    keys: keysOf(mapping, document, dropped),
    amount: amountOf(mapping.amount, document, dropped),
    reason: reasonOf(mapping.reason, document, name),
    properties: propertiesOf(mapping.properties, document, dropped),
    ...(consents.length > 0 && { consents }),
  };
}

function keysOf({ keys }: Mapping, document: Document, dropped: string[]): EventKeys | undefined {
  const found: Partial<Record<keyof EventKeys, string>> = {};
  for (const [kind, from] of entriesOf(keys)) {
    const value = valueIn(from, document);
    if (isAbsent(value)) continue;
    const id = idOf(value);
    if (id === undefined) dropped.push(`/keys/${kind}`);
    else found[kind] = id;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

/** Only what can be printed: an amount we cannot read is left out, and a template that needs it says so. */
export function amountOf(mapping: Mapping['amount'], document: Document, dropped: string[] = []): EventContent['amount'] {
  if (!mapping) return undefined;
  const value = valueIn(mapping.value, document);
  if (isAbsent(value)) return undefined;
  const currency = textIn(mapping.currency, document);
  const amount = mapping.unit === 'major' ? toMinorUnits(value, currency) : minorUnits(value, currency);
  if (amount === null) dropped.push('/amount');
  return amount ?? undefined;
}

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

function minorUnits(value: unknown, currency: string | undefined): EventContent['amount'] | null {
  const code = currency?.toUpperCase();
  const amount = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount) || amount <= 0) return null;
  return code !== undefined && CURRENCIES.has(code) ? { amount, currency: code } : null;
}

function reasonOf(mapping: Mapping['reason'], document: Document, name: string): EventContent['reason'] {
  if (!mapping?.events.includes(name)) return undefined;
  const said = mapping.by.map(({ from, classes }) => ({ word: textIn(from, document, true), classes }));
  const known = said.find(({ word, classes }) => word !== undefined && Object.hasOwn(classes, word));
  const code = said.find(({ word }) => word !== undefined)?.word;
  return {
    class: known?.word === undefined ? (mapping.otherwise ?? 'unknown') : (known.classes[known.word] as string),
    code: code !== undefined && code.length <= 128 ? code : undefined,
  };
}

const LONGEST_PROPERTY = 2_000;
const MOST_IN_LIST = 50;

function propertiesOf(
  properties: Mapping['properties'],
  document: Document,
  dropped: string[],
): Record<string, unknown> | undefined {
  const found: [string, unknown][] = [];
  for (const [name, from] of Object.entries(properties ?? {})) {
    const value = valueIn(from, document);
    if (isAbsent(value)) continue;
    if (isProperty(value)) found.push([name, value]);
    else dropped.push(`/properties/${name}`);
  }
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

/** A text, number or boolean, or a short list of them: what a run keeps of its trigger. */
const isProperty = (value: unknown): boolean =>
  Array.isArray(value) ? value.length <= MOST_IN_LIST && value.every(isPlain) : isPlain(value);
const isPlain = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value.length <= LONGEST_PROPERTY);

/** An event about nothing and nobody can neither begin nor end anything. */
export function isAboutSomething({ person, keys }: EventContent): boolean {
  return keys !== undefined || Object.keys(person ?? {}).some(namesSomebody);
}

const entriesOf = <Name extends string>(values: Partial<Readonly<Record<Name, Value>>> | undefined): [Name, Value][] =>
  (Object.entries(values ?? {}) as [Name, Value | undefined][]).filter((entry): entry is [Name, Value] => entry[1] !== undefined);
