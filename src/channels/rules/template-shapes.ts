import { type ChannelDescription, type Content } from '@wapas/provider-kit';

type Template = Readonly<Record<string, unknown>>;
interface PlacedText {
  readonly at: string;
  readonly text: string;
}

/** What a channel's templates look like, and how their rendered texts become a provider's content. */
export interface TemplateShape {
  faultsOf(template: Template): { at: string; code: string; detail: string }[];
  textsOf(template: Template): PlacedText[];
  contentOf(template: Template, rendered: ReadonlyMap<string, string>): Content;
}

/** `{ title, body, deepLink? }` */
const push: TemplateShape = {
  faultsOf: (template) => wanted(template, ['title', 'body'], ['deepLink']),
  textsOf: (template) => textFields(template, ['title', 'body', 'deepLink']),
  contentOf: (_template, rendered) => ({
    title: rendered.get('/title') ?? '',
    body: rendered.get('/body') ?? '',
    deepLink: rendered.get('/deepLink'),
  }),
};

/** `{ name, language, body: [text, …], button?: text }`: an approved template and its parameters in order. */
const whatsapp: TemplateShape = {
  faultsOf: (template) => {
    const faults = wanted(template, ['name', 'language'], ['button'], ['body']);
    if (!Array.isArray(template.body) || template.body.some((text) => typeof text !== 'string'))
      faults.push({
        at: '/body',
        code: 'bad_template',
        detail: 'Give a list of texts, one for each placeholder of the approved template; [] for none.',
      });
    return faults;
  },
  textsOf: (template) => [
    ...(template.body as string[]).map((text, index) => ({ at: `/body/${index}`, text })),
    ...textFields(template, ['button']),
  ],
  contentOf: (template, rendered) => ({
    template: String(template.name),
    language: String(template.language),
    body: (template.body as string[]).map((_text, index) => rendered.get(`/body/${index}`) ?? ''),
    buttonSuffix: rendered.get('/button'),
  }),
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
