import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { EntityKeys, type EntityKey } from '@wapas/entity-keys';
import { Bus } from '@wapas/events';
import { newId } from '@wapas/kernel';
import {
  type AccountNews,
  type InboundMessage,
  type NumberChange,
  type ParsedWebhook,
  type PreferenceNews,
  type TemplateNews,
} from '@wapas/provider-kit';
import { type BusEvents } from '../bus-events';
import { Log } from '../log';
import { people } from '../profiles/profiles.api';
import { sealWords } from './answer-words';
import { sealNumbers } from './changed-numbers';
import { KeepPauses } from './keep-pauses';
import { LimitPeople } from './limit-people';
import { NoteAccountNews } from './note-account-news';
import { SyncTemplates } from './sync-templates';
import { TellNames } from './tell-names';
import { type RegisteredProvider } from './provider-registry';
import { RecordReceipts } from './record-receipts';
import { afterAccountNews } from './rules/account-news';
import { afterTemplateNews } from './rules/template-news';
import { answerStore } from './store/answer.store';
import { receiptStore } from './store/receipt.store';

/**
 * Hears what is no receipt: what people write back, what they want from the business, that their number is another one, what the vendor
 * thinks of a template and of the account.
 */
@Injectable()
export class HearAnswers {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(EntityKeys) private readonly hasher: EntityKeys,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(KeepPauses) private readonly keepPauses: KeepPauses,
    @Inject(SyncTemplates) private readonly syncTemplates: SyncTemplates,
    @Inject(LimitPeople) private readonly limitPeople: LimitPeople,
    @Inject(TellNames) private readonly tellNames: TellNames,
    @Inject(NoteAccountNews) private readonly noteAccountNews: NoteAccountNews,
    @Inject(RecordReceipts) private readonly recordReceipts: RecordReceipts,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Resolves when all is committed. */
  async hear(
    from: Pick<RegisteredProvider, 'name' | 'channel'>,
    { inbound = [], preferences = [], numberChanges = [], templates = [], account = [] }: ParsedWebhook,
  ): Promise<void> {
    if (inbound.length + preferences.length + numberChanges.length + templates.length + account.length === 0) return;
    await this.database.transaction(async (tx) => {
      await this.hearInbound(tx, from, inbound);
      this.hearPreferences(tx, from, preferences);
      this.hearNumberChanges(tx, from, numberChanges);
      for (const news of templates) await this.hearOfTemplate(tx, from.name, news);
      for (const news of account) await this.hearOfAccount(tx, from.name, news);
    });
    if (templates.length + account.length > 0) await this.keepPauses.look();
    if (templates.length > 0) await this.syncTemplates.look();
  }

  private async hearInbound(
    tx: Transaction,
    { name: provider, channel }: Pick<RegisteredProvider, 'name' | 'channel'>,
    inbound: readonly InboundMessage[],
  ): Promise<void> {
    if (inbound.length === 0) return;
    const answered = inbound.flatMap(({ answers }) => answers ?? []);
    const messages = new Map(
      (answered.length > 0 ? await receiptStore.byVendorId(tx, provider, answered) : []).map((one) => [
        one.vendorId,
        one.messageId,
      ]),
    );
    const answers = inbound.map((one) => ({
      id: newId(),
      provider,
      channel,
      messageId: messages.get(one.answers ?? '') ?? null,
      inbound: one,
    }));
    const fresh = await answerStore.add(tx, answers);
    const keys = await receiptStore.addressKeys(
      tx,
      answers.flatMap(({ messageId }) => messageId ?? []),
    );
    const news = answers
      .filter(({ id }) => fresh.has(id))
      // Somebody without a number is known by the message that they answer.
      .map((one) => ({ ...one, addressKey: this.keyOf(one.inbound) ?? keys.get(one.messageId ?? '') ?? null }));
    await this.tellNames.tell(
      tx,
      news.map(({ addressKey, messageId, inbound: { vendorUserId: name, phone, at } }) => ({
        channel,
        name,
        phone: addressKey,
        messageId: phone === undefined ? messageId : null,
        at,
      })),
    );
    await this.countAsReplied(
      tx,
      { provider, channel },
      news.filter(({ messageId, inbound: { answers } }) => messageId === null && answers === undefined).map((one) => one.inbound),
    );
    this.bus.publish(
      tx,
      'answer.heard',
      news.map(({ id: answerId, messageId, addressKey, inbound: { id, at, kind, text, payload, phone, vendorUserId } }) => ({
        answerId,
        provider,
        channel,
        sourceId: id,
        kind,
        words: sealWords(tx, {
          text: text ?? null,
          payload: payload ?? null,
          phone: phone ?? null,
          vendorUserId: vendorUserId ?? null,
        }),
        addressKey,
        messageId,
        at: new Date(at).toISOString(),
      })),
    );
  }

  /**
   * Most people write without quoting what they answer: they reply to what they were sent last. Who writes is engaged, and is not written to
   * as if nothing had come back. Which message it was is a guess, so the answer itself does not name it.
   */
  private async countAsReplied(
    tx: Transaction,
    { provider, channel }: { provider: string; channel: string },
    unquoted: readonly InboundMessage[],
  ): Promise<void> {
    const writers = unquoted.flatMap((inbound) => {
      const addressKey = this.keyOf(inbound) ?? null;
      const key = addressKey ?? (inbound.vendorUserId && this.hasher.keyOf('whatsapp_id', inbound.vendorUserId));
      return key ? [{ key, addressKey, at: new Date(inbound.at) }] : [];
    });
    const known = await people.byKeys(
      tx,
      writers.map(({ key }) => key),
    );
    const answered = await answerStore.sentLast(
      tx,
      channel,
      writers.flatMap(({ key, ...writer }) => (known.get(key) ?? []).map((personId) => ({ ...writer, personId }))),
    );
    const replies = answered.map((one) => ({ ...one, kind: 'replied' as const, provider }));
    if (replies.length > 0) await this.recordReceipts.recordOwn(tx, replies);
  }

  private keyOf({ phone }: InboundMessage): EntityKey | undefined {
    return phone === undefined ? undefined : this.hasher.keyOf('phone', phone);
  }

  private hearPreferences(
    tx: Transaction,
    { name: provider, channel }: Pick<RegisteredProvider, 'name' | 'channel'>,
    preferences: readonly PreferenceNews[],
  ): void {
    if (preferences.length === 0) return;
    this.bus.publish(
      tx,
      'answer.heard',
      preferences.map(({ value, at, phone }) => {
        const addressKey = this.hasher.keyOf('phone', phone);
        return {
          answerId: newId(),
          provider,
          channel,
          sourceId: `${addressKey}.${at}`,
          kind: `${value}_marketing` as const,
          words: sealWords(tx, { text: null, payload: null, phone, vendorUserId: null }),
          addressKey,
          messageId: null,
          at: new Date(at).toISOString(),
        };
      }),
    );
  }

  private hearNumberChanges(
    tx: Transaction,
    { channel }: Pick<RegisteredProvider, 'channel'>,
    changes: readonly NumberChange[],
  ): void {
    this.bus.publish(
      tx,
      'number.changed',
      changes.map(({ id: sourceId, at, from, to }) => ({
        channel,
        sourceId,
        numbers: sealNumbers(tx, { from, to }),
        at: new Date(at).toISOString(),
      })),
    );
  }

  private async hearOfTemplate(tx: Transaction, provider: string, news: TemplateNews): Promise<void> {
    await this.syncTemplates.hear(tx, provider, news);
    const after = afterTemplateNews(provider, news);
    if (after === null) return;
    if (after.kind === 'pause') await this.keepPauses.note(tx, [after.pause]);
    else if (after.kind === 'resume') await this.keepPauses.resume(tx, provider, after.template);
    else this.log.warn('news of a template', { provider, template: after.template, what: after.what });
  }

  private async hearOfAccount(tx: Transaction, provider: string, news: AccountNews): Promise<void> {
    const now = Date.now();
    const after = afterAccountNews(news, now);
    if (news.mostPeoplePerDay !== undefined) await this.limitPeople.told(tx, provider, news.mostPeoplePerDay, news.at ?? now);
    if (after.kind === 'tell') return this.noteAccountNews.note(provider, news);
    await this.keepPauses.toldOfAccount(tx, {
      provider,
      marketingOnly: after.marketingOnly,
      code: after.code,
      at: news.at ?? now,
      isRestricted: after.kind === 'restrict',
      until: after.kind === 'restrict' ? after.until : null,
    });
  }
}
