import { KEY_KINDS } from '@wapas/entity-keys';
import { ASKABLE_SIGNALS } from './definition';

/** The JSON Schema of a journey file (`wapas.journey/1`). Published, so that an editor can complete and check it. */
const duration = { type: 'string', pattern: '^(\\d{1,9}[smhd])+$', description: 'Such as 90s, 15m, 2h, 7d or 1h30m.' } as const;
const keyKinds = {
  type: 'array',
  minItems: 1,
  uniqueItems: true,
  items: { enum: KEY_KINDS.filter((kind) => kind !== 'email') },
} as const;
const name = { type: 'string', pattern: '^[a-z][a-z0-9_]{0,63}$' } as const;
const eventName = { type: 'string', minLength: 1, maxLength: 100 } as const;
const scalar = { type: ['string', 'number', 'boolean'] } as const;
const list = { type: 'array', minItems: 1, maxItems: 100, items: { type: ['string', 'number'] } } as const;

const condition = {
  type: 'object',
  required: ['field'],
  minProperties: 2,
  maxProperties: 2,
  additionalProperties: false,
  description: 'One field and one operator.',
  properties: {
    field: {
      type: 'string',
      pattern: '^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*){0,5}$',
      description: 'reason.class, amount.value, keys.order, name, properties.…',
    },
    is: scalar,
    in: list,
    notIn: list,
    atLeast: { type: 'number' },
    atMost: { type: 'number' },
    startsWith: { type: 'string', minLength: 1 },
    exists: { type: 'boolean' },
  },
} as const;
const conditions = { type: 'array', maxItems: 20, items: condition } as const;

const step = {
  type: 'object',
  additionalProperties: false,
  required: ['key', 'after', 'channel', 'messages'],
  properties: {
    key: name,
    after: { ...duration, description: 'When, counted from T.' },
    minDelay: {
      ...duration,
      description:
        'The earliest moment from T when an earlier step could not be sent. Default: 5m, or `after` when that is sooner.',
    },
    maxDelay: { ...duration, description: 'Later than this the step is given up. Default 30m; never beyond the next step.' },
    channel: { ...name, description: 'push, whatsapp, sms, or the channel of an added provider.' },
    unless: {
      type: 'array',
      maxItems: 20,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['step', 'signal'],
        properties: { step: { ...name, description: 'An earlier step.' }, signal: { enum: ASKABLE_SIGNALS } },
      },
    },
    hours: {
      type: 'object',
      additionalProperties: false,
      required: ['from', 'to'],
      properties: {
        from: { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' },
        to: { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' },
        zone: { type: 'string', description: 'IANA zone. Default Asia/Kolkata.' },
        outside: { enum: ['hold', 'expire'], description: 'Default expire.' },
        exceptWithin: { ...duration, description: "This soon after T the hours do not bind: it was the customer's own action." },
      },
    },
    mandatory: { type: 'boolean', description: 'A notice that must go out, to the holdout too.' },
    messages: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      description: 'The first whose conditions hold is sent.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['template'],
        properties: {
          when: conditions,
          template: { type: 'object', description: 'What it says; its fields depend on the channel.' },
        },
      },
    },
  },
} as const;

export const definitionSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Wapas journey',
  type: 'object',
  additionalProperties: false,
  required: ['format', 'key', 'name', 'trigger', 'correlateBy', 'goal', 'window', 'steps'],
  properties: {
    format: { const: 'wapas.journey/1' },
    key: name,
    name: { type: 'string', minLength: 1, maxLength: 200 },
    description: { type: 'string', maxLength: 2000 },
    trigger: {
      type: 'object',
      additionalProperties: false,
      required: ['event'],
      properties: {
        event: eventName,
        where: conditions,
        maxAge: { ...duration, description: 'An older event starts nothing. Default 24h.' },
      },
    },
    correlateBy: { ...keyKinds, description: 'The first that the trigger carries names the matter.' },
    reentryAfter: { ...duration, description: 'After a run ended, the same matter may enter again this much later. Default 0s.' },
    goal: {
      type: 'object',
      additionalProperties: false,
      required: ['events', 'by'],
      properties: { events: { type: 'array', minItems: 1, maxItems: 20, items: eventName }, by: keyKinds },
    },
    exits: {
      type: 'array',
      maxItems: 20,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['event', 'reason'],
        properties: { event: eventName, reason: name },
      },
    },
    silence: {
      type: 'array',
      maxItems: 20,
      items: eventName,
      description: 'Events after which nothing is sent although the goal is open.',
    },
    window: duration,
    holdoutPercent: {
      type: 'number',
      minimum: 0,
      maximum: 50,
      description: 'Share of people who get nothing, to compare with. Default 10.',
    },
    steps: { type: 'array', minItems: 1, maxItems: 50, items: step },
  },
} as const;
