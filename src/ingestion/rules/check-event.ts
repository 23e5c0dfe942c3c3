import Ajv, { type ErrorObject } from 'ajv';
import {
  between,
  type Duration,
  formatDuration,
  hours,
  type Instant,
  isRecord,
  isZone,
  parseInstant,
  toIso,
} from '@wapas/kernel';
import { type Fault, unknownField } from '@wapas/problems';
import { type ChannelWords, faultsOfChannel } from './channel-words';
import { eventSchema } from './event-schema';
import { faultsOfJson } from './json-hygiene';
import { type EventConsent, type EventContent, type EventPerson, type NewEvent } from './new-event';
import { normalisePhone, type PhonePolicy } from './phone';
import { isPlaceholder } from './placeholder';

/** An event as the API takes it, after the schema has passed. */
interface EventBody {
  readonly event: string;
  readonly eventId?: string;
  readonly occurredAt?: string;
  readonly test?: boolean;
  readonly person?: EventPerson;
  readonly keys?: EventContent['keys'];
  readonly amount?: { readonly value: number; readonly currency: string };
  readonly reason?: EventContent['reason'];
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly consents?: EventContent['consents'];
}

export type Checked = { readonly ok: true; readonly event: NewEvent } | { readonly ok: false; readonly faults: readonly Fault[] };

export interface CheckContext {
  readonly now: Instant;
  readonly test: boolean;
  readonly phones: PhonePolicy;
  readonly channels: ChannelWords;
  /** How far ahead of `now` an event may lie. Default 24 hours: nothing real is told so long before it happens. */
  readonly mostAhead?: Duration;
}

const matchesSchema = new Ajv({ allErrors: true, strict: true, strictSchema: false, verbose: true }).compile<EventBody>(
  eventSchema,
);
const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));
const MAX_AHEAD = hours(24);
const MAX_AGE = hours(24 * 730);

/** Checks one event of the API and brings it into our form. Gives all faults at once; none of them repeats what was sent. */
export function checkEvent(body: unknown, context: CheckContext): Checked {
  const hygiene = faultsOfJson(body);
  if (hygiene.length > 0 || !matchesSchema(body)) return { ok: false, faults: everyFaultOf(body, hygiene, context) };
  const faults: Fault[] = [];
  const { occurredAt, person, consents } = checkValues(body, context, faults);
  if (faults.length > 0) return { ok: false, faults };
  const { value, currency } = body.amount ?? {};
  return {
    ok: true,
    event: {
      // Apart from each other: an id used in a test must not make the live event a duplicate.
      source: context.test ? 'api-test' : 'api',
      sourceEventId: body.eventId,
      name: body.event,
      occurredAt,
      test: context.test,
      content: {
        person,
        keys: body.keys,
        amount: value !== undefined && currency !== undefined ? { amount: value, currency } : undefined,
        reason: body.reason,
        properties: body.properties,
        consents,
      },
    },
  };
}

/** What the schema cannot say. */
function checkValues(
  {
    eventId,
    occurredAt,
    person,
    keys,
    amount,
    test,
    consents,
  }: Pick<EventBody, 'eventId' | 'occurredAt' | 'person' | 'keys' | 'amount' | 'test' | 'consents'>,
  context: CheckContext,
  faults: Fault[],
): Pick<NewEvent, 'occurredAt'> & Pick<EventContent, 'person' | 'consents'> {
  faults.push(...faultsOfIds({ eventId, 'person/customerId': person?.customerId }), ...faultsOfIds({ ...keys }, '/keys'));
  const checked = {
    occurredAt: checkTime(occurredAt, context, faults),
    person: checkPerson(person, context.phones, faults),
    consents: consents?.map((consent, index) => checkConsent(consent, index, context, faults)),
  };
  if (amount && !CURRENCIES.has(amount.currency))
    faults.push({ at: '/amount/currency', code: 'unknown_currency', detail: 'Use an ISO 4217 code in upper case, such as INR.' });
  if (test !== undefined && test !== context.test)
    faults.push({
      at: '/test',
      code: 'mode_mismatch',
      detail: 'The event and the API key disagree about test mode. Use the key of the other mode.',
    });
  return checked;
}

/** By place: ids that are there and say that there is none. */
export function faultsOfIds(ids: Readonly<Record<string, string | undefined>>, under = ''): Fault[] {
  return Object.entries(ids).flatMap(([at, id]) =>
    id !== undefined && isPlaceholder(id)
      ? [{ at: `${under}/${at}`, code: 'placeholder_id', detail: 'This says that there is no id. Leave the field out then.' }]
      : [],
  );
}

/** Of a body that is refused anyway: whoever mends it shall not learn of the next thing only then. Each place is named for one kind of fault. */
function everyFaultOf(body: unknown, hygiene: readonly Fault[], context: CheckContext): Fault[] {
  // What is nested too deep was not looked into.
  if (hygiene.some(({ code }) => code === 'too_deep')) return [...hygiene];
  matchesSchema(body);
  const faults = withFurther(hygiene, (matchesSchema.errors ?? []).map(faultOf));
  const ofValues: Fault[] = [];
  checkValues(valuesIn(body), context, ofValues);
  return withFurther(faults, ofValues);
}

function withFurther(faults: readonly Fault[], further: readonly Fault[]): Fault[] {
  const named = new Set(faults.map(({ at }) => at));
  return [...faults, ...further.filter(({ at }) => !named.has(at))];
}

/** As much of a body as has the type that it should have; the schema complains of the rest. */
function valuesIn(body: unknown): Parameters<typeof checkValues>[0] {
  const { eventId, occurredAt, person, keys, amount, test } = fieldsOf(body);
  const { customerId, phone, timeZone } = fieldsOf(person);
  const { currency } = fieldsOf(amount);
  return {
    ...(typeof eventId === 'string' && { eventId }),
    ...(typeof occurredAt === 'string' && { occurredAt }),
    person: {
      ...(typeof customerId === 'string' && { customerId }),
      ...(typeof phone === 'string' && { phone }),
      ...(typeof timeZone === 'string' && { timeZone }),
    },
    keys: Object.fromEntries(
      Object.entries(fieldsOf(keys)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
    ...(typeof currency === 'string' && { amount: { value: 0, currency } }),
    ...(typeof test === 'boolean' && { test }),
  };
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});

/** A time a little ahead of us is a clock that runs fast; the store counts it as now. Further ahead, or years back, is a mistake. */
function checkTime(
  text: string | undefined,
  { now, mostAhead = MAX_AHEAD }: Pick<CheckContext, 'now' | 'mostAhead'>,
  faults: Fault[],
): Instant | undefined {
  if (text === undefined) return undefined;
  const at = parseInstant(text);
  if (at === null) {
    faults.push({ at: '/occurredAt', code: 'bad_time', detail: 'Give RFC 3339 with a zone, such as 2026-11-23T11:02:09+05:30.' });
    return undefined;
  }
  if (between(now, at) > mostAhead || between(at, now) > MAX_AGE) {
    const ahead = mostAhead === MAX_AHEAD ? '24 hours' : formatDuration(mostAhead);
    faults.push({ at: '/occurredAt', code: 'time_out_of_range', detail: `It may be at most ${ahead} ahead and two years back.` });
    return undefined;
  }
  return at;
}

function checkPerson(person: EventPerson | undefined, phones: PhonePolicy, faults: Fault[]): EventPerson | undefined {
  if (!person) return undefined;
  const phone = person.phone === undefined ? undefined : normalisePhone(person.phone, phones);
  if (phone && !phone.ok) faults.push({ at: '/person/phone', code: phone.code, detail: phone.detail });
  if (person.timeZone !== undefined && !isZone(person.timeZone))
    faults.push({
      at: '/person/timeZone',
      code: 'unknown_zone',
      detail: 'Use the IANA name of a place, such as Asia/Kolkata: IST and +05:30 are read in different ways.',
    });
  return { ...person, phone: phone?.ok ? phone.e164 : undefined, email: person.email?.toLowerCase() };
}

/** What was said long ago is as good as what is said now; what is said to be said next week is a mistake. */
function checkConsent(
  { at, ...consent }: EventConsent,
  index: number,
  { now, channels }: CheckContext,
  faults: Fault[],
): EventConsent {
  faults.push(...faultsOfChannel(consent.channel, channels, `/consents/${index}/channel`));
  if (at === undefined) return consent;
  const said = parseInstant(at);
  const refuse = (code: string, detail: string): unknown => faults.push({ at: `/consents/${index}/at`, code, detail });
  if (said === null) refuse('bad_time', 'Give RFC 3339 with a zone, such as 2026-11-20T18:00:00+05:30.');
  else if (between(now, said) > MAX_AHEAD) refuse('time_out_of_range', 'It may be at most 24 hours ahead.');
  return { ...consent, at: said === null ? at : toIso(said) };
}

function faultOf(error: ErrorObject): Fault {
  const extra = error.params as { additionalProperty?: string; missingProperty?: string };
  if (error.keyword === 'additionalProperties')
    return unknownField(error.instancePath, extra.additionalProperty, 'put your own fields into properties');
  const at = extra.missingProperty ? `${error.instancePath}/${extra.missingProperty}` : error.instancePath || '/';
  return {
    at,
    code: CODES[error.keyword] ?? 'bad_value',
    detail: `${sentence(error.message ?? 'is not valid')} ${meantBy(error, extra.missingProperty)}See the schema in /docs.`,
  };
}

/** What the schema says of the field, and how it may look; nothing of what was sent. */
function meantBy({ parentSchema }: ErrorObject, missing: string | undefined): string {
  const schema = parentSchema as DescribedSchema | undefined;
  const { description, example } = (missing === undefined ? schema : schema?.properties?.[missing]) ?? {};
  const such = typeof example === 'string' || typeof example === 'number' ? `Such as: ${example}. ` : '';
  return `${description === undefined ? '' : `${description} `}${such}`;
}

interface DescribedSchema {
  readonly description?: string;
  readonly example?: unknown;
  readonly properties?: Readonly<Record<string, DescribedSchema>>;
}

const CODES: Record<string, string> = {
  required: 'missing_field',
  type: 'bad_type',
  pattern: 'bad_format',
  enum: 'bad_value',
  maxProperties: 'too_many_fields',
  maxLength: 'too_long',
};
const sentence = (text: string): string => `It ${text}.`;
