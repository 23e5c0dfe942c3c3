import { isRecord } from '@wapas/kernel';
import { type ChannelDescription, type Content, type WhatsAppContent } from '@wapas/provider-kit';

import { type TextSink } from './render';

type Template = Readonly<Record<string, unknown>>;

/** One text of a template, and where in it it stands. */
export interface PlacedText {
  readonly at: string;
  readonly text: string;
  /** Words to be read when absent. */
  readonly sink?: TextSink;
}

/** What a channel's templates look like, and how their rendered texts become a provider's content. */
export interface TemplateShape {
  faultsOf(template: Template): { at: string; code: string; detail: string }[];
  textsOf(template: Template): PlacedText[];
  contentOf(template: Template, rendered: ReadonlyMap<string, string>): Content;
}

const PUSH_EXTRAS = ['deepLink', 'collapseKey', 'androidChannel', 'clickAction', 'label'] as const;

/** `{ title, body, deepLink?, collapseKey?, androidChannel?, clickAction?, label? }` */
const push: TemplateShape = {
  faultsOf: (template) => [
    ...wanted(template, ['title', 'body'], PUSH_EXTRAS),
    ...tooLong(template),
    ...faultOfDeepLink(template.deepLink),
  ],
  textsOf: (template) =>
    textFields(template, ['title', 'body', ...PUSH_EXTRAS]).map((one) =>
      one.at === '/deepLink' ? { ...one, sink: 'address' } : one,
    ),
  contentOf: (_template, rendered) => ({
    title: rendered.get('/title') ?? '',
    body: rendered.get('/body') ?? '',
    ...Object.fromEntries(PUSH_EXTRAS.flatMap((name) => (rendered.has(`/${name}`) ? [[name, rendered.get(`/${name}`)]] : []))),
  }),
};

/** What an app must not open because a message says so. A UPI address that no gateway gave takes money that nobody hears of. */
const UNFIT_SCHEMES = ['about', 'blob', 'content', 'data', 'file', 'intent', 'javascript', 'upi', 'vbscript'];

function faultOfDeepLink(link: unknown): { at: string; code: string; detail: string }[] {
  if (typeof link !== 'string' || link.startsWith('{{')) return [];
  const [, scheme] = /^([a-z][a-z0-9+.-]*):/i.exec(link) ?? [];
  if (scheme !== undefined && !UNFIT_SCHEMES.includes(scheme.toLowerCase())) return [];
  return [
    {
      at: '/deepLink',
      code: 'bad_address',
      detail: `Give an https address or one of your app's own, such as shop://orders/42${scheme === undefined ? '' : `; no ${scheme}:`}.`,
    },
  ];
}

/** FCM takes 4,096 bytes of a message, and our own ids need some of them. A template that is longer by itself never fits. */
const LARGEST_PUSH = 3_800;

function tooLong(template: Template): { at: string; code: string; detail: string }[] {
  const bytes = textFields(template, ['title', 'body', 'deepLink']).reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return bytes <= LARGEST_PUSH
    ? []
    : [{ at: '/body', code: 'too_long', detail: `Title, body and link have ${bytes} bytes; a push holds ${LARGEST_PUSH}.` }];
}

const HEADER_KINDS = ['text', 'image', 'video', 'document'] as const;

/**
 * `{ name, language, body, header?, button?, buttonIndex?, quickReplies? }`: an approved template and its parameters.
 * `body` is a list for positional placeholders, `{ name: text }` for named ones; `header` is `{ image: https address }`
 * or `{ text }`; `quickReplies` is `{ index: payload }`. With `instead`, a list of further ones, which others know of that ask about
 * each by itself.
 */
const whatsapp: TemplateShape = {
  faultsOf: (template) => {
    const faults = wanted(template, ['name', 'language'], ['button'], ['body', 'header', 'buttonIndex', 'quickReplies']);
    const wrong = (at: string, detail: string): void => void faults.push({ at, code: 'bad_template', detail });
    if (!(Array.isArray(template.body) ? template.body.every(isText) : isTexts(template.body)))
      wrong(
        '/body',
        'Give a list of texts, one for each placeholder of the approved template, or { name: text } for named ones; [] for none.',
      );
    const header = template.header ?? {};
    if (
      !isTexts(header) ||
      Object.keys(header).length > 1 ||
      !Object.keys(header).every((kind) => HEADER_KINDS.includes(kind as 'text'))
    )
      wrong('/header', 'Give one of text, image, video or document with its text or https address.');
    if (
      !isTexts(template.quickReplies ?? {}) ||
      !Object.keys(template.quickReplies ?? {}).every((index) => /^[0-9]$/.test(index))
    )
      wrong(
        '/quickReplies',
        'Give the payload of each quick-reply button by its place among all buttons, such as { "1": "stop" }.',
      );
    if (
      template.buttonIndex !== undefined &&
      !(Number.isInteger(template.buttonIndex) && Number(template.buttonIndex) >= 0 && Number(template.buttonIndex) <= 9)
    )
      wrong('/buttonIndex', 'Give the place of the URL button among all buttons, 0 to 9.');
    return faults;
  },
  textsOf: (template) => [
    ...entriesAt('/body', template.body),
    ...textFields(template, ['button']).map((one): PlacedText => ({ ...one, sink: 'address_end' })),
    ...entriesAt('/header', template.header).map((one): PlacedText =>
      one.at === '/header/text' ? one : { ...one, sink: 'address' },
    ),
    ...entriesAt('/quickReplies', template.quickReplies),
  ],
  contentOf: (template, rendered): WhatsAppContent => {
    const text = (at: string): string => rendered.get(at) ?? '';
    const [kind] = Object.keys((template.header as object | undefined) ?? {}) as (typeof HEADER_KINDS)[number][];
    const quickReplies = Object.keys((template.quickReplies as object | undefined) ?? {});
    return {
      template: String(template.name),
      language: String(template.language),
      body: entriesAt('/body', template.body).map(({ at }) => text(at)),
      ...(Array.isArray(template.body) ? {} : { bodyNames: Object.keys(template.body as object) }),
      buttonSuffix: rendered.get('/button'),
      ...(template.buttonIndex === undefined ? {} : { buttonIndex: Number(template.buttonIndex) }),
      ...(kind === undefined
        ? {}
        : { header: kind === 'text' ? { kind, text: text('/header/text') } : { kind, link: text(`/header/${kind}`) } }),
      ...(quickReplies.length === 0
        ? {}
        : { quickReplies: quickReplies.map((index) => ({ index: Number(index), payload: text(`/quickReplies/${index}`) })) }),
    };
  },
};

/** `{ id, variables: { NAME: text } }`: a DLT-registered template and its variables. */
const sms: TemplateShape = {
  faultsOf: (template) => {
    const faults = wanted(template, ['id'], [], ['variables']);
    const { variables } = template;
    if (
      typeof variables !== 'object' ||
      variables === null ||
      Array.isArray(variables) ||
      Object.values(variables).some((text) => typeof text !== 'string')
    )
      faults.push({
        at: '/variables',
        code: 'bad_template',
        detail: 'Give a text for each variable of the registered template.',
      });
    return faults;
  },
  textsOf: (template) =>
    Object.entries(template.variables as Record<string, string>).map(([name, text]) => ({ at: `/variables/${name}`, text })),
  contentOf: (template, rendered) => ({
    template: String(template.id),
    variables: Object.fromEntries(
      Object.keys(template.variables as object).map((name) => [name, rendered.get(`/variables/${name}`) ?? '']),
    ),
  }),
};

const SHAPES: Readonly<Record<string, TemplateShape>> = { push, whatsapp, sms };

export function shapeOf(channel: string): TemplateShape | undefined {
  return Object.hasOwn(SHAPES, channel) ? SHAPES[channel] : undefined;
}

/** The shape of a channel that a provider describes: one text for each of its fields. */
export function shapeOfDescription({ fields }: ChannelDescription): TemplateShape {
  const names = fields.map(({ name }) => name);
  const required = fields.filter((field) => field.required).map(({ name }) => name);
  return {
    faultsOf: (template) =>
      wanted(
        template,
        required,
        names.filter((name) => !required.includes(name)),
      ),
    textsOf: (template) => textFields(template, names),
    contentOf: (_template, rendered) => ({
      fields: Object.fromEntries(
        names.flatMap((name) => (rendered.has(`/${name}`) ? [[name, rendered.get(`/${name}`) as string]] : [])),
      ),
    }),
  };
}

function wanted(
  template: Template,
  required: readonly string[],
  optional: readonly string[],
  others: readonly string[] = [],
): { at: string; code: string; detail: string }[] {
  const missing = required
    .filter((field) => typeof template[field] !== 'string' || template[field] === '')
    .map((field) => ({ at: `/${field}`, code: 'bad_template', detail: `The template needs a text "${field}".` }));
  const notText = optional
    .filter((field) => template[field] !== undefined && typeof template[field] !== 'string')
    .map((field) => ({ at: `/${field}`, code: 'bad_template', detail: `"${field}" must be a text.` }));
  const known = [...required, ...optional, ...others];
  const unknown = Object.keys(template)
    .filter((field) => !known.includes(field))
    .map((field) => ({
      at: `/${field}`,
      code: 'unknown_field',
      detail: `The template knows ${known.join(', ')}.`,
    }));
  return [...missing, ...notText, ...unknown];
}

function textFields(template: Template, fields: readonly string[]): PlacedText[] {
  return fields.flatMap((field) => (typeof template[field] === 'string' ? [{ at: `/${field}`, text: template[field] }] : []));
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTexts = (value: unknown): value is Record<string, string> => isRecord(value) && Object.values(value).every(isText);

/** The texts of a list or of named texts, each at its place. */
function entriesAt(at: string, value: unknown): PlacedText[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [{ at: `${at}/${name}`, text }] : []));
}
