import { Inject, Injectable } from '@nestjs/common';
import { type Content, type WhatsAppContent } from '@wapas/provider-kit';
import { CONFIG, type Config } from '../config/config';
import { KeepPauses } from './keep-pauses';
import { ProviderRegistry } from './provider-registry';
import { KeepTexts } from './keep-texts';
import { RegisterTemplates } from './register-templates';
import { type DltTemplate, faultOfOwnValue, type FilledTemplate, fillDltTemplate, mendOfValue } from './rules/dlt-template';
import { type LegalWindow } from './rules/legal-window';
import { type ListedAddress } from './rules/lint/addresses';
import { lintDraft, lintMessage } from './rules/lint/lint';
import {
  type DraftMessage,
  type FilledParts,
  type Finding,
  found,
  type LintPolicy,
  type Refusal,
  type StepAsk,
} from './rules/lint/linted';
import { tooManyParts } from './rules/lint/parts-rule';
import { refusalOfTemplate } from './rules/lint/whatsapp-rules';
import { textsIn } from './rules/private-numbers';
import { type SmsParts } from './rules/sms-parts';
import { type Claimable } from './store/message.store';
import { SyncTemplates } from './sync-templates';

/** A short link's token, in characters. */
const TOKEN_LENGTH = 11;

/** A template as its author wrote it. */
export interface WrittenTemplate {
  readonly channel: string;
  readonly template: Readonly<Record<string, unknown>>;
  readonly texts: readonly { readonly at: string; readonly text: string }[];
  readonly usesLink: boolean;
}

/** A message that is about to be planned. */
export interface FilledMessage {
  readonly channel: string;
  readonly provider: string;
  readonly content: Content;
  readonly purpose: 'service' | 'marketing';
  readonly mandatory: boolean;
  readonly keys: Readonly<Record<string, string>>;
  readonly freeValues: readonly string[];
  readonly toNextStepMs: number;
  readonly legalHours: readonly LegalWindow[];
}

/** Brings together what the rules of the field ask about: registered and listed templates, pauses, white-listed addresses. */
@Injectable()
export class LintTemplates {
  private policyOf: { listed: readonly ListedAddress[]; policy: LintPolicy } | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'links' | 'dltRequired' | 'smsMostParts'>,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(RegisterTemplates) private readonly registered: RegisterTemplates,
    @Inject(SyncTemplates) private readonly synced: SyncTemplates,
    @Inject(KeepPauses) private readonly pauses: KeepPauses,
    @Inject(KeepTexts) private readonly texts: KeepTexts,
  ) {}

  /** Changes whenever a template that was refused might pass now, or the other way round. */
  get revision(): string {
    return `${this.registered.revision} ${this.synced.revision} ${this.texts.revision}`;
  }

  /** How our own short links begin. */
  get link(): LintPolicy['link'] {
    return this.policy().link;
  }

  /** The vendor's WhatsApp template; null or undefined: there is none, or nobody knows. */
  vendorTemplate(name: string, language: string) {
    return this.vendorOf(this.providers.ofChannel('whatsapp')[0]?.name, name, language);
  }

  /** What keeps a template from being published; `step` is null outside a journey. */
  faultsOf({ channel, template, texts, usesLink }: WrittenTemplate, step: StepAsk | null): Finding[] {
    const provider = this.providers.ofChannel(channel)[0]?.name;
    return lintDraft({
      channel,
      template,
      texts,
      usesLink,
      step,
      sms: this.smsOf(channel, template['id']),
      vendor: channel === 'whatsapp' ? this.vendorOf(provider, template['name'], template['language']) : undefined,
      isPaused: provider !== undefined && this.isPaused(channel, provider, template),
      policy: this.policy(),
    });
  }

  /** Why a message must not be sent; null: it may be planned. */
  refusalOf(message: FilledMessage): Refusal | null {
    const { channel, provider, content, purpose, mandatory, keys, freeValues, toNextStepMs, legalHours } = message;
    const draft: DraftMessage = {
      channel,
      texts: textsIn(content),
      freeValues,
      purpose,
      mandatory,
      keys,
      variables: 'variables' in content ? content.variables : {},
      sms: 'variables' in content ? this.smsOf(channel, content.template) : null,
      vendor: 'language' in content ? this.vendorOf(provider, content.template, content.language) : undefined,
      filled: 'language' in content ? filledParts(content) : null,
      toNextStepMs,
      legalHours,
      handedOverAt: null,
      contactRefusal: null,
      policy: this.policy(),
    };
    return lintMessage(draft);
  }

  /** Asked again in the claim: a template may have been paused or re-categorised since the message was planned. */
  refusalAtClaim(provider: string, { content, guard }: Pick<Claimable, 'content' | 'guard'>): string | null {
    if (!('language' in content)) return null;
    const vendor = this.synced.find(provider, content.template, content.language);
    return vendor === undefined ? null : (refusalOfTemplate(vendor, guard.purpose ?? 'service')?.reason ?? null);
  }

  /** What the vendor charges a template as; null: it has not said, or its templates have no categories. */
  categoryOf(provider: string, content: Content): string | null {
    return 'language' in content ? (this.vendorOf(provider, content.template, content.language)?.category ?? null) : null;
  }

  /** What a message is priced as until its vendor says what it charges: null: nothing is known of it, or its channel has no categories. */
  sentAs(provider: string, content: Content, purpose: string | undefined): string | null {
    if (!('language' in content)) return null;
    return this.categoryOf(provider, content) ?? (purpose === 'marketing' ? 'marketing' : null);
  }

  /** What a registered SMS template breaks when its text takes these parts. */
  faultsOfLength(id: unknown, parts: SmsParts): Finding[] {
    const template = this.smsOf('sms', id);
    return template === null ? [] : tooManyParts(template, parts, this.policy());
  }

  /** What a send would be refused for: values of an SMS that do not fit. Our own links are looked at by their setting. */
  faultsOfValues(content: Content): Finding[] {
    const template = 'variables' in content ? this.registered.named(content.template) : undefined;
    if (!template || !('variables' in content)) return [];
    const { link, addresses } = this.policy();
    return Object.entries(content.variables).flatMap(([name, value]) => {
      if (value.startsWith(link.prefix)) return [];
      const code = faultOfOwnValue(template, name, value, addresses);
      return code === null ? [] : [found(`/variables/${name}`, code, `Rule 5. ${mendOfValue(template, name, code)}`)];
    });
  }

  /** The text of an SMS as the handset will show it; null when its template is not registered. */
  smsTextOf(content: Content): string | null {
    if (!('variables' in content)) return null;
    const template = this.registered.named(content.template);
    if (!template) return null;
    const filled = this.filledSms(template, content.variables);
    return filled.ok ? filled.text : null;
  }

  /** An SMS with what is registered of its template beside it; everything else as it is. */
  withRegistration(content: Content): Content {
    if (!('variables' in content)) return content;
    const template = this.registered.named(content.template);
    const text = this.smsTextOf(content);
    if (!template || text === null) return content;
    const { dltId, entityId, header } = template;
    return { ...content, registered: { text, dltId, entityId, header } };
  }

  /** A registered SMS with its values, as a send would fill it. */
  filledSms(template: DltTemplate, values: Readonly<Record<string, string>>): FilledTemplate {
    return fillDltTemplate(template, values, this.policy().addresses);
  }

  private smsOf(channel: string, id: unknown): DltTemplate | null {
    return channel === 'sms' ? (this.registered.named(String(id)) ?? null) : null;
  }

  private vendorOf(provider: string | undefined, name: unknown, language: unknown) {
    return provider === undefined ? undefined : this.synced.find(provider, String(name), String(language));
  }

  private isPaused(channel: string, provider: string, template: Readonly<Record<string, unknown>>): boolean {
    if (channel === 'whatsapp')
      return this.pauses.isTemplatePaused(provider, `${String(template['name'])}/${String(template['language'])}`);
    return channel === 'sms' && this.pauses.isTemplatePaused(provider, String(template['id']));
  }

  /** Our own short links are listed by their setting: whoever sets the header says that it is registered. */
  private policy(): LintPolicy {
    const listed = this.registered.addresses;
    if (this.policyOf?.listed === listed) return this.policyOf.policy;
    const { url, header } = this.config.links;
    const prefix = `${url}/${header}/`;
    const needsRegistration = this.config.dltRequired && this.providers.ofChannel('sms').length > 0;
    const policy = {
      link: { prefix, header, length: prefix.length + TOKEN_LENGTH },
      addresses: needsRegistration || listed.length > 0 ? [...listed, { kind: 'short' as const, address: prefix }] : null,
      needsRegistration,
      mostSmsParts: this.config.smsMostParts,
    };
    this.policyOf = { listed, policy };
    return policy;
  }
}

function filledParts({ body, bodyNames, header, buttonSuffix, buttonIndex, quickReplies = [] }: WhatsAppContent): FilledParts {
  return {
    bodyCount: body.length,
    bodyNames: bodyNames ?? null,
    header: header?.kind ?? null,
    suffixAt: buttonSuffix === undefined ? null : (buttonIndex ?? 0),
    quickReplies: quickReplies.map(({ index }) => index),
  };
}
