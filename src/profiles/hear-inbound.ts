import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '@wapas/database';
import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { CONFIG, type Config } from '../config/config';
import { IdentifyPeople } from './identify-people';
import { LearnNames } from './learn-names';
import { heardIn } from './rules/stop-words';
import { inboundStore } from './store/inbound.store';
import { numberChangeStore } from './store/number-change.store';
import { type NewSuppression } from './store/suppression.store';
import { SuppressPeople } from './suppress-people';

/** A text that a customer sent us. */
export interface InboundMessage {
  /** whatsapp, sms, … */
  readonly channel: string;
  /** E.164 with `+`; one of the three is there. */
  readonly phone?: string;
  /** Keyed hash of the number, when only that is known: of the message that is answered. */
  readonly addressKey?: EntityKey;
  /** WhatsApp's business-scoped id. */
  readonly whatsappId?: string;
  readonly text: string;
  /** The gateway's id of it: heard twice, it acts once. */
  readonly sourceId: string;
  readonly at: Instant;
}

export type Heard = 'stopped' | 'resumed' | 'not_a_command' | 'duplicate';

/** A person told the vendor what they want from the business: about marketing on that channel and nothing else (rule 11). */
export interface HeardPreference {
  readonly value: 'stop' | 'resume';
  readonly provider: string;
  readonly channel: string;
  readonly addressKey: EntityKey;
  readonly at: Instant;
}

type LiftScope = Parameters<SuppressPeople['liftIn']>[2];

/** What is stored for a stop: for a stop and its undoing to meet, both are made here. */
const REASON = 'stop_word';
const PREFERENCE = 'vendor_preference';

/**
 * Hears what customers write back. A stop word alone on the line forbids messages to that number at once (rule 11): all of
 * them, or marketing on that channel, as `WAPAS_STOP_SCOPE` says. A start word takes exactly that back and gives nothing new.
 */
@Injectable()
export class HearInbound {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
    @Inject(IdentifyPeople) private readonly identifyPeople: IdentifyPeople,
    @Inject(SuppressPeople) private readonly suppressPeople: SuppressPeople,
    @Inject(LearnNames) private readonly learnNames: LearnNames,
  ) {}

  /** When it resolves with `stopped`, no call that the stop forbids will start. */
  async hear(message: InboundMessage): Promise<Heard> {
    const { phone, whatsappId, at } = message;
    if (phone !== undefined && whatsappId !== undefined) await this.learnNames.learn(whatsappId, phone, at);
    const heard = await this.database.transaction((tx) => this.hearIn(tx, message));
    // Heard twice, it may be that whoever heard it first did not come to this.
    if (heard === 'stopped' || heard === 'duplicate') await this.suppressPeople.outlast(this.sendersOf(message));
    return heard;
  }

  async hearIn(tx: Transaction, message: InboundMessage): Promise<Heard> {
    const { channel, text, sourceId, at } = message;
    const word = heardIn(text, this.config.links.header);
    if (!word) return 'not_a_command';
    if (!(await inboundStore.isNew(tx, channel, sourceId))) return 'duplicate';
    const senders = this.sendersOf(message);
    if (senders.length === 0) return 'not_a_command';
    const isAll = this.config.contact.stopScope === 'all';
    const scope = { reason: REASON, channel: isAll ? null : channel, purpose: isAll ? null : ('marketing' as const) };
    if (word.meaning === 'start') {
      await this.suppressPeople.liftIn(tx, senders, scope, at);
      const number = this.numberOf(message);
      if (number !== undefined) await this.liftOfFormer(tx, channel, number, scope, at);
      return 'resumed';
    }
    await this.suppressPeople.stopIn(
      tx,
      senders.map((sender) => ({ ...sender, ...scope, source: `inbound_${channel}`, expiresAt: null })),
      'stop_word',
      at,
    );
    return 'stopped';
  }

  /** Told twice it acts once: a stop that a vendor repeats must not undo a later change of mind. */
  async hearPreferenceIn(tx: Transaction, { value, provider, channel, addressKey, at }: HeardPreference): Promise<void> {
    if (!(await inboundStore.isNew(tx, channel, `preference ${addressKey} ${value} ${at}`))) return;
    const number = { subject: addressKey, subjectKind: 'phone' as const };
    const scope = { reason: PREFERENCE, channel, purpose: 'marketing' as const };
    if (value === 'resume') {
      await this.suppressPeople.liftIn(tx, [number], scope, at);
      return this.liftOfFormer(tx, channel, addressKey, scope, at);
    }
    await this.suppressPeople.stopIn(tx, [{ ...number, ...scope, source: provider, expiresAt: null }], PREFERENCE, at);
  }

  private numberOf({ phone, addressKey }: InboundMessage): EntityKey | undefined {
    return phone === undefined ? addressKey : this.identifyPeople.keyOf('phone', phone);
  }

  private sendersOf(message: InboundMessage): Pick<NewSuppression, 'subject' | 'subjectKind'>[] {
    const number = this.numberOf(message);
    const name = message.whatsappId === undefined ? undefined : this.identifyPeople.keyOf('whatsapp_id', message.whatsappId);
    return [
      ...(number === undefined ? [] : [{ subject: number, subjectKind: 'phone' as const }]),
      ...(name === undefined ? [] : [{ subject: name, subjectKind: 'whatsapp_id' as const }]),
    ];
  }

  /** Also what they said when they had other numbers; not what is said there by whoever has them since. */
  private async liftOfFormer(tx: Transaction, channel: string, number: EntityKey, scope: LiftScope, at: Instant): Promise<void> {
    for (const { key, leftAt } of await numberChangeStore.former(tx, channel, number)) {
      const former = { subject: key, subjectKind: 'phone' as const };
      await this.suppressPeople.liftIn(tx, [former], scope, leftAt < at ? leftAt : at);
    }
  }
}
