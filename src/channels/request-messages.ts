import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { Bus } from '@wapas/events';
import { type Instant, newId } from '@wapas/kernel';
import { type Content } from '@wapas/provider-kit';
import { type BusEvents } from '../bus-events';
import { CONFIG, type Config } from '../config/config';
import { CreateLinks, type NewLink, type ShortLink } from '../links/links.api';
import { ChooseProvider } from './choose-provider';
import { people, purposeOf } from '../profiles/profiles.api';
import { ProviderRegistry } from './provider-registry';
import { LintTemplates } from './lint-templates';
import { type MessageCaps } from './rules/caps';
import { type Guard } from './rules/guard';
import { type LegalWindow, type OwnWindow } from './rules/legal-window';
import { isOutOfUse } from './rules/lint/whatsapp-rules';
import { templateOf } from './rules/pauses';
import { type TemplateFacts } from './rules/render';
import { smsPartsOf } from './rules/sms-parts';
import { publishSettled } from './settled';
import { callOffStore } from './store/call-off.store';
import { messageStore, type NewMessage } from './store/message.store';
import { Templates } from './templates';

/** A journey wants a message sent: one for each run, lap and step. */
export interface MessageRequest {
  readonly runId: string;
  readonly lap: number;
  readonly step: string;
  readonly journeyKey: string;
  readonly personId: string;
  readonly channel: string;
  /** The channel's own template, as the journey file has it. */
  readonly template: Readonly<Record<string, unknown>>;
  readonly facts: TemplateFacts;
  /** Business time. */
  readonly dueAt: Instant;
  /** Business time after which it must not start. */
  readonly notAfter: Instant;
  readonly test: boolean;
  /**
   * Which consent it needs: service (about the customer's own transaction) or marketing, or a category of WhatsApp or DLT that is
   * one of the two. Absent: service. A word nobody knows counts as marketing.
   */
  readonly purpose?: string;
  /** A notice that goes out whatever it costs; absent: none. */
  readonly mandatory?: boolean;
  readonly guard: Guard;
  /** The hours in which the law lets it be handed over; absent: all day. */
  readonly legalHours?: readonly LegalWindow[];
  /** The hours that its author set; absent: all day. */
  readonly ownHours?: OwnWindow;
  /** Until the next step's own time, in milliseconds; absent: nobody knows. */
  readonly toNextStepMs?: number;
  /** Null for a mandatory notice: no cap holds it back. */
  readonly caps: MessageCaps | null;
}

/** What decides how a message turns out, whoever it is for. */
export type MessageToPrepare = Pick<
  MessageRequest,
  'channel' | 'template' | 'facts' | 'purpose' | 'mandatory' | 'legalHours' | 'toNextStepMs'
>;

export type PreparedMessage = Pick<NewMessage, 'provider' | 'content' | 'others' | 'parts' | 'locale' | 'state' | 'reason'>;

/** Plans messages in the transaction that decided on them: rendered, guarded, and known to be wanted exactly once. */
@Injectable()
export class RequestMessages {
  constructor(
    @Inject(Templates) private readonly templates: Templates,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(ChooseProvider) private readonly chooseProvider: ChooseProvider,
    @Inject(CreateLinks) private readonly createLinks: CreateLinks,
    @Inject(LintTemplates) private readonly lintTemplates: LintTemplates,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(CONFIG) private readonly config: Pick<Config, 'locales'>,
  ) {}

  async request(tx: Transaction, requests: readonly MessageRequest[]): Promise<void> {
    if (requests.length === 0) return;
    const planned = requests.map((request) => ({ id: newId(), request }));
    const links = await this.createLinks.create(
      tx,
      planned.flatMap((one) => this.linkFor(one.id, one.request)),
    );
    const languages = await this.languagesFor(tx, requests);
    const messages = planned.map(({ id, request }) =>
      this.toMessage(id, request, links.get(id), languages.get(request.personId) ?? null),
    );
    const fresh = await messageStore.insert(tx, messages);
    const news = messages.filter(({ id }) => fresh.has(id));
    this.bus.publish(
      tx,
      'message.requested',
      news.flatMap(({ id, provider, state }) => (state === 'planned' && provider ? [{ messageId: id, provider }] : [])),
    );
    const stillborn = news
      .filter(({ state }) => state !== 'planned')
      .map((message) => ({ ...message, calledAt: null, country: null, sentAs: null }));
    if (stillborn.length > 0) await publishSettled(this.bus, tx, stillborn, await tx.businessNow());
  }

  /** A new lap begins: what its run's earlier laps still have planned is not sent beside it. */
  async cancelEarlierLaps(tx: Transaction, runs: readonly { runId: string; lap: number }[]): Promise<void> {
    if (runs.length === 0) return;
    const cancelled = await callOffStore.restarted(tx, runs);
    if (cancelled.length > 0) await publishSettled(this.bus, tx, cancelled, await tx.businessNow());
  }

  private linkFor(messageId: string, { channel, template, runId, facts, guard, test: isTest }: MessageRequest): NewLink[] {
    return this.templates.wantsLink(channel, template) ? [{ messageId, runId, facts, guard, isTest }] : [];
  }

  /** Asked only when a text is there in several. */
  private async languagesFor(tx: Transaction, requests: readonly MessageRequest[]): Promise<Map<string, string>> {
    const wanted = requests.filter(({ template }) => this.templates.hasLanguages(template));
    if (wanted.length === 0) return new Map();
    const found = await people.languages(
      tx,
      wanted.map(({ personId }) => personId),
    );
    return new Map(found.map(({ personId, language }) => [personId, language]));
  }

  /** What would be planned for a request: rendered, linted and with its provider, or why nothing can be sent. Writes nothing. */
  prepare(
    request: MessageToPrepare,
    link: Pick<ShortLink, 'url' | 'token'> | undefined,
    language: string | null,
  ): PreparedMessage {
    const { channel, legalHours = [] } = request;
    const purpose = request.purpose === undefined ? undefined : purposeOf(request.purpose);
    const rendered = this.templates.render(channel, request.template, request.facts, link, language);
    const provider = rendered.ok
      ? this.chooseProvider.first({ channel, content: rendered.content, purpose: purpose ?? 'service' })
      : this.providers.ofChannel(channel)[0];
    const locale = rendered.ok ? (rendered.locale ?? null) : null;
    const notPlanned = (state: 'skipped' | 'rejected', reason: string): PreparedMessage => ({
      provider: provider?.name ?? null,
      content: null,
      others: [],
      parts: null,
      locale,
      state,
      reason,
    });
    if (!provider) return notPlanned('rejected', 'no_provider');
    if (!rendered.ok) return notPlanned('skipped', `missing_${rendered.missing.replaceAll('.', '_')}`);
    const freeValues = this.templates.freeValuesOf(channel, request.template, request.facts);
    const refusalOf = (content: Content) =>
      this.lintTemplates.refusalOf({
        channel,
        provider: provider.name,
        content,
        purpose: purpose ?? 'service',
        mandatory: request.mandatory ?? false,
        keys: request.facts.keys,
        freeValues,
        toNextStepMs: request.toNextStepMs ?? Number.POSITIVE_INFINITY,
        legalHours,
      });
    const refusal = refusalOf(rendered.content);
    if (refusal !== null && !isOutOfUse(refusal)) return notPlanned(refusal.state, refusal.reason);
    const others = this.otherWordings(request, rendered.content, link, language).filter((one) => refusalOf(one) === null);
    const [content, ...rest] = refusal === null ? [rendered.content, ...others] : others;
    if (content === undefined) return notPlanned(refusal?.state ?? 'rejected', refusal?.reason ?? 'template_unknown');
    const text = this.lintTemplates.smsTextOf(content);
    const parts = text === null ? null : smsPartsOf(text).parts;
    const chosen = content !== rendered.content && 'language' in content ? content.language : locale;
    return { provider: provider.name, content, others: rest, parts, locale: chosen, state: 'planned', reason: null };
  }

  /**
   * What goes out when the template of a message turns out to be out of use: its author's other templates, then the same one in the
   * languages that are tried for everybody (`WAPAS_LOCALES`). What cannot be filled in is left out.
   */
  private otherWordings(
    { channel, template, facts }: MessageToPrepare,
    content: Content,
    link: Pick<ShortLink, 'url' | 'token'> | undefined,
    language: string | null,
  ): Content[] {
    const given = this.templates.othersOf(template).flatMap((one): Content[] => {
      const rendered = this.templates.render(channel, one, facts, link, language);
      return rendered.ok ? [rendered.content] : [];
    });
    if (!('language' in content)) return given;
    const inOther = this.config.locales.map((locale): Content => ({ ...content, language: locale }));
    const known = new Set([content, ...given].map(templateOf));
    return [...given, ...inOther.filter((one) => !known.has(templateOf(one)))];
  }

  private toMessage(id: string, request: MessageRequest, link: ShortLink | undefined, language: string | null): NewMessage {
    const { runId, lap, step, journeyKey, personId, channel, test, dueAt, notAfter, caps, legalHours = [], ownHours } = request;
    const guard = {
      ...request.guard,
      ...(request.purpose === undefined ? {} : { purpose: purposeOf(request.purpose) }),
      ...(legalHours.length === 0 ? {} : { hours: legalHours }),
      ...(ownHours === undefined ? {} : { ownHours }),
    };
    const of = { id, runId, lap, step, journeyKey, personId, channel, guard, test, dueAt, notAfter, caps };
    return { ...of, ...this.prepare(request, link, language) };
  }
}
