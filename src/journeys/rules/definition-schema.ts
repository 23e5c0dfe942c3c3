import { KEY_KINDS } from '@wapas/entity-keys';
import { ANSWERS, ASKABLE_SIGNALS } from './definition';
import { LEGAL_HOURS_NAMES } from './legal-hours';

/**
 * The JSON Schema of a journey file (`wapas.journey/1`). Published, so that an editor can complete and check it. Fields are
 * only ever added to /1; what would change the meaning of a stored journey needs a /2.
 */
const duration = { type: 'string', pattern: '^(\\d{1,9}[smhd])+$', description: 'Such as 90s, 15m, 2h, 7d or 1h30m.' } as const;
const clock = { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' } as const;
const keyKinds = {
  type: 'array',
  minItems: 1,
  uniqueItems: true,
  items: { enum: KEY_KINDS.filter((kind) => kind !== 'email') },
} as const;
const name = { type: 'string', pattern: '^[a-z][a-z0-9_]{0,63}$' } as const;
/** Whatever door they come in by, events are called nothing else: another name would never be heard. */
const eventName = { type: 'string', pattern: '^[A-Za-z0-9][\\x20-\\x7e]*$', maxLength: 100 } as const;
const monthDay = { type: 'integer', minimum: 1, maximum: 31 } as const;
const scalar = { type: ['string', 'number', 'boolean'] } as const;
const list = { type: 'array', minItems: 1, maxItems: 100, items: { type: ['string', 'number'] } } as const;
const factPath = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*){0,5}$' } as const;
const events = { type: 'array', minItems: 1, maxItems: 20, uniqueItems: true, items: eventName } as const;
const template = { type: 'object', description: 'What it says; its fields depend on the channel.' } as const;

const condition = {
  type: 'object',
  required: ['field'],
  minProperties: 2,
  maxProperties: 2,
  additionalProperties: false,
  description: 'One field and one operator.',
  properties: {
    field: {
      ...factPath,
      description:
        'reason.class, amount.value, keys.order, name, profile.hasPush, known.language, attempts, sameMethod, properties.…',
    },
    is: scalar,
    in: list,
    notIn: list,
    atLeast: { type: 'number' },
    atMost: { type: 'number' },
    startsWith: { type: 'string', minLength: 1 },
    exists: { type: 'boolean' },
    sameAs: {
      ...factPath,
      description: 'Under goal and exits: the same as that field of the run; of two lists one entry in common is enough.',
    },
  },
} as const;
const conditions = { type: 'array', maxItems: 20, items: condition } as const;

const asked = {
  type: 'array',
  maxItems: 20,
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['step', 'signal'],
    properties: {
      step: { ...name, description: 'An earlier step.' },
      signal: { enum: ASKABLE_SIGNALS },
      answer: {
        enum: ANSWERS,
        description: 'yes (default): it was heard. no: the message reached nobody. unknown: nothing was heard.',
      },
    },
  },
} as const;

const goal = {
  events,
  by: { ...keyKinds, description: 'The keys it may arrive by.' },
  where: { ...conditions, description: 'What the event must say.' },
} as const;

const step = {
  type: 'object',
  additionalProperties: false,
  required: ['key', 'after', 'channel', 'messages'],
  properties: {
    key: name,
    after: { ...duration, description: 'When, counted from T.' },
    together: { type: 'boolean', description: 'At the same moment as the step before it.' },
    minDelay: {
      ...duration,
      description:
        'The earliest moment from T when an earlier step could not be sent. Default: 5m, or `after` when that is sooner.',
    },
    maxDelay: { ...duration, description: 'Later than this the step is given up. Default 30m; never beyond the next step.' },
    channel: { ...name, description: 'push, whatsapp, sms, or the channel of an added provider.' },
    purpose: {
      enum: ['service', 'marketing'],
      description: "Default service: about the customer's own transaction. Marketing has caps, and legal hours on SMS.",
    },
    when: { ...conditions, description: 'Facts the step is for; otherwise it is skipped.' },
    if: { ...asked, description: 'All of these must be so.' },
    unless: { ...asked, description: 'None of these may be so.' },
    hours: {
      type: 'object',
      additionalProperties: false,
      required: ['from', 'to'],
      properties: {
        from: clock,
        to: clock,
        zone: { type: 'string', description: 'IANA name of a time zone, no abbreviation. Default Asia/Kolkata.' },
        outside: { enum: ['hold', 'expire'], description: 'Default expire.' },
        exceptWithin: { ...duration, description: "This soon after T the hours do not bind: it was the customer's own action." },
      },
    },
    days: {
      type: 'object',
      additionalProperties: false,
      required: ['from', 'to'],
      description:
        'Days of the month on which the step does best, such as pay-day. It waits for them when they begin before the next step and the end of the window, and goes at its own time otherwise. Needs `hours`.',
      properties: {
        from: { ...monthDay, description: 'The first of them.' },
        to: { ...monthDay, description: 'The last, itself included; before `from` it is one of the next month.' },
        zone: { type: 'string', description: 'IANA name of a time zone, no abbreviation. Default Asia/Kolkata.' },
        when: { ...conditions, description: 'Facts for which it waits. Absent: always.' },
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
        properties: {
          when: conditions,
          template,
          variants: {
            type: 'array',
            minItems: 2,
            maxItems: 10,
            description: 'Instead of one template: shares of people, drawn by hash, that add up to 100.',
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['key', 'percent', 'template'],
              properties: { key: name, percent: { type: 'number', minimum: 1, maximum: 99 }, template },
            },
          },
        },
      },
    },
  },
} as const;

/** How what must match a pattern is written, for whoever has written it otherwise. */
export const WRITTEN_AS: ReadonlyMap<string, string> = new Map([
  [duration.pattern, 'Give a length of time such as 90s, 15m, 2h, 7d or 1h30m.'],
  [clock.pattern, 'Give a time of day from 00:00 to 23:59, such as 09:30.'],
  [name.pattern, 'Use lower-case letters, digits and _, a letter first, at most 64 characters.'],
  [factPath.pattern, 'Name a field such as reason.class or properties.city.'],
  [eventName.pattern, 'Give the name of an event as it is sent: printable ASCII, a letter or digit first.'],
]);

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
    hold: {
      type: 'object',
      additionalProperties: false,
      required: ['for'],
      description: 'T waits until it is certain that the trigger is true; of a further trigger the steps that are still to come.',
      properties: {
        when: { ...conditions, description: 'Facts that make a trigger uncertain. Absent: every trigger waits.' },
        for: { ...duration, description: 'How long to wait for certainty.' },
        during: {
          type: 'array',
          minItems: 1,
          maxItems: 5,
          description:
            'Only what comes within these hours waits: until they are over, and `for` longer. A debit that failed in peak hours is tried again after them.',
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['from', 'to'],
            properties: {
              from: clock,
              to: clock,
              zone: { type: 'string', description: 'IANA name of a time zone, no abbreviation. Default Asia/Kolkata.' },
            },
          },
        },
        confirmedBy: { ...events, description: 'Events that say it really failed: T begins at once.' },
        onUnknown: { enum: ['enter', 'skip'], description: 'When nobody has said so in time. Default enter.' },
      },
    },
    correlateBy: { ...keyKinds, description: 'The first that the trigger carries names the matter.' },
    reentryAfter: { ...duration, description: 'After a run ended, the same matter may enter again this much later. Default 0s.' },
    correlateWith: {
      type: 'array',
      minItems: 1,
      maxItems: 3,
      items: factPath,
      description: 'Facts that name the matter together with that key, such as properties.due_date of a mandate.',
    },
    reentryAfterForPerson: { ...duration, description: 'A person enters once in so long, whatever the matter. Default 0s.' },
    maxEntries: { type: 'integer', minimum: 1, maximum: 100, description: 'How often one matter may enter at all.' },
    attempts: {
      enum: ['attach', 'restart', 'restart_when_engaged'],
      description:
        'A further trigger of a live matter: keep T (default), begin T anew, or anew when a message was answered. Until the first step has had its turn T stays: who tries every minute would hear nothing.',
    },
    maxLaps: { type: 'integer', minimum: 1, maximum: 10, description: 'How often T may begin. Default 3.' },
    goal: {
      type: 'object',
      additionalProperties: false,
      required: ['events', 'by'],
      properties: {
        ...goal,
        or: {
          type: 'array',
          minItems: 1,
          maxItems: 10,
          description: 'Other ways to reach it.',
          items: { type: 'object', additionalProperties: false, required: ['events', 'by'], properties: goal },
        },
      },
    },
    exits: {
      type: 'array',
      maxItems: 20,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['event', 'reason'],
        properties: {
          event: { ...eventName, description: 'The trigger itself only with conditions: a further attempt that ends it.' },
          reason: {
            ...name,
            description:
              'Why the run ends. `refunded` and `order_cancelled`: such an event that comes within seven days after the goal, about the order or payment that reached it, takes the recovery back, and a cancellation all of it.',
          },
          by: { ...keyKinds, description: 'The keys it may arrive by. Default: those of the goal.' },
          where: goal.where,
        },
      },
    },
    silence: {
      type: 'array',
      maxItems: 20,
      items: eventName,
      description: 'Events after which nothing is sent although the goal is open.',
    },
    window: { ...duration, description: 'From T: after this nothing is sent.' },
    lateGoal: {
      ...duration,
      description: 'From T: a goal after the window and until here is a late success. Default 3d: banks settle so late.',
    },
    postpone: {
      type: 'object',
      additionalProperties: false,
      required: ['events'],
      description: 'A customer who is in the shop right now is not called back to it.',
      properties: {
        events: { ...events, description: 'Events that show the customer in the app or at the checkout.' },
        within: { ...duration, description: 'Seen so recently. Default 3m.' },
        by: { ...duration, description: 'The step comes so much later. Default 5m, never beyond its maxDelay.' },
        most: { type: 'integer', minimum: 1, maximum: 20, description: 'So often at most for one step. Default 3.' },
      },
    },
    maxMessages: {
      type: 'integer',
      minimum: 1,
      maximum: 50,
      description: 'Most messages of one run, all laps together. Default: its steps, at least 3.',
    },
    incidents: {
      enum: ['hold', 'ignore'],
      description:
        'While the method, bank or gateway of the trigger (properties.method, .bank, .gateway) fails far more often than usual: hold due steps (default), or go on.',
    },
    legalHours: {
      type: 'array',
      uniqueItems: true,
      items: { enum: LEGAL_HOURS_NAMES },
      description: 'Hours set by law for every step. Those of promotional SMS apply to marketing by SMS without being named.',
    },
    holdoutPercent: {
      type: 'number',
      minimum: 0,
      maximum: 50,
      description: 'Share of people who get nothing, to compare with. Default 10.',
    },
    steps: { type: 'array', minItems: 1, maxItems: 50, items: step },
  },
} as const;
