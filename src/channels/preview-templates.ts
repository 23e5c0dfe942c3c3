import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock } from '@wapas/database';
import { type Content, type WhatsAppContent } from '@wapas/provider-kit';
import { CONFIG, type Config } from '../config/config';
import { KeepPrices, type Price } from './keep-prices';
import { LintTemplates } from './lint-templates';
import { ProviderRegistry } from './provider-registry';
import { type Finding } from './rules/lint/linted';
import { TOO_MANY_PARTS } from './rules/lint/parts-rule';
import { type TemplateFacts } from './rules/render';
import { dayIn } from './rules/spend';
import { type SmsParts, smsPartsOf } from './rules/sms-parts';
import { isShapeless, Templates } from './templates';

export interface PreviewAsk {
  readonly channel: string;
  readonly template: Readonly<Record<string, unknown>>;
  readonly facts: TemplateFacts;
  /** One language alone. */
  readonly locale?: string;
  /** Where it would go, ISO 3166; absent: to the own country. */
  readonly country?: string;
  /** Which consent it would need; absent: service. */
  readonly purpose?: 'service' | 'marketing';
}

/** What one language of a template would say. */
export interface PreviewedText {
  /** Null: there is no choice. */
  readonly locale: string | null;
  /** The variable that has no value; null: it can be rendered. */
  readonly missing: string | null;
  /** The rendered fields by name. */
  readonly fields: Readonly<Record<string, string>>;
  /** All of what the handset shows; null when the registered text is not known, or a value does not fit it. */
  readonly text: string | null;
  readonly sms: SmsParts | null;
  /** What one such message costs; null: there is no rate, or its length is not known. */
  readonly price: (Price & { readonly units: number }) | null;
}

/** As long as a real one, and no link of anybody. */
const SAMPLE_TOKEN = 'SampleToken';

/** Shows what a template would say, in every language it is there in, how many SMS it takes and what it costs. Sends nothing. */
@Injectable()
export class PreviewTemplates {
  constructor(
    @Inject(Templates) private readonly templates: Templates,
    @Inject(LintTemplates) private readonly lintTemplates: LintTemplates,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(CONFIG) private readonly config: Pick<Config, 'businessZone'>,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(KeepPrices) private readonly prices: KeepPrices,
  ) {}

  /** Everything that would keep it from being published, and what it says as far as it can be rendered. */
  async preview(ask: PreviewAsk): Promise<{ faults: Finding[]; previews: PreviewedText[] }> {
    const { channel, template, locale } = ask;
    const written = this.templates.faultsOf(channel, template);
    if (written.some(isShapeless)) return { faults: written, previews: [] };
    const locales = this.templates.localesOf(channel, template);
    const wanted = locale === undefined ? locales : locales.filter((one) => one === locale);
    const asked = locales.length === 0 ? [null] : wanted;
    await this.prices.look();
    const shown = asked.map((one) => this.previewIn(ask, one));
    const previews = shown.map(({ preview }) => preview);
    const known = new Set(written.map(({ at, code }) => `${at} ${code}`));
    const filled = shown.flatMap(({ values }) => values).filter(({ at, code }) => !known.has(`${at} ${code}`));
    const faults = [...written, ...filled];
    // The samples that were given are nearer to the truth than those that the linter makes up.
    const counted = previews.flatMap(({ sms }) => (sms === null ? [] : [sms]));
    if (counted.length === 0) return { faults, previews };
    const others = faults.filter(({ code }) => code !== TOO_MANY_PARTS);
    return {
      faults: [...others, ...counted.flatMap((parts) => this.lintTemplates.faultsOfLength(template['id'], parts))],
      previews,
    };
  }

  /** With what a send would be refused for because of these values. */
  private previewIn(ask: PreviewAsk, locale: string | null): { preview: PreviewedText; values: Finding[] } {
    const { channel, template, facts } = ask;
    const { prefix } = this.lintTemplates.link;
    const link = { url: `${prefix}${SAMPLE_TOKEN}`, token: SAMPLE_TOKEN };
    // The event's own word would choose for itself: every language is shown.
    const properties = locale === null ? facts.properties : { ...facts.properties, locale };
    const rendered = this.templates.render(channel, template, { ...facts, properties }, link, locale);
    if (!rendered.ok)
      return { preview: { locale, missing: rendered.missing, fields: {}, text: null, sms: null, price: null }, values: [] };
    const { content } = rendered;
    const text = this.textOf(channel, content);
    const sms = channel === 'sms' && text !== null ? smsPartsOf(text) : null;
    return {
      preview: { locale, missing: null, fields: fieldsOf(content), text, sms, price: this.priceOf(ask, content, sms) },
      values: this.lintTemplates.faultsOfValues(content),
    };
  }

  private textOf(channel: string, content: Content): string | null {
    if ('variables' in content) return this.lintTemplates.smsTextOf(content);
    if ('language' in content) return this.whatsAppText(content);
    const fields = fieldsOf(content);
    return channel === 'push' ? `${fields['title']}\n${fields['body']}` : Object.values(fields).join('\n');
  }

  private whatsAppText({ template, language, body, bodyNames, header, buttonSuffix }: WhatsAppContent): string | null {
    const vendor = this.lintTemplates.vendorTemplate(template, language);
    if (!vendor) return null;
    const value = (name: string): string => {
      const at = bodyNames === undefined ? Number(name) - 1 : bodyNames.indexOf(name);
      return body[at] ?? `{{${name}}}`;
    };
    const filled = (text: string): string => text.replace(/\{\{(\w+)\}\}/g, (_whole, name: string) => value(name));
    const head = header?.kind === 'text' ? header.text : vendor.header?.text;
    const buttons = vendor.buttons.map(({ text, url, hasVariable }) =>
      url === undefined ? `[${text}]` : `[${text}] ${url}${hasVariable ? (buttonSuffix ?? '') : ''}`,
    );
    return [head, filled(vendor.body.text), vendor.footer, ...buttons].filter((one) => one !== undefined).join('\n');
  }

  private priceOf(
    { channel, country: abroad, purpose }: PreviewAsk,
    content: Content,
    sms: SmsParts | null,
  ): PreviewedText['price'] {
    if (channel === 'sms' && sms === null) return null;
    const provider = this.providers.ofChannel(channel)[0];
    const category = provider === undefined ? null : this.lintTemplates.sentAs(provider.name, content, purpose);
    const on = dayIn(this.config.businessZone, this.clock.now());
    const country = provider?.addressKind === 'phone' ? abroad : undefined;
    const price = this.prices.of({ channel, provider: provider?.name ?? null, category, country, on });
    return price === null ? null : { ...price, units: sms?.parts ?? 1 };
  }
}

function fieldsOf(content: Content): Record<string, string> {
  if ('variables' in content) return { ...content.variables };
  if ('fields' in content) return { ...content.fields };
  if ('language' in content) {
    const { body, bodyNames, buttonSuffix } = content;
    const named = Object.fromEntries(body.map((text, index) => [bodyNames?.[index] ?? String(index + 1), text]));
    return buttonSuffix === undefined ? named : { ...named, button: buttonSuffix };
  }
  return Object.fromEntries(Object.entries(content).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
