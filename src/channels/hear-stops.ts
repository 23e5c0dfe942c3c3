import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type BusHandler } from '@wapas/events';
import { type Instant } from '@wapas/kernel';
import { HearInbound, SuppressPeople } from '../profiles/profiles.api';
import { type AnswerHeard } from './channels.api';

/** What a stop and its undoing by the vendor's own switch are stored under. */
const REASON = 'vendor_preference';

/** A stop word alone, or the vendor's own switch for marketing, forbids messages: the next claim asks for it. */
@Injectable()
export class HearStops implements BusHandler<AnswerHeard> {
  constructor(
    @Inject(HearInbound) private readonly hearInbound: HearInbound,
    @Inject(SuppressPeople) private readonly suppressPeople: SuppressPeople,
  ) {}

  async handle(tx: Transaction, items: readonly AnswerHeard[]): Promise<void> {
    for (const item of items) {
      if (item.kind === 'stop_marketing' || item.kind === 'resume_marketing') await this.hearPreference(tx, item);
      else await this.hearText(tx, item);
    }
  }

  private async hearText(tx: Transaction, { channel, text, phone, vendorUserId, addressKey, sourceId, at }: AnswerHeard) {
    if (text === null) return;
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

  private async hearPreference(tx: Transaction, { kind, channel, provider, addressKey, at }: AnswerHeard): Promise<void> {
    if (addressKey === null) return;
    const number = { subject: addressKey, subjectKind: 'phone' as const };
    const scope = { reason: REASON, channel, purpose: 'marketing' as const };
    if (kind === 'stop_marketing')
      await this.suppressPeople.suppressIn(tx, [{ ...number, ...scope, source: provider, expiresAt: null }]);
    else await this.suppressPeople.liftIn(tx, [number], scope, Date.parse(at) as Instant);
  }
}
