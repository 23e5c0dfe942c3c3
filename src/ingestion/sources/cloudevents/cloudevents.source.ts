import { faultsOfJson } from '../../rules/json-hygiene';
import { type NewEvent } from '../../rules/new-event';
import { sourceIdOf } from '../read-mapped';
import { readOwnShape } from '../read-own-shape';
import { documentOf, timeOf } from '../read-values';
import { type ReadContext, type Reading, type Source } from '../source';
import { type SourceWebhook } from '../source-webhook';

/**
 * CloudEvents 1.0 over HTTP (github.com/cloudevents/spec, http-protocol-binding; read 2026-11-23) in its three modes. An event is
 * known by `source` and `id` together. `type` is the name; `data` are written as the events API takes them. The standard knows no
 * signature, so the operator says what guards the address.
 */
export const cloudevents: Source = {
  name: 'cloudevents',
  title: 'CloudEvents 1.0',
  secretSetting: 'CLOUDEVENTS_SECRET',
  recipe: { kind: 'token', header: 'authorization', prefix: 'Bearer ' },
  otherRecipes: {
    setting: 'CLOUDEVENTS_RECIPE',
    recipes: {
      token: { kind: 'token', header: 'authorization', prefix: 'Bearer ' },
      basic: { kind: 'basic' },
      hmac: { kind: 'hmac', signature: { header: 'x-webhook-signature' }, algorithm: 'sha256', encoding: 'hex' },
    },
  },
  example: {
    contentType: 'application/cloudevents+json',
    body: {
      specversion: '1.0',
      id: 'A234-1234-1234',
      source: 'https://shop.example/checkout',
      type: 'Checkout Abandoned',
      time: '2026-11-23T05:32:09Z',
      datacontenttype: 'application/json',
      data: { person: { customerId: 'cust_8812' }, keys: { checkout: 'chk_7' }, amount: { value: 149900, currency: 'INR' } },
    },
  },
  read,
};

type Attributes = Readonly<Record<string, unknown>>;
type One = NewEvent | { readonly unusable: string };

const MAX_BATCH = 1_000;
const BATCH = /^application\/cloudevents-batch\b/i;
const STRUCTURED = /^application\/cloudevents\b/i;

/** The mode is what the Content-Type begins with; everything else is binary. */
function read(webhook: SourceWebhook, context: ReadContext): Reading {
  const type = webhook.headers['content-type'] ?? '';
  if (!STRUCTURED.test(type)) return readingOf([binary(webhook, context)]);
  const body = documentOf(webhook, 'json');
  if (body === undefined) return { kind: 'unusable', reason: 'not_json' };
  if (!BATCH.test(type)) return readingOf([structured(body, context)]);
  if (!Array.isArray(body)) return { kind: 'unusable', reason: 'not_a_batch' };
  if (body.length > MAX_BATCH) return { kind: 'unusable', reason: 'batch_too_large' };
  return readingOf(body.map((one) => structured(one, context)));
}

/** One event that cannot be read does not hold back its neighbours. */
function readingOf(all: readonly One[]): Reading {
  const events = all.filter((one): one is NewEvent => !('unusable' in one));
  const broken = all.find((one) => 'unusable' in one);
  if (!broken) return { kind: 'events', events };
  return events.length === 0
    ? { kind: 'unusable', reason: broken.unusable }
    : { kind: 'events', events, unusable: broken.unusable };
}

function structured(value: unknown, context: ReadContext): One {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { unusable: 'not_an_object' };
  if (faultsOfJson(value).length > 0) return { unusable: 'not_storable' };
  const { data, data_base64: encoded, ...attributes } = value as Record<string, unknown>;
  return eventOf(attributes, encoded === undefined ? data : decoded(encoded), context);
}

/** Attributes are headers there, which no keyed hash over the body covers: anybody could write another event on the same bytes. */
function binary({ headers, rawBody }: SourceWebhook, context: ReadContext): One {
  if (headers['ce-specversion'] === undefined) return { unusable: 'not_a_cloudevent' };
  if (context.recipe.kind === 'hmac') return { unusable: 'attributes_not_signed' };
  const attributes = Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('ce-') && value !== undefined ? [[name.slice('ce-'.length), unescaped(value)]] : [],
    ),
  );
  const data = documentOf({ headers, rawBody }, 'json');
  if (faultsOfJson(data).length > 0 || faultsOfJson(attributes).length > 0) return { unusable: 'not_storable' };
  return eventOf(attributes, data, context);
}

function eventOf(attributes: Attributes, data: unknown, { test, phones, channels }: ReadContext): One {
  const { id, source, type, specversion, time, subject } = attributes;
  if (specversion !== '1.0') return { unusable: 'unknown_specversion' };
  if (!isText(id) || !isText(source) || !isText(type)) return { unusable: 'missing_attribute' };
  const occurredAt = time === undefined || time === null ? undefined : timeOf(time, 'rfc3339');
  if (occurredAt === null) return { unusable: 'no_time' };
  return readOwnShape({
    source: 'cloudevents',
    name: type,
    data,
    occurredAt,
    // A source is a URI, so it has no blank: the two cannot run into each other.
    sourceEventId: sourceIdOf(`${source} ${id}`),
    properties: { ce_source: source, ...(isText(subject) ? { ce_subject: subject } : {}) },
    test,
    phones,
    channels,
  });
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= 1_000;

/** Header values escape blanks, quotes, percent signs and everything that is not ASCII. */
function unescaped(value: string): string {
  try {
    return decodeURIComponent(value.replace(/^"(.*)"$/, '$1'));
  } catch {
    return value; // A percent sign that escapes nothing stands for itself.
  }
}

function decoded(base64: unknown): unknown {
  if (typeof base64 !== 'string') return undefined;
  return documentOf({ headers: {}, rawBody: Buffer.from(base64, 'base64') }, 'json');
}
