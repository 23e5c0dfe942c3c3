import { TIME_FORMATS } from '../sources/read-values';
import { INNER_LIST, LIST, value } from './value-schema';

const eventName = { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9 _.:/-]{0,99}$' } as const;
const reasonClass = { type: 'string', pattern: '^[a-z][a-z0-9_]{0,63}$' } as const;
const valuesOf = (
  description: string,
  fields: Readonly<Record<string, [description: string, example: unknown]>>,
  others: Readonly<Record<string, object>> = {},
) => ({
  type: 'object',
  additionalProperties: false,
  description,
  properties: {
    ...Object.fromEntries(Object.entries(fields).map(([name, [text, example]]) => [name, value(text, example)])),
    ...others,
  },
});

/** A word of the sender's and what it means here. */
const worded = (description: string, ours: object, [from, words]: [unknown, Readonly<Record<string, string>>]) => ({
  type: 'object',
  additionalProperties: false,
  required: ['from'],
  description,
  example: { from, words },
  properties: {
    from: value('Where the word stands.', from),
    words: {
      type: 'object',
      minProperties: 1,
      maxProperties: 50,
      additionalProperties: ours,
      description: 'Ours by theirs; another word of theirs cannot be read. Absent: theirs must be one of ours.',
      example: words,
    },
  },
});

const oneOf = (...words: readonly string[]) => ({ type: 'string', enum: words }) as const;
const word = { type: 'string', pattern: '^[a-z][a-z0-9_]{0,63}$' } as const;
const zone = {
  type: 'string',
  maxLength: 60,
  description: 'IANA zone of local times; UTC unless said.',
  example: 'Asia/Kolkata',
};
const timeFormat = {
  type: 'string',
  enum: TIME_FORMATS,
  description: '`local` is 2026-11-23 11:02:09 in `zone`; `any` is whichever it looks like.',
  example: 'epoch_s',
};
const listOf = (what: string, example: string) => ({
  type: 'string',
  pattern: INNER_LIST,
  description: `A JSON pointer to a list, of 20 entries at the most: each is ${what}. The other pointers then lead from the entry, and from the whole body with \`body:\` before them.`,
  example,
});

const pushTokens = {
  type: 'array',
  minItems: 1,
  maxItems: 5,
  description: 'Their devices that may show a push: where one stands, or a list of them.',
  example: [
    {
      token: '/device/fcm_token',
      platform: { from: '/device/os', words: { Android: 'android', iOS: 'ios' } },
      app: '/device/bundle',
    },
  ],
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['token', 'platform'],
    properties: {
      each: listOf('a device', '/devices'),
      token: value('The token of the device. Nothing there: no device.', '/device/fcm_token'),
      platform: worded('android, ios or web.', oneOf('android', 'ios', 'web'), [
        '/device/os',
        { Android: 'android', iOS: 'ios' },
      ]),
      kind: worded('fcm_token unless said, or fcm_installation.', oneOf('fcm_token', 'fcm_installation'), [
        '/device/kind',
        { fid: 'fcm_installation', token: 'fcm_token' },
      ]),
      permission: worded('granted or denied: whether the app may show notifications.', oneOf('granted', 'denied'), [
        '/device/push_enabled',
        { true: 'granted', false: 'denied' },
      ]),
      app: value('Which of your apps it is.', '/device/bundle'),
    },
  },
};

const consents = {
  type: 'array',
  minItems: 1,
  maxItems: 10,
  description:
    'What the person agrees to or takes back with the event: one entry for each place where it stands. Where a state is there and its meaning cannot be read, the webhook is kept in quarantine (`unreadable_consent`): a withdrawal is not left out.',
  example: [
    {
      purpose: { from: { value: 'marketing' } },
      channel: { from: { value: 'whatsapp' } },
      state: { from: '/whatsapp_optin', words: { yes: 'granted', no: 'withdrawn', unticked: 'none' } },
      at: { from: '/whatsapp_optin_at', format: 'rfc3339' },
      source: { value: 'app_settings' },
    },
  ],
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['purpose', 'channel', 'state'],
    properties: {
      each: listOf('a consent', '/consents'),
      purpose: worded('service, marketing or all.', oneOf('service', 'marketing', 'all'), ['/topic', { promo: 'marketing' }]),
      channel: worded('push, whatsapp, sms, email, … or all.', word, ['/channel', { WA: 'whatsapp', TEXT: 'sms' }]),
      state: worded(
        'granted or withdrawn; `none` is a word that says nothing, such as a box that was not ticked. Nothing is said where it is absent or empty.',
        oneOf('granted', 'withdrawn', 'none'),
        ['/opted_in', { true: 'granted', false: 'withdrawn' }],
      ),
      at: {
        type: 'object',
        additionalProperties: false,
        required: ['from', 'format'],
        description: 'When they said so. Absent, or nothing there: when the event happened.',
        properties: { from: value('Where the time stands.', '/opted_in_at'), format: timeFormat, zone },
      },
      source: value('Where they said so, one word in lower case. Absent: the name of the source.', { value: 'checkout_form' }),
      noticeVersion: value('Version of the notice they were shown.', '/notice/version'),
      noticeLanguage: value('Language of that notice, BCP 47.', '/notice/language'),
      proof: value('What shows it. Kept encrypted.', { join: ['/form_id', '/ip'], separator: ' ' }),
    },
  },
};

/** How a payload becomes an event. */
export const mappingSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['event'],
  description: 'How a payload becomes an event.',
  example: {
    event: { from: '/type', names: { 'payment.failed': 'Payment Failed' } },
    occurredAt: { from: '/created', format: 'epoch_s' },
    keys: { order: '/data/order_id' },
  },
  properties: {
    body: {
      type: 'string',
      enum: ['json', 'form'],
      description: 'How the body is written. As its Content-Type says, unless said here.',
      example: 'json',
    },
    each: {
      type: 'string',
      pattern: LIST,
      description:
        'A JSON pointer to a list, "" for a body that is one: each of its entries, 100 at the most, is an event. The other pointers then lead from the entry, and from the whole body with `body:` before them.',
      example: '/events',
    },
    id: value('What the sender calls this event, the same when it repeats it. Without it the bytes are remembered.', '/id'),
    event: {
      type: 'object',
      additionalProperties: false,
      required: ['from'],
      description: 'What happened.',
      properties: {
        from: value('Where its name stands.', '/type'),
        names: {
          type: 'object',
          maxProperties: 200,
          additionalProperties: eventName,
          description: 'Your name by theirs. Absent: theirs is taken as it is.',
          example: { 'payment.failed': 'Payment Failed' },
        },
        others: {
          type: 'string',
          enum: ['ignore', 'keep', 'quarantine'],
          description: 'What becomes of a name that is not among them; `ignore` unless said.',
          example: 'ignore',
        },
      },
    },
    occurredAt: {
      type: 'object',
      additionalProperties: false,
      required: ['from', 'format'],
      description: 'When it happened. Absent: when it comes in.',
      properties: {
        from: value('Where the time stands.', '/created'),
        format: timeFormat,
        zone,
        missing: { type: 'string', enum: ['received'], description: 'Without a time there: take now.', example: 'received' },
      },
    },
    person: valuesOf(
      'Whom it concerns.',
      {
        customerId: ['Your id for the customer.', '/data/customer/id'],
        phone: ['A number of the default country, or E.164.', '/data/customer/phone'],
        email: ['E-mail address.', '/data/customer/email'],
        whatsappId: ['WhatsApp’s id of the customer for your business.', '/data/customer/whatsapp'],
        name: ['As messages may address them.', '/data/customer/name'],
        language: ['The language they read, BCP 47; hi_IN is taken as hi-IN.', '/data/customer/language'],
        timeZone: ['Their time zone, an IANA name.', '/data/customer/time_zone'],
      },
      { pushTokens },
    ),
    consents,
    nobody: {
      type: 'array',
      maxItems: 20,
      items: { type: 'string', minLength: 1, maxLength: 128 },
      description: 'Texts that stand for no one in particular, such as the customer id of guests.',
      example: ['0'],
    },
    keys: valuesOf('What it is about.', {
      order: ['Order id.', '/data/order_id'],
      payment: ['Payment id.', '/data/payment_id'],
      cart: ['Cart id.', '/data/cart_id'],
      checkout: ['Checkout id.', '/data/checkout_id'],
      kycApplication: ['KYC application id.', '/data/application_id'],
      mandate: ['Mandate id.', '/data/mandate_id'],
    }),
    amount: {
      type: 'object',
      additionalProperties: false,
      required: ['value', 'currency', 'unit'],
      description: 'Money it is about.',
      properties: {
        value: value('The figure.', '/data/amount'),
        currency: value('ISO 4217.', { value: 'INR' }),
        unit: {
          type: 'string',
          enum: ['minor', 'major'],
          description: '`minor`: paise, whole. `major`: rupees, with decimals or not.',
          example: 'major',
        },
      },
    },
    reason: {
      type: 'object',
      additionalProperties: false,
      required: ['events', 'by'],
      description: 'Why it happened.',
      properties: {
        events: {
          type: 'array',
          minItems: 1,
          maxItems: 50,
          items: eventName,
          description: 'Your names of the events that have a reason.',
          example: ['Payment Failed'],
        },
        by: {
          type: 'array',
          maxItems: 4,
          description: 'Asked in turn: the first that knows the word gives the class; the first word is the code.',
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['from', 'classes'],
            properties: {
              from: value('Where the word stands.', '/data/error_code'),
              classes: {
                type: 'object',
                maxProperties: 500,
                additionalProperties: reasonClass,
                description: 'The class by their word.',
                example: { U30: 'insufficient_funds' },
              },
            },
          },
        },
        otherwise: { ...reasonClass, description: 'When none knows it; unknown unless said.', example: 'unknown' },
      },
    },
    properties: {
      type: 'object',
      maxProperties: 50,
      propertyNames: { maxLength: 100 },
      additionalProperties: value('A text, number or boolean.', '/data/method'),
      description: 'What journeys may filter on and templates may print, by the name it gets.',
      example: { method: '/data/method' },
    },
  },
} as const;
