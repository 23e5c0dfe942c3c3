/**
 * The JSON Schema of one event: compiled by ajv for the hot path and published by Swagger, so that what is documented
 * is what is checked (D4).
 */
const id = (description: string, example: string) =>
  ({ type: 'string', minLength: 1, maxLength: 128, pattern: '^[^\\u0000-\\u001f\\u007f]+$', description, example }) as const;

export const MAX_BATCH = 1_000;

/** A language tag (BCP 47), as far as it names a language, a script and a place. */
const LANGUAGE = '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$';

export const eventSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['event'],
  properties: {
    event: {
      type: 'string',
      pattern: '^[A-Za-z][A-Za-z0-9 _.:/-]{0,99}$',
      description: 'What happened. Letters, digits, space and _ . : / - ; at most 100 characters.',
      example: 'Payment Failed',
    },
    eventId: {
      ...id(
        'Your id for this event, remembered for 30 days: sending it again changes nothing. Without one an event is always new.',
        'pf-2026-000123',
      ),
    },
    occurredAt: {
      type: 'string',
      maxLength: 40,
      description: 'When it happened: RFC 3339 with zone. Absent means now.',
      example: '2026-11-23T11:02:09+05:30',
    },
    test: { type: 'boolean', description: 'Must agree with the mode of the API key.', example: false },
    person: {
      type: 'object',
      additionalProperties: false,
      description: 'Whom it concerns.',
      properties: {
        customerId: id('Your id for the customer.', 'cust_8812'),
        phone: {
          type: 'string',
          maxLength: 40,
          description: 'E.164, or a national number of the default country.',
          example: '+919812345678',
        },
        email: {
          type: 'string',
          maxLength: 254,
          pattern: '^[^\\s@<>"\\u0000-\\u001f]+@[^\\s@<>"\\u0000-\\u001f]+\\.[^\\s@<>"\\u0000-\\u001f]+$',
          description: 'E-mail address.',
          example: 'asha@example.com',
        },
        whatsappId: {
          type: 'string',
          pattern: '^[A-Z]{2}\\.[A-Za-z0-9]{1,128}$',
          description: "WhatsApp's business-scoped id of the customer; it may come without a phone.",
          example: 'IN.8f3a61d2c94b7e05',
        },
        name: { type: 'string', maxLength: 200, description: 'As messages may address the customer.', example: 'Asha' },
        language: {
          type: 'string',
          maxLength: 35,
          pattern: LANGUAGE,
          description:
            'The language they read, BCP 47: messages go out in it where there is a text in it. The latest word holds, whichever way it came.',
          example: 'hi',
        },
        timeZone: { type: 'string', maxLength: 60, description: 'Their time zone, an IANA name.', example: 'Asia/Kolkata' },
        pushTokens: {
          type: 'array',
          maxItems: 10,
          description: 'Tokens of the devices that may show a push.',
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['token', 'platform'],
            properties: {
              token: {
                type: 'string',
                minLength: 1,
                maxLength: 4096,
                description: 'FCM registration token.',
                example: 'fcm-registration-token',
              },
              platform: {
                type: 'string',
                enum: ['android', 'ios', 'web'],
                description: 'What kind of device it is.',
                example: 'android',
              },
              kind: {
                type: 'string',
                enum: ['fcm_token', 'fcm_installation'],
                description: 'A registration token, or a Firebase installation id. Absent: a token.',
                example: 'fcm_token',
              },
              permission: {
                type: 'string',
                enum: ['granted', 'denied'],
                description: 'Whether the customer lets the app show notifications. Denied: no push goes there.',
                example: 'granted',
              },
              app: { ...id('Which of your apps it is.', 'in.example.shop'), maxLength: 100 },
            },
          },
        },
      },
    },
    keys: {
      type: 'object',
      additionalProperties: false,
      description:
        'What it is about. A later event with the same key belongs to the same matter: an order that is paid ends what its failure began.',
      properties: {
        order: id('Order id.', 'order_MkT9'),
        payment: id('Payment id.', 'pay_29QQ'),
        cart: id('Cart id.', 'cart_51'),
        checkout: id('Checkout session id.', 'chk_7'),
        kycApplication: id('KYC application id.', 'kyc_310'),
        mandate: id('Mandate id.', 'mnd_4'),
      },
    },
    amount: {
      type: 'object',
      additionalProperties: false,
      required: ['value', 'currency'],
      description: 'Money it is about.',
      properties: {
        value: { type: 'integer', minimum: 1, maximum: 9007199254740991, description: 'Minor units (paise).', example: 149900 },
        currency: { type: 'string', pattern: '^[A-Z]{3}$', description: 'ISO 4217, upper case.', example: 'INR' },
      },
    },
    reason: {
      type: 'object',
      additionalProperties: false,
      required: ['class'],
      description: 'Why it happened, as far as the source says.',
      properties: {
        class: {
          type: 'string',
          pattern: '^[a-z][a-z0-9_]{0,63}$',
          description: 'user_error, insufficient_funds, timeout, declined, instrument, infrastructure, blurry, …',
          example: 'user_error',
        },
        code: { type: 'string', maxLength: 128, description: "The source's own code.", example: 'incorrect_pin' },
      },
    },
    properties: {
      type: 'object',
      maxProperties: 200,
      propertyNames: { maxLength: 100 },
      description: 'Anything else. Journeys may filter on it and templates may print it. Large whole numbers go as strings.',
      example: { items: 2, checkout_url: 'https://shop.example/checkout/order_MkT9' },
    },
    consents: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      description:
        'What the customer agreed to or took back on this occasion, or earlier (`at`). Goes into the consent ledger; a withdrawal by phone or e-mail alone binds everybody who is known by it.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['purpose', 'channel', 'state'],
        properties: {
          purpose: {
            enum: ['service', 'marketing', 'all'],
            description: "service: about the customer's own transaction.",
            example: 'service',
          },
          channel: {
            type: 'string',
            pattern: '^[a-z][a-z0-9_]{0,63}$',
            description: 'push, whatsapp, sms, email, … or all.',
            example: 'whatsapp',
          },
          state: { enum: ['granted', 'withdrawn'], description: 'What they said.', example: 'granted' },
          at: {
            type: 'string',
            maxLength: 40,
            description: 'When they said so: RFC 3339 with zone. Absent: when the event happened.',
            example: '2026-11-20T18:00:00+05:30',
          },
          source: {
            type: 'string',
            pattern: '^[a-z][a-z0-9_]{0,63}$',
            description: "Where they said so, one word. Absent: the event's own source.",
            example: 'checkout_form',
          },
          noticeVersion: { ...id('Version of the notice they were shown.', '2026-03'), maxLength: 64 },
          noticeLanguage: {
            type: 'string',
            pattern: LANGUAGE,
            description: 'Language of that notice.',
            example: 'hi',
          },
          proof: { ...id('What shows it. Kept encrypted.', 'checkbox wa_optin'), maxLength: 2000 },
        },
      },
    },
  },
} as const;

export const batchSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['events'],
  properties: {
    events: {
      type: 'array',
      minItems: 1,
      maxItems: MAX_BATCH,
      description: 'Events in the order in which they happened, as far as you know it.',
      items: eventSchema,
    },
  },
} as const;
