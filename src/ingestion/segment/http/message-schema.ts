/** The shapes of the Segment tracking API for Swagger. Nothing is refused by them: a message that differs is kept. */
const common = {
  userId: { type: 'string', description: 'Your id for the customer. This or `anonymousId` is required.', example: 'cust_8812' },
  anonymousId: {
    type: 'string',
    description: 'Who it is before they are known.',
    example: '23adfd82-aa0f-45a7-a756-24f2a7a4c895',
  },
  messageId: {
    type: 'string',
    description: 'Remembered for 30 days: the same id again changes nothing. SDKs make one.',
    example: 'node-next-1764000000000-8f3a61d2',
  },
  timestamp: { type: 'string', description: "When it happened, by the sender's clock.", example: '2026-11-23T05:32:09.000Z' },
  sentAt: {
    type: 'string',
    description: "When it was sent, by the same clock: corrects one that is wrong. A batch's counts for its messages.",
    example: '2026-11-23T05:32:10.000Z',
  },
  context: {
    type: 'object',
    description:
      '`traits` as in identify; `device.token` with `device.type` is a push token. Nothing else of it is kept: `locale` and `timezone` are what a device is set to, in India mostly English whatever its owner reads, and would overrule what they have chosen. Send `traits.language` for it.',
    example: { device: { token: 'fcm-registration-token', type: 'android' } },
  },
} as const;

const traits = {
  type: 'object',
  description:
    '`phone`, `email` and `name` (or `firstName`, `lastName`) say how the customer is reached; `language` (or `locale`; BCP 47) and `timezone` (IANA) what they have chosen.',
  example: { phone: '+919812345678', email: 'asha@example.com', name: 'Asha Rao', language: 'hi' },
} as const;

const properties = {
  type: 'object',
  description:
    '`order_id`, `payment_id`, `cart_id`, `checkout_id`, `kyc_application_id`, `mandate_id` become keys; `total`, `revenue` or `value` with `currency` (major units) the amount; `reason_class` and `reason_code` the reason.',
  example: { order_id: 'order_MkT9', total: 1499, currency: 'INR', reason_class: 'user_error' },
} as const;

const event = { type: 'string', description: 'What happened.', example: 'Payment Failed' } as const;
const named = { name: { type: 'string', description: 'Which one.', example: 'Checkout' }, properties } as const;

const call = (own: object, required: readonly string[] = []) => ({ type: 'object', required, properties: { ...own, ...common } });

export const callSchemas = {
  track: call({ event, properties }, ['event']),
  identify: call({ traits }),
  page: call(named),
  screen: call(named),
  group: call({ groupId: { type: 'string', description: 'The group.', example: 'shop_51' }, traits }),
  alias: call({ previousId: { type: 'string', description: 'The id that was used before.', example: 'guest_17' } }),
} as const;

export const segmentBatchSchema = {
  type: 'object',
  required: ['batch'],
  properties: {
    batch: {
      type: 'array',
      description: 'Messages, each with its `type`. At most 500 KB together and 32 KB each.',
      items: {
        type: 'object',
        required: ['type'],
        properties: {
          type: { type: 'string', enum: Object.keys(callSchemas), description: 'Which call it is.', example: 'track' },
          event,
          properties,
          traits,
          ...common,
        },
      },
    },
    sentAt: common.sentAt,
    writeKey: {
      type: 'string',
      description: 'The API key, where no header can carry it.',
      example: 'wps_live_5f1c2a9be0d41c77_…',
    },
  },
} as const;
