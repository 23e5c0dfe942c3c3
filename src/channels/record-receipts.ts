import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock, Database, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { Bus } from '@wapas/events';
import { between, type Instant, toIso } from '@wapas/kernel';
import { type ProviderReceipt, type ReceiptKind } from '@wapas/provider-kit';
import { CHARGED_FOR_FAILURES } from '@wapas/rates';
import { type BusEvents } from '../bus-events';
import { CONFIG, type Config } from '../config/config';
import { type AddressBlock, people } from '../profiles/profiles.api';
import { ChooseProvider } from './choose-provider';
import { KeepPauses } from './keep-pauses';
import { MatchReceipts } from './match-receipts';
import { NoteMistakes } from './note-mistakes';
import { afterReceipt, afterReport, type MessageState } from './rules/message-state';
import { asksForAPerson } from './rules/our-mistake';
import { failureOfReceipt, pausesAfter } from './rules/pauses';
import { isPaidFor } from './rules/spend';
import { arrivedElsewhere, atItsAttempt, provesArrival } from './rules/whose-receipt';
import { nextWording } from './rules/wordings';
import { publishSettled } from './settled';
import { furtherAttemptStore, type Reopened } from './store/further-attempt.store';
import { type Changed } from './store/message.store';
import { type HeardRefusal, SuppressMarketing } from './suppress-marketing';
import { TellNames } from './tell-names';
import { type HearingMessage, type MatchedReceipt, newReceiptId, receiptStore } from './store/receipt.store';
import { spendStore } from './store/spend.store';

const CHUNK = 500;

/** Stores what was heard of messages, and makes of them what it says. */
@Injectable()
export class RecordReceipts {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(MatchReceipts) private readonly matchReceipts: MatchReceipts,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(KeepPauses) private readonly keepPauses: KeepPauses,
    @Inject(NoteMistakes) private readonly noteMistakes: NoteMistakes,
    @Inject(SuppressMarketing) private readonly suppressMarketing: SuppressMarketing,
    @Inject(CONFIG) private readonly config: Pick<Config, 'businessZone'>,
    @Inject(ChooseProvider) private readonly chooseProvider: ChooseProvider,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(TellNames) private readonly tellNames: TellNames,
  ) {}

  /** Resolves when all are committed. */
  async record(provider: string, receipts: readonly ProviderReceipt[]): Promise<void> {
    for (let start = 0; start < receipts.length; start += CHUNK) {
      const chunk = receipts.slice(start, start + CHUNK);
      await this.database.transaction(async (tx) => this.hear(tx, await this.matchReceipts.match(tx, provider, chunk)));
    }
  }

  /** The app says that a push was opened. False when there is no such message. */
  async recordOpened(messageId: string): Promise<boolean> {
    const fact = { messageId, kind: 'opened' as const, provider: 'app', at: Date.now() };
    return (await this.database.transaction((tx) => this.recordOwn(tx, [fact]))).has(messageId);
  }

  /** Something that happened on our side of a message: an opened push, a clicked link. Gives the ids that are known. */
  async recordOwn(
    tx: Transaction,
    facts: readonly { messageId: string; kind: ReceiptKind; provider: string; at: number }[],
  ): Promise<Set<string>> {
    return this.hear(
      tx,
      facts.map((fact) => ({ ...fact, id: newReceiptId() })),
    );
  }

  /** Takes up parked receipts whose message has been committed since. */
  async takeParked(): Promise<void> {
    const parked = await this.matchReceipts.nextParked(this.database);
    if (parked.length === 0) return;
    await this.database.transaction(async (tx) => {
      const taken = await this.matchReceipts.takeParked(tx, parked);
      if (taken.length > 0) await this.hear(tx, taken);
    });
  }

  private async hear(tx: Transaction, receipts: readonly MatchedReceipt[]): Promise<Set<string>> {
    const messages = await this.lock(tx, receipts);
    const known = receipts.flatMap((receipt): MatchedReceipt[] => {
      const message = messages.get(receipt.messageId ?? '');
      // A reference to a message we never made is parked like any other stranger.
      if (!message) return [{ ...receipt, messageId: null }];
      const kept = atItsAttempt(receipt, message);
      return kept === null ? [] : [kept];
    });
    await this.tellNames.tell(
      tx,
      receipts.map(({ vendorUserId: name, addressKey, messageId, at }) => {
        const message = messages.get(messageId ?? '');
        const isNumber = addressKey !== undefined;
        const phone = (isNumber ? addressKey : message?.addressKey) as EntityKey | null | undefined;
        return { channel: message?.channel ?? 'none', name, phone, messageId: isNumber ? null : messageId, at };
      }),
    );
    const now = await tx.businessNow();
    const fresh = await receiptStore.add(tx, known, now);
    const news = known.filter((receipt) => fresh.has(receipt.id) && receipt.messageId !== null);
    if (news.length > 0) await this.apply(tx, news, messages, now);
    return new Set(messages.keys());
  }

  /** Each call that was taken although it was refused is an attempt of its own by then. */
  private async lock(tx: Transaction, receipts: readonly MatchedReceipt[]): Promise<Map<string, HearingMessage>> {
    const ids = receipts.flatMap(({ messageId }) => messageId ?? []);
    const messages = new Map((ids.length > 0 ? await receiptStore.lock(tx, ids) : []).map((message) => [message.id, message]));
    for (const receipt of receipts) {
      const message = messages.get(receipt.messageId ?? '');
      if (message === undefined || !arrivedElsewhere(receipt, message)) continue;
      if (!(await furtherAttemptStore.takenAfterAll(tx, { ...receipt, messageId: message.id }))) continue;
      for (const again of await receiptStore.lock(tx, [message.id])) messages.set(again.id, again);
    }
    return messages;
  }

  private async apply(
    tx: Transaction,
    news: readonly MatchedReceipt[],
    messages: ReadonlyMap<string, HearingMessage>,
    now: Instant,
  ): Promise<void> {
    const changes = statesAfter(news, messages);
    const goesOn = await this.reopen(tx, news, changes, now);
    const stateOf = (message: HearingMessage): MessageState => changes.get(message.id)?.state ?? message.state;
    const told = new Set(news.map(({ messageId }) => messageId));
    const takenBack = [...messages.values()]
      .filter((message) => told.has(message.id) && message.isUntaken && stateOf(message) === 'sent')
      .map(({ id }) => id);
    await furtherAttemptStore.takeBack(tx, takenBack);
    const changed = await receiptStore.setStates(
      tx,
      [...changes].filter(([id]) => !goesOn.has(id)).map(([id, change]) => ({ id, ...change })),
    );
    const ofAddresses = aboutAddresses(news, messages);
    const blocks = ofAddresses.flatMap((receipt) => blocksAfter(receipt, messages.get(receipt.messageId as string)));
    await people.block(tx, [...blocks, ...(await this.struckOut(tx, ofAddresses, messages))]);
    await this.strike(tx, news);
    const refusals = news.flatMap((receipt) => refusalIn(receipt, messages.get(receipt.messageId as string)));
    tx.onCommit(() => void this.suppressMarketing.after(refusals));
    this.bus.publish(
      tx,
      'receipt.recorded',
      news.flatMap(({ messageId, kind, billing }) => {
        const message = messages.get(messageId as string);
        // Its step has not failed while the message goes on.
        if (!message || (kind === 'failed' && goesOn.has(message.id))) return [];
        const { id, runId, lap, step, channel } = message;
        return [{ messageId: id, runId, lap, step, channel, kind, at: toIso(now), ...(billing ? { billing } : {}) }];
      }),
    );
    await publishSettled(
      this.bus,
      tx,
      changed.map((message) => ({ ...message, provider: deliveredBy(message, news) })),
      now,
    );
    this.bus.publish(
      tx,
      'message.attempts_changed',
      [...goesOn.keys(), ...takenBack].map((messageId) => ({ messageId })),
    );
    const settled = [
      ...changed.map(({ id, channel, state }) => ({ id, isPaidFor: isPaidFor(state, CHARGED_FOR_FAILURES.has(channel)) })),
      // What was charged for is kept with the attempt, and the next one is paid for by itself.
      ...[...goesOn].flatMap(([id, channel]) => (CHARGED_FOR_FAILURES.has(channel) ? [] : [{ id, isPaidFor: false }])),
    ];
    spendStore.settle(tx, this.config.businessZone, settled, arrivalsOfEarlier(news, messages));
  }

  /**
   * Messages that a report of failure is not the end of: by another provider, once more, or in another wording. Gives their ids with
   * their channels.
   */
  private async reopen(
    tx: Transaction,
    news: readonly MatchedReceipt[],
    changes: ReadonlyMap<string, { state: MessageState }>,
    now: Instant,
  ): Promise<Map<string, string>> {
    const failures = new Map(
      news.flatMap((receipt) => {
        // It may have been about somebody else's message: this one may have arrived, and would a second time.
        if (receipt.isByNumber) return [];
        const failure = receipt.kind === 'failed' ? failureOfReceipt(receipt) : null;
        const isOver = changes.get(receipt.messageId ?? '')?.state === 'rejected';
        return failure && isOver ? [[receipt.messageId as string, failure] as const] : [];
      }),
    );
    if (failures.size === 0) return new Map();
    const messages = await furtherAttemptStore.reopenable(tx, [...failures.keys()]);
    const reopened = messages.flatMap((message): Reopened[] => {
      const { id, provider, channel, purpose, wordings, variant, tried } = message;
      const content = wordings[variant];
      const failure = failures.get(id);
      if (content === undefined || failure === undefined) return [];
      const others = wordings.slice(variant + 1);
      const after = afterReport(failure, {
        ...message,
        messageId: id,
        attempt: message.fence,
        leftMs: between(now, message.notAfter) / (this.clock.rate || 1),
        instead: this.chooseProvider.instead(provider, { channel, content, purpose }, tried),
        others,
      });
      if (after === null) return [];
      const next = after.otherwise && nextWording({ others, variant }, after.otherwise);
      return [{ id, after, ...(next && { next }) }];
    });
    await furtherAttemptStore.reopen(tx, reopened);
    const ids = new Set(reopened.map(({ id }) => id));
    return new Map(messages.flatMap(({ id, channel }) => (ids.has(id) ? [[id, channel] as const] : [])));
  }

  /** Addresses that failed once too often. Two failures at the same moment may both be the last but one; the next one is enough then. */
  private async struckOut(
    tx: Transaction,
    news: readonly MatchedReceipt[],
    messages: ReadonlyMap<string, HearingMessage>,
  ): Promise<AddressBlock[]> {
    const failures = news.flatMap(({ kind, code, strikes, addressKey, messageId }) => {
      const message = messages.get(messageId as string);
      if (kind !== 'failed' || !strikes || !code || !addressKey || !message) return [];
      return [{ key: addressKey, code, channel: message.channel, ...strikes }];
    });
    const heard = await receiptStore.failuresOf(tx, failures);
    return failures
      .filter(({ key, count }) => (heard.get(key) ?? 0) >= count)
      .map(({ key, channel, withinMs }) => ({ key, channel, reason: 'bad_address', lastsMs: withinMs }));
  }

  /**
   * Failures that say something about a template, the sender or the account: one is an accident, several are a reason to stop. Those
   * that say that the message was malformed are told to a person.
   */
  private async strike(tx: Transaction, news: readonly MatchedReceipt[]): Promise<void> {
    const failures = news.flatMap((receipt) => {
      const failure = receipt.kind === 'failed' ? failureOfReceipt(receipt) : null;
      return failure && asksForAPerson(failure) ? [{ ...receipt, failure }] : [];
    });
    if (failures.length === 0) return;
    const templates = await receiptStore.templates(
      tx,
      failures.map(({ messageId }) => messageId as string),
    );
    const meanings = failures.map(({ provider, messageId, failure }) => ({
      provider,
      failure,
      template: templates.get(messageId as string) ?? null,
    }));
    await this.keepPauses.note(
      tx,
      meanings.flatMap(({ failure, ...about }) => pausesAfter(failure, { ...about, isReport: true })),
    );
    tx.onCommit(() => {
      for (const { provider, failure, template } of meanings) this.noteMistakes.note(provider, failure, template, true);
    });
  }
}

/** Attempts that arrived although another one followed them. */
function arrivalsOfEarlier(
  news: readonly MatchedReceipt[],
  messages: ReadonlyMap<string, HearingMessage>,
): { messageId: string; attempt: number; provider: string }[] {
  return news.flatMap(({ messageId, kind, attempt, provider }) => {
    const message = messages.get(messageId as string);
    if (!message || attempt === undefined || attempt === (message.reopened ?? 0) || !provesArrival(kind)) return [];
    return [{ messageId: message.id, attempt, provider }];
  });
}

/** Whose attempt arrived, where that was said; an earlier one may have, although it was reported as failed. */
function deliveredBy({ id, provider, state }: Changed, news: readonly MatchedReceipt[]): string | null {
  const proof = news.find(({ messageId, kind, attempt }) => messageId === id && provesArrival(kind) && attempt !== undefined);
  return state === 'sent' && proof !== undefined ? proof.provider : provider;
}

/** Several receipts of one message are applied one after the other, in the order in which they came. */
function statesAfter(
  news: readonly MatchedReceipt[],
  messages: ReadonlyMap<string, HearingMessage>,
): Map<string, { state: MessageState; reason: string | null }> {
  const changes = new Map<string, { state: MessageState; reason: string | null }>();
  const heard = new Map<string, ReceiptKind[]>();
  for (const receipt of news) {
    const message = messages.get(receipt.messageId as string);
    if (!message) continue;
    const before = heard.get(message.id) ?? [...message.heard];
    const change = afterReceipt(changes.get(message.id)?.state ?? message.state, before, receipt);
    if (change) changes.set(message.id, change);
    heard.set(message.id, [...before, receipt.kind]);
  }
  return changes;
}

/** An address is not wrong that the same message arrived at, whatever is said of it later. */
function aboutAddresses(
  news: readonly MatchedReceipt[],
  messages: ReadonlyMap<string, HearingMessage>,
): readonly MatchedReceipt[] {
  const arrived = new Set([
    ...news.filter(({ kind }) => provesArrival(kind)).map(({ messageId }) => messageId),
    ...[...messages.values()].filter(({ heard }) => heard.some(provesArrival)).map(({ id }) => id),
  ]);
  const isAboutIt = ({ class: named, strikes }: MatchedReceipt): boolean => named === 'bad_address' || strikes !== undefined;
  return news.filter((receipt) => !isAboutIt(receipt) || !arrived.has(receipt.messageId));
}

function refusalIn(receipt: MatchedReceipt, message: HearingMessage | undefined): HeardRefusal[] {
  const failure = receipt.kind === 'failed' ? failureOfReceipt(receipt) : null;
  return failure && message ? [{ provider: receipt.provider, addressKey: message.addressKey, failure }] : [];
}

function blocksAfter(receipt: MatchedReceipt, message: HearingMessage | undefined) {
  const blocks = receipt.kind === 'failed' && receipt.scope === 'address' && receipt.only === undefined;
  if (!blocks || !message?.addressKey || !receipt.class) return [];
  return [{ key: message.addressKey, channel: message.channel, reason: receipt.class, lastsMs: receipt.holdsForMs }];
}
