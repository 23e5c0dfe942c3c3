import { Injectable } from '@nestjs/common';
import { type ChannelDescription, type Content } from '@wapas/provider-kit';
import { type WrittenTemplate } from './lint-templates';
import { type Finding, found, type StepAsk } from './rules/lint/linted';
import { chooseLocale, localeOf, localeOrder } from './rules/locales';
import { faultsOfText, freeValuesIn, renderText, type TemplateFacts, type TemplateLink, usesLink } from './rules/render';
import { type PlacedText, shapeOf, shapeOfDescription, type TemplateShape } from './rules/template-shapes';
import { type KeptText } from './store/text.store';

type Template = Readonly<Record<string, unknown>>;

/** More templates of one message than anybody keeps approved. */
const MOST_OTHERS = 3;

const SHAPELESS: ReadonlySet<string> = new Set([
  'unknown_channel',
  'bad_template',
  'unknown_field',
  'bad_placeholder',
  'no_such_text',
]);

/** What a template with such a fault says cannot be rendered at all. */
export const isShapeless = ({ code }: Finding): boolean => SHAPELESS.has(code);

export type RenderedContent =
  | {
      readonly ok: true;
      readonly content: Content;
      /** Which language was chosen, where there was a choice. */ readonly locale?: string;
    }
  | { readonly ok: false; readonly missing: string; readonly locale?: string };

/** Where templates get what is not in the journey file. Absent parts: nothing is known. */
export interface TemplateSources {
  /** Channels that providers bring along. */
  readonly describe?: (channel: string) => ChannelDescription | undefined;
  /** The rules of the field. */
  readonly lint?: (written: WrittenTemplate, step: StepAsk | null) => readonly Finding[];
  /** Every language of a registered text. */
  readonly texts?: (channel: string, name: string) => readonly KeptText[];
  /** Languages that are tried when somebody's own is not there. */
  readonly locales?: readonly string[];
}

/**
 * Templates as journey files hold them: texts with named variables, in the shape their channel asks for, or the name of a
 * registered text, which is there in several languages: `{ registered: payment_failed }`.
 */
@Injectable()
export class Templates {
  private readonly sources: Required<TemplateSources>;
  /** The texts of a template, by channel: they are filled in far more often than written. */
  private readonly placed = new WeakMap<Template, Map<string, readonly PlacedText[]>>();

  constructor(sources: TemplateSources = {}) {
    this.sources = { describe: () => undefined, lint: () => [], texts: () => [], locales: ['en'], ...sources };
  }

  /** What is wrong with a template for a channel, with pointers into it. Empty: it can be published. `step`: null outside a journey. */
  faultsOf(channel: string, template: Template, step: StepAsk | null = null): Finding[] {
    const shape = this.shapeOf(channel);
    if (!shape) return [{ at: '', code: 'unknown_channel', detail: `There is no channel "${channel}".` }];
    if ('registered' in template) return this.faultsOfRegistered(channel, template, step);
    if (channel === 'whatsapp' && 'instead' in template) return this.faultsOfOthers(channel, template, step);
    const shapeFaults = shape.faultsOf(template);
    if (shapeFaults.length > 0) return shapeFaults;
    const texts = shape.textsOf(template);
    const textFaults = texts.flatMap(({ at, text }) =>
      faultsOfText(text).map((detail) => ({ at, code: 'bad_placeholder', detail })),
    );
    return [
      ...textFaults,
      ...this.sources.lint({ channel, template, texts, usesLink: usesLink(texts.map(({ text }) => text)) }, step),
    ];
  }

  /** Does it print a short link, in whatever language? Then one has to be made before it is rendered. */
  wantsLink(channel: string, template: Template): boolean {
    return this.writtenOf(channel, template).some((one) => usesLink(this.textsIn(channel, one).map(({ text }) => text)));
  }

  /** Whether the person's language matters for it. */
  hasLanguages(template: Template): boolean {
    return 'registered' in template;
  }

  /** Puts facts in place. A missing one gives its name and no content: nothing half-rendered ever leaves. */
  render(
    channel: string,
    template: Template,
    facts: TemplateFacts,
    link: TemplateLink | undefined,
    language: string | null = null,
  ): RenderedContent {
    const shape = this.shapeOf(channel);
    if (!shape) return { ok: false, missing: `channel ${channel}` };
    const chosen = this.choose(channel, template, facts, language);
    if (chosen === null) return { ok: false, missing: 'text' };
    const locale = chosen.locale === null ? {} : { locale: chosen.locale };
    const values = new Map<string, string>();
    for (const { at, text, sink } of this.textsIn(channel, chosen.template)) {
      const rendered = renderText(text, facts, link, sink);
      if (!rendered.ok) return { ...rendered, ...locale };
      values.set(at, rendered.text);
    }
    return { ok: true, content: shape.contentOf(chosen.template, values), ...locale };
  }

  /** What of an event's own properties a template prints: a shop may write anything there. */
  freeValuesOf(channel: string, template: Template, facts: TemplateFacts): string[] {
    return this.writtenOf(channel, template)
      .flatMap((one) => this.textsIn(channel, one))
      .flatMap(({ text }) => freeValuesIn(text, facts));
  }

  /** The languages that a template is there in, in the order in which they are tried for nobody in particular; none: it has no choice. */
  localesOf(channel: string, template: Template): string[] {
    const available = this.textsOf(channel, template).map(({ locale }) => locale);
    const first = localeOrder(null, this.sources.locales).filter((one) => available.includes(one));
    return [...first, ...available.filter((one) => !first.includes(one))];
  }

  /** The event's own word for the language goes before what the person once asked for. */
  private choose(channel: string, template: Template, facts: TemplateFacts, language: string | null) {
    if (!('registered' in template)) return { template, locale: null };
    const texts = this.textsOf(channel, template);
    const wanted = localeOf(facts.properties['locale']) ?? localeOf(facts.properties['language']) ?? localeOf(language);
    const locale = chooseLocale(
      localeOrder(wanted, this.sources.locales),
      texts.map((one) => one.locale),
    );
    const text = texts.find((one) => one.locale === locale);
    return text === undefined ? null : { template: text.fields, locale: text.locale };
  }

  /** Other templates stand beside the first one and are held to the same rules; each has its own fields, and none of them others. */
  private faultsOfOthers(channel: string, { instead, ...template }: Template, step: StepAsk | null): Finding[] {
    const faults = this.faultsOf(channel, template, step);
    if (!Array.isArray(instead) || instead.length === 0 || instead.length > MOST_OTHERS || !instead.every(isTemplate))
      return [
        ...faults,
        found('/instead', 'bad_template', `Give one to ${MOST_OTHERS} templates, each as { name, language, body, … }.`),
      ];
    return [
      ...faults,
      ...instead.flatMap((other, position) =>
        ('instead' in other
          ? [found('/instead', 'unknown_field', 'The other templates stand in one list: they have none of their own.')]
          : this.faultsOf(channel, other, step)
        ).map((fault) => ({ ...fault, at: `/instead/${position}${fault.at}` })),
      ),
    ];
  }

  private faultsOfRegistered(channel: string, template: Template, step: StepAsk | null): Finding[] {
    const texts = this.textsOf(channel, template);
    const name = String(template['registered']);
    if (Object.keys(template).length > 1)
      return [found('/registered', 'unknown_field', 'A registered text stands alone: leave the other fields out.')];
    if (texts.length === 0)
      return [
        found(
          '/registered',
          'no_such_text',
          `Nobody registered the text "${name}". PUT /v1/templates/texts/${channel}/${name}/en, or write it here.`,
        ),
      ];
    const fallback = localeOrder(null, this.sources.locales);
    const faults = chooseLocale(
      fallback,
      texts.map(({ locale }) => locale),
    )
      ? []
      : [
          found(
            '/registered',
            'no_fallback_text',
            `Rule 39. It is there in ${texts.map(({ locale }) => locale).join(', ')} and in none of ${fallback.join(', ')}, which are tried for everybody else (WAPAS_LOCALES). Register one of them.`,
          ),
        ];
    return [
      ...faults,
      ...texts.flatMap(({ locale, category, fields }) => [
        ...(step !== null && category !== step.purpose
          ? [
              found(
                '/registered',
                'category_differs',
                `Rule 13. The text in ${locale} is kept as ${category} and the step says ${step.purpose}. Make them the same.`,
              ),
            ]
          : []),
        ...this.faultsOf(channel, fields, step).map((fault) => ({
          ...fault,
          at: '/registered',
          detail: `${locale}: ${fault.detail}`,
        })),
      ]),
    ];
  }

  private writtenOf(channel: string, template: Template): Template[] {
    return 'registered' in template
      ? this.textsOf(channel, template).map(({ fields }) => fields)
      : [template, ...this.othersOf(template)];
  }

  /** Which templates its author wants tried when this one is out of use, in their order. Of a template that can be published. */
  othersOf({ instead }: Template): readonly Template[] {
    return Array.isArray(instead) ? (instead as readonly Template[]) : [];
  }

  private textsOf(channel: string, { registered }: Template): readonly KeptText[] {
    return typeof registered === 'string' ? this.sources.texts(channel, registered) : [];
  }

  /** Empty when there is no such channel. Of a template that can be published. */
  private textsIn(channel: string, template: Template): readonly PlacedText[] {
    let byChannel = this.placed.get(template);
    if (!byChannel) this.placed.set(template, (byChannel = new Map<string, readonly PlacedText[]>()));
    let texts = byChannel.get(channel);
    if (!texts) byChannel.set(channel, (texts = this.shapeOf(channel)?.textsOf(template) ?? []));
    return texts;
  }

  private shapeOf(channel: string): TemplateShape | undefined {
    const description = this.sources.describe(channel);
    return shapeOf(channel) ?? (description && shapeOfDescription(description));
  }
}

const isTemplate = (value: unknown): value is Template => typeof value === 'object' && value !== null && !Array.isArray(value);
