import { Inject, Injectable } from '@nestjs/common';
import { type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type BusHandler } from '@wapas/events';
import { instantFromMillis } from '@wapas/kernel';
import { HearInbound } from './hear-inbound';
import { inboundStore } from './store/inbound.store';
import { SuppressPeople } from './suppress-people';

/** What a person wrote back or tapped, as far as it may be a command. */
export interface HeardAnswer {
  readonly channel: string;
  readonly vendorId: string;
  readonly text: string | null;
  /** What a reply button carries back: `stop:…` is a stop, whatever its words are. */
  readonly payload: string | null;
  readonly phone: string | null;
  /** WhatsApp's business-scoped id, where the vendor gives it. */
  readonly vendorUserId?: string | null;
  readonly at: string;
}

/** That a person told the vendor to stop, or to resume, marketing. */
export interface HeardPreference {
  readonly channel: string;
  readonly value: 'stop' | 'resume';
  readonly addressKey: EntityKey;
  readonly at: string;
}

/** Stop and start words among what people write back through a provider (E65). */
@Injectable()
export class HearCommands implements BusHandler<HeardAnswer> {
  constructor(@Inject(HearInbound) private readonly hearInbound: HearInbound) {}

  async handle(tx: Transaction, items: readonly HeardAnswer[]): Promise<void> {
    for (const { channel, phone, vendorUserId, text, payload, vendorId, at } of items) {
      const command = payload?.startsWith('stop:') ? 'stop' : text;
      if (command === null) continue;
      await this.hearInbound.hearIn(tx, {
        channel,
        phone: phone ?? undefined,
        whatsappId: vendorUserId ?? undefined,
        text: command,
        sourceId: vendorId,
        at: instantFromMillis(Date.parse(at)),
      });
    }
  }
}

/** A preference kept by the vendor: marketing on that channel to that number, and nothing else (rule 11). */
@Injectable()
export class HearVendorPreferences implements BusHandler<HeardPreference> {
  constructor(@Inject(SuppressPeople) private readonly suppressPeople: SuppressPeople) {}

  async handle(tx: Transaction, items: readonly HeardPreference[]): Promise<void> {
    for (const { channel, value, addressKey, at } of items) {
      if (!(await inboundStore.isNew(tx, channel, `preference ${addressKey} ${value} ${at}`))) continue;
      const number = { subject: addressKey, subjectKind: 'phone' as const };
      const scope = { reason: 'vendor_preference', channel, purpose: 'marketing' as const };
      if (value === 'resume') await this.suppressPeople.liftIn(tx, [number], scope, instantFromMillis(Date.parse(at)));
      else await this.suppressPeople.suppressIn(tx, [{ ...number, ...scope, source: `vendor_${channel}`, expiresAt: null }]);
    }
  }
}
