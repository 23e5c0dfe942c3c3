import { createHash } from 'node:crypto';
import { type Instant } from '@wapas/kernel';
import { faultsOfJson } from '../../rules/json-hygiene';
import { type EventContent, type EventKeys, type EventReason, type NewEvent } from '../../rules/new-event';
import { type PhonePolicy } from '../../rules/phone';
import { type Fields, fieldsOf, firstOf, idOf, textOf } from './fields';
import { toMinorUnits } from '../../rules/minor-units';
import { CONTACT_TRAITS, personOf } from './read-person';
import { timeOfMessage } from './segment-time';

/** What a Segment message may be. */
export const MESSAGE_TYPES = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

export interface ReadingContext {
  readonly receivedAt: Instant;
  /** When the batch was sent, by the sender's clock. A message's own `sentAt` goes first. */
  readonly sentAt?: unknown;
  readonly test: boolean;
  readonly phones: PhonePolicy;
}

export type MessageReading =
  | {
      readonly ok: true;
      readonly event: NewEvent;
      /** What the message said and could not be used; the event is recorded without it. Names only. */
      readonly dropped: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

/** The events that calls without a name of their own become. */
const NAMES: Readonly<Record<Exclude<MessageType, 'track'>, string>> = {
  identify: 'Customer Identified',
  page: 'Page Viewed',
  screen: 'Screen Viewed',
  group: 'Customer Grouped',
  alias: 'Customer Aliased',
};
/** Printable ASCII: two names that look alike must be the same. */
const EVENT_NAME = /^[A-Za-z0-9][\x20-\x7e]{0,99}$/;
const MAX_PROPERTIES = 200;
const MAX_PROPERTY_NAME = 100;

/**
 * Brings one message of the Segment tracking API (segment.com/docs/connections/spec, read 2026-11-23) into our form. One that
 * cannot be an event is named with the reason and is for a person to look at; a part that cannot be used is left out.
 */
export function readMessage(value: unknown, context: ReadingContext): MessageReading {
  const [fault] = faultsOfJson(value);
  if (fault) return unusable(fault.code);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return unusable('not_an_object');
  const message = value as Fields;
  if (!isType(message.type)) return unusable(message.type === undefined ? 'missing_type' : 'unknown_type');
  return readTyped(message.type, message, context);
}

function readTyped(type: MessageType, message: Fields, context: ReadingContext): MessageReading {
  const name = type === 'track' ? textOf(message.event, 100) : NAMES[type];
  if (name === undefined) return unusable(message.event === undefined ? 'missing_event' : 'bad_event_name');
  if (!EVENT_NAME.test(name)) return unusable('bad_event_name');
  const customerId = idOf(message.userId);
  const anonymousId = idOf(message.anonymousId);
  if (customerId === null || anonymousId === null) return unusable('bad_user_id');
  if (customerId === undefined && anonymousId === undefined) return unusable('missing_user_id');
  const messageId = messageIdOf(message.messageId);
  if (messageId === null) return unusable('bad_message_id');
  const times = { timestamp: message.originalTimestamp ?? message.timestamp, sentAt: message.sentAt ?? context.sentAt };
  const time = timeOfMessage(times, context.receivedAt);
  if (time.kind === 'too_old') return unusable('time_out_of_range');
  const dropped: string[] = time.kind === 'now' && time.said ? ['timestamp'] : [];
  if (customerId === undefined && isSaid(message.userId)) dropped.push('userId');
  const properties = propertiesOf(type, message, anonymousId);
  if (!fits(properties)) return unusable('too_many_fields');
  const event: NewEvent = {
    source: context.test ? 'segment-test' : 'segment',
    sourceEventId: messageId,
    name,
    occurredAt: time.kind === 'at' ? time.at : undefined,
    test: context.test,
    content: contentOf(message, customerId, properties, context.phones, dropped),
  };
  return { ok: true, event, dropped };
}

function contentOf(
  message: Fields,
  customerId: string | undefined,
  properties: Fields,
  phones: PhonePolicy,
  dropped: string[],
): EventContent {
  const context = fieldsOf(message.context);
  const traits =
    message.type === 'group' ? fieldsOf(context.traits) : { ...fieldsOf(context.traits), ...fieldsOf(message.traits) };
  return {
    person: personOf(customerId, traits, context, phones, dropped),
    keys: keysOf(properties, dropped),
    amount: amountOf(properties, dropped),
    reason: reasonOf(properties, dropped),
    properties: Object.keys(properties).length > 0 ? properties : undefined,
  };
}

/** A name for each key: as Segment's e-commerce specification has it (`order_id`, `cart_id`, `checkout_id`), and in camel case. */
const KEY_NAMES: readonly (readonly [keyof EventKeys, readonly string[]])[] = [
  ['order', ['order_id', 'orderId']],
  ['payment', ['payment_id', 'paymentId']],
  ['cart', ['cart_id', 'cartId']],
  ['checkout', ['checkout_id', 'checkoutId']],
  ['kycApplication', ['kyc_application_id', 'kycApplicationId', 'application_id', 'applicationId']],
  ['mandate', ['mandate_id', 'mandateId']],
];

function keysOf(properties: Fields, dropped: string[]): EventKeys | undefined {
  const keys: Partial<Record<keyof EventKeys, string>> = {};
  for (const [key, names] of KEY_NAMES) {
    const said = firstOf(properties, names);
    const id = idOf(said) ?? undefined;
    if (id !== undefined) keys[key] = id;
    else if (said !== undefined) dropped.push(names[0] as string);
  }
  return Object.keys(keys).length > 0 ? keys : undefined;
}

function amountOf(properties: Fields, dropped: string[]): EventContent['amount'] {
  // What the customer pays, with shipping and tax; `revenue` is without them (segment.com/docs/connections/spec/ecommerce/v2, read 2026-12-01).
  const said = firstOf(properties, ['total', 'revenue', 'value', 'amount']);
  if (said === undefined) return undefined;
  const amount = toMinorUnits(said, properties.currency);
  // A value without currency is often no money at all (a score, a count): nothing is missing then.
  if (amount === null && properties.currency !== undefined) dropped.push('amount');
  return amount ?? undefined;
}

function reasonOf(properties: Fields, dropped: string[]): EventReason | undefined {
  const said = firstOf(properties, ['reason_class', 'reasonClass']);
  if (said === undefined) return undefined;
  if (typeof said !== 'string' || !/^[a-z][a-z0-9_]{0,63}$/.test(said)) {
    dropped.push('reason_class');
    return undefined;
  }
  return { class: said, code: textOf(firstOf(properties, ['reason_code', 'reasonCode']), 128) };
}

/** What a call has to say besides whom it concerns. How a person is reached stands in one place only: with the person. */
function propertiesOf(type: MessageType, message: Fields, anonymousId: string | undefined): Fields {
  const own = { ...fieldsOf(type === 'identify' || type === 'group' ? message.traits : message.properties) };
  if (type === 'identify') for (const trait of CONTACT_TRAITS) delete own[trait];
  const named = (name: string, value: unknown): Fields => (value === undefined || value === null ? {} : { [name]: value });
  return {
    ...own,
    ...(type === 'page' || type === 'screen' ? { ...named('name', message.name), ...named('category', message.category) } : {}),
    ...(type === 'group' ? named('group_id', message.groupId) : {}),
    ...(type === 'alias' ? named('previous_id', message.previousId) : {}),
    ...named('anonymous_id', anonymousId),
  };
}

function fits(properties: Fields): boolean {
  const names = Object.keys(properties);
  return names.length <= MAX_PROPERTIES && names.every((name) => name.length <= MAX_PROPERTY_NAME);
}

/** Longer ids than we keep are kept as their hash: still the same id when it is sent again. */
function messageIdOf(value: unknown): string | null | undefined {
  const id = idOf(value);
  if (id !== null || typeof value !== 'string') return id;
  return `sha256:${createHash('sha256').update(value).digest('hex')}`;
}

const isSaid = (value: unknown): boolean => value !== undefined && value !== null && value !== '';
const isType = (value: unknown): value is MessageType => (MESSAGE_TYPES as readonly unknown[]).includes(value);
const unusable = (reason: string): MessageReading => ({ ok: false, reason });
