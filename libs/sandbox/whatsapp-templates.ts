import { type WhatsAppTemplate } from './options';
import { problem, type WhatsAppProblem } from './whatsapp-errors';
import { type Call, type Json, parseObject } from './wire';

/** What Meta's webhooks say of a template that changed: field and value of one change. */
export interface TemplateChange {
  readonly field: string;
  readonly value: object;
}

export const APPROVED = 'APPROVED';
export const statusOf = ({ status = APPROVED }: WhatsAppTemplate): string => status;

/** The templates of the account and what became of each; null templates: none were given, and every name passes. */
export class TemplateBook {
  private readonly templates = new Map<string, WhatsAppTemplate>();
  private readonly isOpen: boolean;

  /** `prefixes`: the fixed part of link buttons whose template does not say it. */
  constructor(
    templates: readonly WhatsAppTemplate[] | undefined,
    private readonly prefixes: Readonly<Record<string, string>>,
  ) {
    this.isOpen = templates === undefined;
    for (const one of templates ?? []) this.templates.set(keyOf(one), this.complete(one));
  }

  find(name: string, language: string): WhatsAppTemplate | undefined {
    return this.templates.get(keyOf({ name, language }));
  }

  /** Why a send may not use it; null: it may. A paused or disabled one has codes of its own (developers.facebook.com, Cloud API, error codes, read 2026-11-28). */
  problemWith(name: string, language: string): WhatsAppProblem | null {
    const template = this.find(name, language);
    if (template === undefined && this.isOpen) return null;
    const status = template ? statusOf(template) : 'none';
    if (status === APPROVED) return null;
    if (status === 'PAUSED') return problem(132015, `Template ${name} is paused`);
    if (status === 'DISABLED') return problem(132016, `Template ${name} is disabled`);
    return problem(132001, `Template ${name} does not exist in ${language}`);
  }

  /** What Meta charges a message of it as, in the word of `pricing`. One that is not known passes as utility. */
  pricedAs(name: string, language: string): string {
    const template = this.find(name, language);
    return (template === undefined ? UTILITY : categoryOf(template)).toLowerCase();
  }

  /** `GET /:version/:account/message_templates`, in pages with cursors. */
  page({ query }: Call, address: string): Json {
    const limit = Math.min(Math.max(1, Number(query.get('limit') ?? 25) || 25), 100);
    const from = Number(Buffer.from(query.get('after') ?? '', 'base64url').toString()) || 0;
    const all = [...this.templates.values()];
    const shown = all.slice(from, from + limit);
    const after = Buffer.from(String(from + shown.length)).toString('base64url');
    const hasMore = from + shown.length < all.length;
    return {
      data: shown.map(asListed),
      ...(shown.length > 0 && {
        paging: {
          cursors: { before: Buffer.from(String(from)).toString('base64url'), after },
          ...(hasMore && { next: `${address}?limit=${limit}&after=${after}` }),
        },
      }),
    };
  }

  /** Registers or changes one, and gives what Meta tells of it. */
  change(wanted: WhatsAppTemplate): readonly TemplateChange[] {
    const before = this.find(wanted.name, wanted.language);
    const after = this.complete({ ...before, ...wanted });
    this.templates.set(keyOf(after), after);
    const about = {
      message_template_id: idOf(after),
      message_template_name: after.name,
      message_template_language: after.language,
    };
    const changes: TemplateChange[] = [];
    if (before === undefined || statusOf(before) !== statusOf(after))
      changes.push({ field: 'message_template_status_update', value: { event: statusOf(after), reason: 'NONE', ...about } });
    if (before?.quality !== after.quality)
      changes.push({
        field: 'message_template_quality_update',
        value: { previous_quality_score: before?.quality ?? 'UNKNOWN', new_quality_score: after.quality, ...about },
      });
    if (before !== undefined && categoryOf(before) !== categoryOf(after))
      changes.push({
        field: 'template_category_update',
        value: { previous_category: categoryOf(before), new_category: categoryOf(after), ...about },
      });
    return changes;
  }

  private complete(template: WhatsAppTemplate): WhatsAppTemplate {
    const prefix = this.prefixes[template.name] ?? this.prefixes['*'];
    return template.button === undefined || template.buttonUrl !== undefined || prefix === undefined
      ? template
      : { ...template, buttonUrl: `${prefix}{{1}}` };
  }
}

const STATUSES = [APPROVED, 'PENDING', 'REJECTED', 'PAUSED', 'DISABLED', 'IN_APPEAL', 'ARCHIVED'];
const CATEGORIES = ['UTILITY', 'MARKETING', 'AUTHENTICATION'];
const TEXTS = ['body', 'button', 'buttonUrl', 'header', 'footer', 'quality'] as const;

/** `{name, language, status?, category?, quality?, body?, button?, buttonUrl?, header?, footer?, parameterFormat?, ttlSeconds?}` */
export function readTemplate(body: string): WhatsAppTemplate | string {
  const given = parseObject(body);
  if (given === null || typeof given.name !== 'string' || typeof given.language !== 'string')
    return 'Give name and language, and what is to change';
  const wrong = TEXTS.find((name) => given[name] !== undefined && typeof given[name] !== 'string');
  if (wrong) return `${wrong} is a text`;
  if (given.status !== undefined && !STATUSES.includes(given.status as string)) return `status is one of ${STATUSES.join(', ')}`;
  if (given.category !== undefined && !CATEGORIES.includes(given.category as string))
    return `category is one of ${CATEGORIES.join(', ')}`;
  if (given.ttlSeconds !== undefined && typeof given.ttlSeconds !== 'number') return 'ttlSeconds is a number';
  const known = [...TEXTS, 'name', 'language', 'status', 'category', 'parameterFormat', 'ttlSeconds'];
  return Object.fromEntries(Object.entries(given).filter(([name]) => known.includes(name))) as unknown as WhatsAppTemplate;
}

const keyOf = ({ name, language }: { name: string; language: string }): string => `${name}/${language}`;
const UTILITY = 'UTILITY';
const categoryOf = ({ category = UTILITY }: WhatsAppTemplate): string => category;
const idOf = (template: WhatsAppTemplate): number =>
  [...keyOf(template)].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) % 1e9, 7);

function asListed(template: WhatsAppTemplate): Json {
  const { name, language, header, body, footer, button, buttonUrl, quality, parameterFormat, ttlSeconds } = template;
  return {
    name,
    language,
    status: statusOf(template),
    category: categoryOf(template),
    quality_score: { score: quality ?? 'UNKNOWN' },
    parameter_format: parameterFormat ?? 'POSITIONAL',
    components: [
      ...(header === undefined ? [] : [{ type: 'HEADER', format: 'TEXT', text: header }]),
      ...(body === undefined ? [] : [{ type: 'BODY', text: body }]),
      ...(footer === undefined ? [] : [{ type: 'FOOTER', text: footer }]),
      ...(button === undefined ? [] : [{ type: 'BUTTONS', buttons: [{ type: 'URL', text: button, url: buttonUrl }] }]),
    ],
    message_send_ttl_seconds: ttlSeconds ?? -1,
    id: String(idOf(template)),
  };
}

/** What a send must give for the button of this template: null when its address is fixed, or nothing is known of it. */
export const wantsSuffix = ({ button, buttonUrl }: WhatsAppTemplate): boolean | null =>
  button === undefined ? false : buttonUrl === undefined ? null : /\{\{\w+\}\}$/.test(buttonUrl);

export const isNamed = (template: WhatsAppTemplate): boolean => template.parameterFormat === 'NAMED';
