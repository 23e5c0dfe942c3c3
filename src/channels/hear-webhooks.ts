import { Inject, Injectable } from '@nestjs/common';
import { cleanWords, type RawWebhook, type ReceiptEndpoint } from '@wapas/provider-kit';
import { Log } from '../log';
import { HearAnswers } from './hear-answers';
import { NoteMistakes } from './note-mistakes';
import { ProviderRegistry, type RegisteredProvider } from './provider-registry';
import { RecordReceipts } from './record-receipts';
import { givenVerification, givenWebhook } from './rules/given-webhook';

export type WebhookOutcome =
  | { readonly outcome: 'heard' } // 200
  | { readonly outcome: 'not_authentic' } // 401
  | { readonly outcome: 'unknown_provider' } // 404
  | { readonly outcome: 'provider_broken' }; // 500: the vendor repeats it, and by then it may be mended

export type ChallengeOutcome =
  | { readonly outcome: 'answered'; readonly answer: string } // 200
  | { readonly outcome: 'refused' } // 403
  | Exclude<WebhookOutcome, { outcome: 'heard' | 'not_authentic' }>;

const MOST_LEFTOVERS_SHOWN = 5;

/**
 * Hears what vendors post. Who posts and what it means is for the provider to say, which may be code of somebody else: what it throws
 * is told as its fault, and what it gives is looked at before it is stored.
 */
@Injectable()
export class HearWebhooks {
  constructor(
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
    @Inject(RecordReceipts) private readonly recordReceipts: RecordReceipts,
    @Inject(HearAnswers) private readonly hearAnswers: HearAnswers,
    @Inject(NoteMistakes) private readonly noteMistakes: NoteMistakes,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Resolves when all of it is committed. */
  async hear(name: string, webhook: RawWebhook): Promise<WebhookOutcome> {
    const registered = this.providers.named(name);
    const endpoint = registered?.provider.receiptEndpoint;
    if (registered === undefined || endpoint === undefined) return { outcome: 'unknown_provider' };
    const verification = this.ask(name, 'verify', () => givenVerification(endpoint.verify(webhook)));
    if (verification === null) return { outcome: 'provider_broken' };
    if (!verification.authentic) return { outcome: 'not_authentic' };
    return this.hearAuthentic(registered, endpoint, webhook);
  }

  /** A subscription handshake. */
  challenge(name: string, webhook: RawWebhook): ChallengeOutcome {
    const endpoint = this.providers.named(name)?.provider.receiptEndpoint;
    if (endpoint === undefined) return { outcome: 'unknown_provider' };
    const given = this.ask(name, 'challenge', () => ({ answer: endpoint.challenge?.(webhook) ?? null }));
    if (given === null) return { outcome: 'provider_broken' };
    return given.answer === null ? { outcome: 'refused' } : { outcome: 'answered', answer: given.answer };
  }

  private async hearAuthentic(
    registered: RegisteredProvider,
    endpoint: ReceiptEndpoint,
    webhook: RawWebhook,
  ): Promise<WebhookOutcome> {
    const { name } = registered;
    const given = this.ask(name, 'parse', () => givenWebhook(endpoint.parse(webhook)));
    if (given === null) return { outcome: 'provider_broken' };
    const { heard, faults } = given;
    await this.recordReceipts.record(name, heard.receipts);
    await this.hearAnswers.hear(registered, heard);
    this.noteMistakes.noteUnlisted(name, heard.unlisted ?? []);
    for (const fault of new Set(faults))
      this.noteMistakes.noteBroken(name, 'junk_webhook', new Error(`parse() gave junk: ${fault}`));
    this.tellLeftovers(name, heard.leftovers);
    return { outcome: 'heard' };
  }

  /** The provider's word, or null when it has none; that is told. */
  private ask<Answer>(provider: string, what: string, question: () => Answer | null): Answer | null {
    try {
      const answer = question();
      if (answer === null) this.noteMistakes.noteBroken(provider, 'junk_webhook', new Error(`${what}() gave what is no answer`));
      return answer;
    } catch (error) {
      this.noteMistakes.noteBroken(provider, 'webhook_threw', error);
      return null;
    }
  }

  private tellLeftovers(provider: string, leftovers: readonly string[]): void {
    if (leftovers.length === 0) return;
    const shown = leftovers.slice(0, MOST_LEFTOVERS_SHOWN).flatMap((one) => cleanWords(one) ?? []);
    this.log.info('receipts not understood', { provider, count: leftovers.length, what: shown.join('; ') });
  }
}
