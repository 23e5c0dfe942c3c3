import { type Instant } from '@wapas/kernel';
import { type Billing, type ReceiptKind } from '@wapas/provider-kit';
import { type Guard } from './rules/guard';
import { type MessageState } from './rules/message-state';
import { type TemplateFacts } from './rules/render';

export { RequestMessages } from './request-messages';
export { Templates } from './templates';
export { messageFacts } from './store/message-facts.store';
export { messageReader, type MessageStory } from './store/message-story.store';
export { type Guard, type TemplateFacts };

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
  readonly guard: Guard;
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
  readonly step: string;
  readonly channel: string;
  readonly provider: string | null;
  readonly state: Extract<MessageState, 'sent' | 'rejected' | 'unknown' | 'skipped' | 'expired'>;
  readonly reason: string | null;
  /** Business time of the call or the decision, RFC 3339. */
  readonly at: string;
}

/** Bus event `receipt.recorded`: something new was heard of a message. */
export interface ReceiptRecorded {
  readonly messageId: string;
  readonly runId: string;
  readonly step: string;
  readonly channel: string;
  readonly kind: ReceiptKind;
  /** What the vendor says it charges for, when it says so. */
  readonly billing?: Billing;
  /** Business time at which we heard, RFC 3339. */
  readonly at: string;
}
