import { faultsOfJson } from '../../rules/json-hygiene';
import { readOwnShape } from '../read-own-shape';
import { at, documentOf, textAt, timeOf } from '../read-values';
import { sourceIdOf } from '../read-mapped';
import { type ReadContext, type Reading, type Source } from '../source';
import { type SourceWebhook } from '../source-webhook';
import { TOLERANCE_SECONDS } from '../signature';

/**
 * Standard Webhooks (github.com/standard-webhooks/standard-webhooks, read 2026-11-23): id, time and body are signed together, so
 * a webhook proves its own id and cannot be sent again after five minutes. The payload is `{type, timestamp, data}`; `data` is
 * written as the events API takes it. A vendor that signs this way and writes otherwise is a mapped source with the same recipe.
 */
export const standardWebhooks: Source = {
  name: 'standard-webhooks',
  title: 'Standard Webhooks',
  secretSetting: 'STANDARD_WEBHOOKS_SECRET',
  recipe: {
    kind: 'hmac',
    signature: { header: 'webhook-signature', separator: ' ', prefix: 'v1,' },
    algorithm: 'sha256',
    encoding: 'base64',
    signed: '{header:webhook-id}.{timestamp}.{body}',
    timestamp: { header: 'webhook-timestamp', unit: 's', toleranceSeconds: TOLERANCE_SECONDS },
    secret: 'whsec',
  },
  example: {
    contentType: 'application/json',
    headers: { 'webhook-id': 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W' },
    body: {
      type: 'Payment Failed',
      timestamp: '2026-11-23T05:32:09Z',
      data: {
        person: { customerId: 'cust_8812', phone: '+919812345678' },
        keys: { order: 'order_MkT9' },
        amount: { value: 149900, currency: 'INR' },
        reason: { class: 'user_error', code: 'incorrect_pin' },
      },
    },
  },
  read,
};

function read(webhook: SourceWebhook, { phones, channels, test }: ReadContext): Reading {
  const body = documentOf(webhook, 'json');
  if (body === undefined) return { kind: 'unusable', reason: 'not_json' };
  if (faultsOfJson(body).length > 0) return { kind: 'unusable', reason: 'not_storable' };
  const name = textAt('/type', body);
  if (name === undefined) return { kind: 'unusable', reason: 'no_event_name' };
  const said = at('/timestamp', body);
  // The time of the header is the time of this try: another one when it is sent again.
  const occurredAt = said === undefined || said === null ? undefined : timeOf(said, 'any');
  if (occurredAt === null) return { kind: 'unusable', reason: 'no_time' };
  const sourceEventId = sourceIdOf(webhook.headers['webhook-id']);
  const event = readOwnShape({
    source: 'standard-webhooks',
    name,
    data: at('/data', body),
    occurredAt,
    sourceEventId,
    properties: {},
    test,
    phones,
    channels,
  });
  return 'unusable' in event ? { kind: 'unusable', reason: event.unusable } : { kind: 'events', events: [event] };
}
