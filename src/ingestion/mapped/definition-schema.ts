import { TIME_FORMATS } from '../sources/read-values';

/**
 * The JSON Schema of a mapped source, checked by check-definition.ts and published by Swagger. Unions are told apart by hand
 * there: a validator that tries all branches complains about every one of them.
 */
export const PLACE = '^((body:)?/[^\\u0000-\\u001f]{0,200}|header:[a-z0-9-]{1,64})$';
export const LIST = '^(/[^\\u0000-\\u001f]{0,200})?$';
/** Within what is an event: the whole of it is no list. */
export const INNER_LIST = '^/[^\\u0000-\\u001f]{0,200}$';
const place = { type: 'string', pattern: PLACE } as const;
const places = { type: 'array', minItems: 1, maxItems: 8, items: place } as const;

const value = (description: string, example: unknown) => ({
  type: ['string', 'object'],
  pattern: PLACE,
  minProperties: 1,
  additionalProperties: false,
  description: `${description} A JSON pointer, \`body:\` and one where \`each\` is given, \`header:name\`, {first, otherwise}, {join, separator} or {value}.`,
  example,
  properties: {
    first: { ...places, description: 'The first of these that holds something.', example: ['/phone', '/mobile'] },
    otherwise: { type: 'string', maxLength: 200, description: 'With `first`: when none does.', example: 'INR' },
    join: { ...places, description: 'All of these, one behind the other.', example: ['/txnid', '/status'] },
    separator: { type: 'string', maxLength: 3, description: 'Between joined ones; a colon unless said.', example: ':' },
    value: { type: 'string', minLength: 1, maxLength: 200, description: 'Always this text.', example: 'INR' },
  },
});

const header = { type: 'string', pattern: '^[a-z0-9-]{1,64}$' } as const;
const eventName = { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9 _.:/-]{0,99}$' } as const;
const reasonClass = { type: 'string', pattern: '^[a-z][a-z0-9_]{0,63}$' } as const;
const algorithm = { type: 'string', enum: ['sha1', 'sha256', 'sha512'] } as const;
const template = { type: 'string', minLength: 1, maxLength: 1_000 } as const;

export const recipeSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['kind'],
  description: 'How a webhook is proven to be the sender’s. Which other fields belong to it depends on `kind`.',
  example: { kind: 'hmac', signature: { header: 'x-signature' }, algorithm: 'sha256', encoding: 'hex' },
  properties: {
    kind: {
      type: 'string',
      enum: ['hmac', 'field_hash', 'basic', 'token'],
      description:
        '`hmac`: a keyed hash in a header. `field_hash`: a hash over some fields, in a field. `basic`: HTTP Basic, secrets are user:password. `token`: the secret itself in a header or in the address.',
      example: 'hmac',
    },
    signature: {
      type: 'object',
      additionalProperties: false,
      required: ['header'],
      description: 'hmac: where the signature stands.',
      properties: {
        header: { ...header, description: 'In lower case.', example: 'x-signature' },
        separator: { type: 'string', minLength: 1, maxLength: 3, description: 'Parts several signatures.', example: ',' },
        prefix: { type: 'string', minLength: 1, maxLength: 20, description: 'What a signature begins with.', example: 'v1=' },
      },
    },
    algorithm: { ...algorithm, description: 'hmac, field_hash: the hash.', example: 'sha256' },
    algorithmIn: {
      type: 'object',
      additionalProperties: false,
      required: ['header', 'values'],
      description: 'hmac: the sender names the algorithm in a header.',
      properties: {
        header: { ...header, description: 'In lower case.', example: 'x-payload-digest-alg' },
        values: {
          type: 'object',
          minProperties: 1,
          maxProperties: 10,
          additionalProperties: algorithm,
          description: 'The algorithm by what the header says.',
          example: { HMAC_SHA256_HEX: 'sha256' },
        },
      },
    },
    encoding: {
      type: 'string',
      enum: ['hex', 'base64'],
      description: 'hmac, field_hash: how the hash is written. Hex is lower case.',
      example: 'hex',
    },
    signed: {
      ...template,
      description:
        'What is signed. hmac: {body}, {timestamp} and {header:name} in any text; {body} unless said. field_hash: {secret} and {/pointer} in any text.',
      example: '{timestamp}.{body}',
    },
    signedWhen: {
      type: 'array',
      maxItems: 4,
      description: 'field_hash: another text when a field is there.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['present', 'signed'],
        properties: {
          present: { ...place, description: 'Pointer to the field.', example: '/additional_charges' },
          signed: { ...template, description: 'What is signed then.', example: '{/additional_charges}|{secret}|{/status}' },
        },
      },
    },
    timestamp: {
      type: 'object',
      additionalProperties: false,
      required: ['header', 'unit', 'toleranceSeconds'],
      description: 'hmac: a signed time. A webhook whose time is too far away is refused.',
      properties: {
        header: { ...header, description: 'In lower case.', example: 'x-timestamp' },
        separator: { type: 'string', minLength: 1, maxLength: 3, description: 'As for the signature.', example: ',' },
        prefix: { type: 'string', minLength: 1, maxLength: 20, description: 'As for the signature.', example: 't=' },
        unit: { type: 'string', enum: ['s', 'ms'], description: 'Seconds or milliseconds since 1970.', example: 's' },
        toleranceSeconds: {
          type: 'integer',
          minimum: 1,
          maximum: 86_400,
          description: 'How far it may be away, in both directions.',
          example: 300,
        },
      },
    },
    secret: {
      type: 'string',
      enum: ['text', 'whsec'],
      description: 'hmac: `whsec` when secrets are base64 after whsec_.',
      example: 'text',
    },
    field: { ...place, description: 'field_hash: pointer to the field with the hash.', example: '/hash' },
    header: { ...header, description: 'token: the header with the secret, in lower case.', example: 'x-webhook-token' },
    prefix: { type: 'string', minLength: 1, maxLength: 20, description: 'token: what stands before it.', example: 'Bearer ' },
    query: {
      type: 'string',
      pattern: '^[A-Za-z0-9_-]{1,40}$',
      description: 'token: the parameter of the address with the secret, for senders that cannot set a header.',
      example: 'token',
    },
  },
} as const;

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

export const definitionSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    title: { type: 'string', minLength: 1, maxLength: 100, description: 'For people.', example: 'Payments of the travel desk' },
    preset: {
      type: 'string',
      maxLength: 40,
      description:
        'Recipe and mapping of a vendor that is known here (`GET /v1/source-presets`); what stands beside it goes first.',
      example: 'payu',
    },
    recipe: recipeSchema,
    mapping: mappingSchema,
    pingField: {
      type: 'string',
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      description: 'A form with this one field and a number is the sender trying the address: answered 200 without a signature.',
      example: 'webhook_id',
    },
    test: {
      type: 'boolean',
      description:
        'What it sends belongs to test mode, as what comes with a test key does: it reaches test addresses alone, and stops and counts nothing that is live.',
      example: false,
    },
    secrets: {
      type: 'array',
      minItems: 1,
      maxItems: 8,
      items: { type: 'string', minLength: 1, maxLength: 500 },
      description: 'All of them, replacing those there are. Required for a new source, kept when absent. Never shown again.',
      example: ['a-long-secret-of-the-sender'],
    },
  },
} as const;
