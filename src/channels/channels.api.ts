import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { type MessageCaps } from './rules/caps';
import { type Billing, type InboundMessage, type ReceiptKind } from '@wapas/provider-kit';
import { type Mistake } from './note-mistakes';
import { type Guard } from './rules/guard';
import { type MessageState } from './rules/message-state';
import { type LegalWindow, type OwnWindow } from './rules/legal-window';
import { type TemplateFacts } from './rules/render';

export { type AnswerWords, openWords } from './answer-words';
export { RailsDown } from './rails-down';
export { RequestMessages } from './request-messages';
export { ProvidersInTrouble } from './providers-in-trouble';
export { ReportSpend } from './report-spend';
export { StopSending } from './stop-sending';
export { brokenCap, CAP_REASONS, type CapLimits, countHad, type TakenMessage } from './rules/caps';
export { type ClaimDifference, judge as judgeClaim, type RecordedMessage, replayClaims } from './rules/claim';
export { type MaySend, type SendFacts } from './rules/may-send';
export { ForeseeMessages, type ForeseenMessage } from './foresee-messages';
export { type CopyChange, registeredNamesOf } from './rules/copies';
export { copyChangeStore } from './store/copy-change.store';
export { claimReader } from './store/claim.store';
export { Templates } from './templates';
export { messageFacts } from './store/message-facts.store';
export { messageReader, type MessageStory } from './store/message-story.store';
export { type StepAsk } from './rules/lint/linted';
export { LintTemplates } from './lint-templates';
export { type Guard, type LegalWindow, type TemplateFacts };

/** Which channels have a provider. */
export abstract class ServedChannels {
  abstract isServed(channel: string): boolean;
}

/** What the send path of this process has done and has to do. */
export abstract class SendFigures {
  /** Calls that ended since the process started. `outcome`: `accepted`, or the class of the failure. */
  abstract calls(): { readonly provider: string; readonly outcome: string; readonly count: number }[];
  /** What vendors held against messages within the last hour, by their codes; of this process. */
  abstract mistakes(): readonly Mistake[];
  /** Calls per second that are let through to each provider at present, in all containers. */
  abstract pace(): Promise<{ readonly provider: string; readonly perSecond: number }[]>;
  /** Messages that wait to be claimed, by provider, counted to 100,000 in all containers. */
  abstract waiting(): Promise<{ readonly provider: string; readonly count: number }[]>;
  /** Jobs that wait on the lane of each provider; empty while the queue is out of reach. */
  abstract jobs(): Promise<{ readonly provider: string; readonly count: number }[]>;
}

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

/** A call that a provider took although it had refused it, or that it then reported as failed, and that another one followed. */
export interface EarlierAttempt {
  readonly messageId: string;
  readonly runId: string;
  readonly step: string;
  readonly channel: string;
  readonly fence: number;
  readonly provider: string;
  /** Business time of the call. */
  readonly at: Date;
  /** Business time at which we heard that it had arrived; null: it has not. */
  readonly deliveredAt: Date | null;
  /** Business time at which we heard that it had failed; null: that is not stored any more. */
  readonly failedAt: Date | null;
  /** The vendor's latest word. */
  readonly category: string | null;
  readonly billable: boolean | null;
  readonly parts: number | null;
  /** As in `MessageSettled`. */
  readonly country: string | null;
  /** As in `MessageSettled`. */
  readonly sentAs: string | null;
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
