import { type PushShown } from './ledger';
import { isObject, type Json } from './wire';

export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

export interface FcmMessage {
  readonly validateOnly: boolean;
  readonly address: string;
  readonly shown: PushShown;
}

export type FcmReading =
  { readonly ok: true; readonly message: FcmMessage } | { readonly ok: false; readonly violations: readonly FieldViolation[] };

/** Reads a `messages:send` body by the rules of FCM HTTP v1 (firebase.google.com, projects.messages, read 2026-11-23). */
export function readFcmMessage(body: string): FcmReading {
  const parsed = parseLoosely(body);
  if (!isObject(parsed)) return refuse([{ field: '', description: 'Invalid JSON payload received.' }]);
  const violations: FieldViolation[] = [];
  const request = readShape(REQUEST, parsed, '', violations);
  if (violations.length > 0) return refuse(violations);
  const message = isObject(request.message) ? request.message : {};
  const broken = RULES.flatMap((rule) => rule(message));
  return broken.length > 0 ? refuse(broken) : { ok: true, message: toMessage(request.validateOnly === true, message) };
}

const refuse = (violations: readonly FieldViolation[]): FcmReading => ({ ok: false, violations });

function parseLoosely(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined; // Answered as Google answers what is not JSON.
  }
}

/** What a field may hold. A nested table is a message of its own; `struct` is free JSON that FCM passes on unread. */
type Kind = 'string' | 'boolean' | 'number' | 'strings' | 'textMap' | 'struct' | Shape;
interface Shape {
  readonly [field: string]: Kind;
}

/** Field names of the discovery document 20250228. A name that is not here is refused by the real server too: proto3 JSON. */
const REQUEST: Shape = {
  validateOnly: 'boolean',
  message: {
    name: 'string',
    token: 'string',
    topic: 'string',
    condition: 'string',
    data: 'textMap',
    notification: { title: 'string', body: 'string', image: 'string' },
    fcmOptions: { analyticsLabel: 'string' },
    android: {
      collapseKey: 'string',
      priority: 'string',
      ttl: 'string',
      restrictedPackageName: 'string',
      directBootOk: 'boolean',
      bandwidthConstrainedOk: 'boolean',
      data: 'textMap',
      fcmOptions: { analyticsLabel: 'string' },
      notification: {
        ...texts('title body icon color sound tag clickAction bodyLocKey titleLocKey channelId ticker eventTime image'),
        ...texts('notificationPriority visibility proxy'),
        bodyLocArgs: 'strings',
        titleLocArgs: 'strings',
        vibrateTimings: 'strings',
        sticky: 'boolean',
        localOnly: 'boolean',
        defaultSound: 'boolean',
        defaultVibrateTimings: 'boolean',
        defaultLightSettings: 'boolean',
        bypassProxyNotification: 'boolean',
        notificationCount: 'number',
        lightSettings: 'struct',
      },
    },
    apns: {
      headers: 'textMap',
      payload: 'struct',
      liveActivityToken: 'string',
      fcmOptions: { analyticsLabel: 'string', image: 'string' },
    },
    webpush: {
      headers: 'textMap',
      data: 'textMap',
      notification: 'struct',
      fcmOptions: { link: 'string', analyticsLabel: 'string' },
    },
  },
};

function texts(names: string): Shape {
  return Object.fromEntries(names.split(' ').map((name) => [name, 'string' as const]));
}

/** Gives the object in lowerCamelCase; adds a violation for every name and type that proto3 JSON would not take. */
function readShape(shape: Shape, value: Json, path: string, violations: FieldViolation[]): Json {
  const read: Record<string, unknown> = {};
  for (const [given, field] of Object.entries(value)) {
    if (field === null) continue; // proto3 JSON: null is the same as absent.
    const name = given.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const kind = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (kind === undefined) violations.push(unknownName(given, path));
    else read[name] = readKind(kind, field, path === '' ? name : `${path}.${name}`, violations);
  }
  return read;
}

function readKind(kind: Kind, value: unknown, path: string, violations: FieldViolation[]): unknown {
  if (kind === 'textMap') return readTextMap(value, path, violations);
  if (typeof kind === 'object') {
    if (isObject(value)) return readShape(kind, value, path, violations);
    violations.push(invalidValue(path, 'MESSAGE', value));
    return {};
  }
  if (!FITS[kind](value)) violations.push(invalidValue(path, TYPE_NAMES[kind], value));
  return value;
}

type Plain = Exclude<Kind, Shape | 'textMap'>;

const FITS: Readonly<Record<Plain, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  strings: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  struct: isObject,
};

const TYPE_NAMES: Readonly<Record<Plain, string>> = {
  string: 'TYPE_STRING',
  boolean: 'TYPE_BOOL',
  number: 'TYPE_INT32',
  strings: 'TYPE_STRING',
  struct: 'type.googleapis.com/google.protobuf.Struct',
};

function readTextMap(value: unknown, path: string, violations: FieldViolation[]): Json {
  if (!isObject(value)) {
    violations.push(invalidValue(path, 'MAP', value));
    return {};
  }
  Object.values(value).forEach((each, index) => {
    if (typeof each !== 'string') violations.push(invalidValue(`${path}[${index}].value`, 'TYPE_STRING', each));
  });
  return value;
}

function unknownName(name: string, path: string): FieldViolation {
  const at = path === '' ? '' : ` at '${path}'`;
  return { field: path, description: `Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.` };
}

function invalidValue(path: string, type: string, value: unknown): FieldViolation {
  return { field: path, description: `Invalid value at '${path}' (${type}), ${JSON.stringify(value)}` };
}

type Rule = (message: Json) => FieldViolation[];

const violation = (field: string, description: string): FieldViolation[] => [{ field, description }];
const section = (message: Json, name: string): Json => (isObject(message[name]) ? message[name] : {});

/** What the field types alone do not say. */
const RULES: readonly Rule[] = [
  function oneTarget(message) {
    const targets = ['token', 'topic', 'condition'].filter((name) => message[name] !== undefined && message[name] !== '');
    if (targets.length === 1) return [];
    return violation('message', 'Exactly one of token, topic or condition is required');
  },
  function reservedKeys(message) {
    const reserved = Object.keys(section(message, 'data')).find(isReserved);
    return reserved === undefined ? [] : violation('message.data', `Invalid data payload key: ${reserved}`);
  },
  function size(message) {
    const limit = message.token === undefined ? 2_048 : 4_096;
    return payloadBytes(message) <= limit ? [] : violation('message', `Message is too big: at most ${limit} bytes`);
  },
  function timeToLive(message) {
    const { ttl } = section(message, 'android');
    if (ttl === undefined) return [];
    const seconds = /^(\d+(?:\.\d{1,9})?)s$/.exec(ttl as string)?.[1];
    if (seconds === undefined) {
      return [invalidValue('message.android.ttl', 'type.googleapis.com/google.protobuf.Duration', ttl)];
    }
    return Number(seconds) <= FOUR_WEEKS ? [] : violation('message.android.ttl', 'Invalid ttl: at most 4 weeks (2419200s)');
  },
  function priority(message) {
    const given = section(message, 'android').priority;
    if (given === undefined || /^(normal|high)$/i.test(given as string)) return [];
    return [invalidValue('message.android.priority', 'TYPE_ENUM', given)];
  },
  function webLink(message) {
    const { link } = section(section(message, 'webpush'), 'fcmOptions');
    if (link === undefined || (link as string).startsWith('https://')) return [];
    return violation('message.webpush.fcm_options.link', 'The link must be an HTTPS address');
  },
];

const FOUR_WEEKS = 2_419_200;

/** `from`, `message_type`, and what begins with `google` or `gcm` (older text; the newer one is narrower: the strict reading is safe for senders). */
const isReserved = (key: string): boolean => /^(from$|message_type$|google|gcm)/.test(key);

function payloadBytes(message: Json): number {
  const { title = '', body = '' } = section(message, 'notification');
  const parts = Object.entries(section(message, 'data')).flat().concat(title, body) as string[];
  return parts.reduce((bytes, part) => bytes + Buffer.byteLength(part), 0);
}

function toMessage(validateOnly: boolean, message: Json): FcmMessage {
  const notification = section(message, 'notification');
  const android = section(message, 'android');
  const { tag } = section(android, 'notification');
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const optional = (name: string, value: unknown): Json => (typeof value === 'string' ? { [name]: value } : {});
  return {
    validateOnly,
    address: addressOf(message),
    shown: {
      title: text(notification.title),
      body: text(notification.body),
      data: section(message, 'data') as Readonly<Record<string, string>>,
      ...optional('ttl', android.ttl),
      ...optional('collapseKey', android.collapseKey),
      ...optional('tag', tag),
    },
  };
}

function addressOf({ token, topic, condition }: Json): string {
  if (typeof token === 'string') return token;
  return typeof topic === 'string' ? `/topics/${topic}` : String(condition);
}
