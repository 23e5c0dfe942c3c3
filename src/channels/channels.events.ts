import { type EntityKey } from '@wapas/entity-keys';
import { type Billing, type InboundMessage, type ReceiptKind } from '@wapas/provider-kit';
import { type MessageState } from './rules/message-state';

/** Bus event `message.requested`: a message is planned and waits for its provider. */
export interface MessageRequested {
  readonly messageId: string;
  readonly provider: string;
}

/** Bus event `message.settled`: it is known, or known to be unknown, what became of a message. May come again when a receipt knows better. */
export interface MessageSettled {
  readonly messageId: string;
  readonly runId: string;
  /** From which begin of T on it was planned; absent in what was published by an earlier version. */
  readonly lap?: number;
  readonly step: string;
  readonly channel: string;
  readonly provider: string | null;
  readonly state: Extract<MessageState, 'sent' | 'rejected' | 'unknown' | 'skipped' | 'expired'>;
  readonly reason: string | null;
  /** Business time of the call or the decision, RFC 3339. */
  readonly at: string;
  /** How many SMS its text takes; null or absent: not known, or no SMS. */
  readonly parts?: number | null;
  /** Of the number it went to, ISO 3166; null or absent: to no number, or not known. */
  readonly country?: string | null;
  /** The price category that was known of it before its vendor said one; null or absent: none. */
  readonly sentAs?: string | null;
}

/** Bus event `receipt.recorded`: something new was heard of a message. */
export interface ReceiptRecorded {
  readonly messageId: string;
  readonly runId: string;
  /** As in `MessageSettled`. */
  readonly lap?: number;
  readonly step: string;
  readonly channel: string;
  readonly kind: ReceiptKind;
  /** What the vendor says it charges for, when it says so. */
  readonly billing?: Billing;
  /** Business time at which we heard, RFC 3339. */
  readonly at: string;
}

/** Bus event `message.attempts_changed`: an attempt that was reported as failed is followed by another one, or is the last one after all. */
export interface AttemptsChanged {
  readonly messageId: string;
}

/** Bus event `messages.erased`: the texts of an erased person's messages are gone. May come again. */
export interface MessagesErased {
  readonly erasureId: string;
  readonly messageIds: readonly string[];
}

/** Bus event `number.changed`: a vendor said that a person is at another number now; each once. */
export interface NumberChanged {
  readonly channel: string;
  /** The vendor's id of the news. */
  readonly sourceId: string;
  /** Both numbers, sealed: `openNumbers`. */
  readonly numbers: string;
  /** The vendor's time, RFC 3339. */
  readonly at: string;
}

/** Bus event `vendor.named`: a vendor calls whoever is at an address by a name of its own, and somebody there is not known by it yet. */
export interface VendorNamed {
  readonly channel: string;
  /** Sealed: `openVendorName`. */
  readonly name: string;
  /** Keyed hash of the number. */
  readonly addressKey: EntityKey;
  /** The vendor's time, RFC 3339. */
  readonly at: string;
}

/** Bus event `answer.heard`: a person wrote back, tapped a reply button, or told the vendor what they want; each once. */
export interface AnswerHeard {
  readonly answerId: string;
  readonly provider: string;
  readonly channel: string;
  /** The vendor's id of the answer; of a preference, the number and the moment. */
  readonly sourceId: string;
  /** `stop_marketing`, `resume_marketing`: said to the vendor, not to us, and about marketing alone. */
  readonly kind: InboundMessage['kind'] | 'stop_marketing' | 'resume_marketing';
  /** Text, payload and number, sealed: `openWords`. */
  readonly words: string;
  /** Of the number, or of the message that is answered. */
  readonly addressKey: EntityKey | null;
  /** Our message that is answered, when the vendor says so. */
  readonly messageId: string | null;
  /** The vendor's time, RFC 3339. */
  readonly at: string;
}
