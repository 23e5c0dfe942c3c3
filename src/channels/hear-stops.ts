import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { type Instant } from '@wapas/kernel';
import { HearInbound } from '../profiles/profiles.api';
import { openWords } from './answer-words';
import { type AnswerHeard } from './channels.events';

/** A longer text is no command, whatever it begins with. */
const LONGEST_COMMAND = 160;

/** A stop word alone, or the vendor's own switch for marketing, forbids messages: the next claim asks for it. */
@Injectable()
export class HearStops implements BusHandler<AnswerHeard> {
  constructor(@Inject(HearInbound) private readonly hearInbound: HearInbound) {}

  async handle(tx: Transaction, items: readonly AnswerHeard[]): Promise<void> {
    for (const item of items) {
      if (item.kind === 'stop_marketing' || item.kind === 'resume_marketing') await this.hearPreference(tx, item);
      else await this.hearText(tx, item);
    }
  }

  private async hearText(tx: Transaction, { channel, words, addressKey, sourceId, at }: AnswerHeard): Promise<void> {
    const { text: said, payload, phone, vendorUserId } = openWords(tx, words);
    // A button may say it in any words; what it carries back says what is meant.
    const text = payload?.startsWith('stop:') ? 'stop' : said;
    if (text === null || text.length > LONGEST_COMMAND) return;
    await this.hearInbound.hearIn(tx, {
      channel,
      text,
      sourceId,
      at: Date.parse(at) as Instant,
      ...(phone === null ? {} : { phone }),
      ...(vendorUserId === null ? {} : { whatsappId: vendorUserId }),
      ...(addressKey === null ? {} : { addressKey }),
    });
  }

  private async hearPreference(tx: Transaction, item: AnswerHeard): Promise<void> {
    const { kind, channel, provider, addressKey, at } = item;
    if (addressKey === null) return;
    const value = kind === 'stop_marketing' ? 'stop' : 'resume';
    await this.hearInbound.hearPreferenceIn(tx, { value, provider, channel, addressKey, at: Date.parse(at) as Instant });
  }
}
