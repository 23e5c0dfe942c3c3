import { createHash } from 'node:crypto';
import { assertNever } from '@wapas/kernel';
import {
  type Content,
  type ErrorClass,
  type FailureMeaning,
  type FailureScope,
  followUpOf,
  type ReceiptKind,
  type SendOutcome,
} from '@wapas/provider-kit';
import { type Otherwise, placeOfOther } from './wordings';

/**
 * Where a message stands (D8). `calling` begins when the claim commits, not when the first byte is written: only what can
 * start at once is claimed, so the two moments lie milliseconds apart, and a write between them would cost every message
 * a second commit. What turns out not to have started is given back to `planned` by its own process.
 */
export type MessageState = 'planned' | 'calling' | 'sent' | 'rejected' | 'retryable' | 'unknown' | 'skipped' | 'expired';

/** What an answer of the provider, or the lack of one, makes of a message. */
export interface AfterCall {
  readonly state: Extract<MessageState, 'sent' | 'rejected' | 'retryable' | 'unknown' | 'expired'>;
  readonly reason?: string;
  /** For `retryable`: another provider of the channel makes the next try. */
  readonly moveTo?: string;
  /** It may have been accepted although it is tried again: no other provider may have it from here on. */
  readonly maybeSent?: boolean;
  /** For `retryable`: which other wording goes out instead of the one that was refused. */
  readonly otherwise?: Otherwise;
  /** For `retryable`: the one further attempt that the refusal was worth. */
  readonly onceMore?: true;
  /** For `retryable`: not to be claimed sooner, in milliseconds of real time. */
  readonly retryInMs?: number;
}

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 120_000;
/** Each of these calls may be one more push on the handset, if the provider is wrong about resending. */
const MOST_UNKNOWNS = 8;
/** A provider that could not be reached so often is left for another one of the channel, if there is one. */
const ENOUGH_TRIES = 3;

/** A call as far as what follows from it depends on it. */
export interface Call {
  readonly messageId: string;
  /** From 1, over all providers. */
  readonly attempt: number;
  readonly resendIsSafe: boolean;
  /** Milliseconds of real time until the step is worth nothing. */
  readonly leftMs: number;
  /** Another provider of the channel that works and has not refused the message; null: none. */
  readonly instead: string | null;
  /** An earlier call may have been accepted. */
  readonly maybeSent: boolean;
  /** Wordings that have not been tried, in their order. */
  readonly others: readonly Content[];
  /** It has had the one further attempt that some refusals are worth. */
  readonly hadOnceMore: boolean;
  /** Milliseconds of real time for which the vendor takes nothing of the kind, at night; null: nothing of the sort was said. */
  readonly closedForMs: number | null;
}

/**
 * Provably not accepted is tried again as long as its step is worth it, each time through a claim that asks about the goal
 * once more; after a definite no that concerns the template in another wording, and after one that concerns the provider by another one
 * of the channel. What may have been accepted is
 * `unknown` and stays so, unless the provider shows the customer one message for two calls, and never goes to another one.
 */
export function afterCall(outcome: SendOutcome, call: Call): AfterCall {
  if (outcome.outcome === 'accepted') return { state: 'sent' };
  const { class: kind, retryAfterMs, scope, again } = outcome.failure;
  const instead = call.maybeSent ? null : call.instead;
  switch (kind) {
    case 'temporary':
      if (instead !== null && call.attempt >= ENOUGH_TRIES) return moveOn(kind, instead);
      return retry(call, kind, retryAfterMs);
    case 'throttled':
      if (call.closedForMs !== null) return retry(call, kind, call.closedForMs);
      return retry(call, kind, scope === 'address' ? patience(call, retryAfterMs) : retryAfterMs);
    case 'unknown_outcome':
      if (!call.resendIsSafe || call.attempt >= MOST_UNKNOWNS) return { state: 'unknown', reason: kind };
      return { ...retry(call, kind, retryAfterMs), maybeSent: true };
    case 'bad_address':
      return { state: 'retryable', reason: kind, retryInMs: 0 };
    case 'opted_out':
      return { state: 'rejected', reason: kind };
    case 'bad_content':
    case 'bad_credentials':
      // A credential that only some addresses need (Apple's key): this one waits, another of the person may be reached.
      if (scope === 'address') return { state: 'retryable', reason: kind, retryInMs: 0 };
      return refusal(kind, scope, call);
    case 'refused':
      return (again === 'same' ? onceMore(call, kind, retryAfterMs) : null) ?? refusal(kind, scope, call);
    default:
      return assertNever(kind);
  }
}

/** Is the address of no use on this channel from here on? The message may still find another one of the person. */
export function blocksAddress(outcome: SendOutcome): boolean {
  if (outcome.outcome === 'accepted') return false;
  const { class: kind, scope, only } = outcome.failure;
  if (kind === 'bad_address') return true;
  if (kind === 'opted_out') return scope === 'address' && only === undefined;
  return (kind === 'bad_content' || kind === 'bad_credentials') && scope === 'address';
}

/** Does it forbid marketing to the address, and nothing else? */
export function suppressesMarketing(failure: FailureMeaning): boolean {
  return followUpOf(failure, false).includes('suppress_marketing');
}

/** What is wrong with the message or the person is wrong everywhere; what is wrong with a template, sender or account is one provider's. */
function refusal(
  reason: ErrorClass,
  scope: FailureScope,
  { others, instead, maybeSent }: Pick<Call, 'others' | 'instead' | 'maybeSent'>,
): AfterCall {
  if (scope === 'template' && placeOfOther(others, 'next') !== null && !maybeSent)
    return { state: 'retryable', reason, retryInMs: 0, otherwise: 'next' };
  const isTheirs = scope === 'template' || scope === 'sender' || scope === 'account';
  return isTheirs && instead !== null && !maybeSent ? moveOn(reason, instead) : { state: 'rejected', reason };
}

/** The same once more, then in another wording: a picture that cannot be fetched is left out by it. Null: it has had both. */
function onceMore(call: Reported, reason: ErrorClass, retryAfterMs: number | undefined): AfterCall | null {
  if (call.maybeSent) return null;
  if (!call.hadOnceMore && call.leftMs > 0) {
    const retryInMs = Math.min(retryAfterMs ?? fullJitter(call), call.leftMs);
    return { state: 'retryable', reason, retryInMs, onceMore: true };
  }
  const hasPlain = placeOfOther(call.others, 'without_media') !== null;
  return hasPlain ? { state: 'retryable', reason, retryInMs: 0, otherwise: 'without_media' } : null;
}

/** What a report of failure finds of its message. */
export type Reported = Omit<Call, 'resendIsSafe' | 'closedForMs'>;

/**
 * What becomes of a message that was taken and of which the vendor then reports a failure that is worth a further attempt. Null: it is
 * over. A report is as definite as an answer; one that comes when the step is worth nothing any more changes nothing.
 */
export function afterReport(
  { class: kind, scope, again }: Pick<FailureMeaning, 'class' | 'scope' | 'again'>,
  reported: Reported,
): AfterCall | null {
  if (reported.leftMs <= 0 || reported.maybeSent) return null;
  if (again === 'same') return onceMore(reported, kind, undefined);
  if (again === 'elsewhere')
    return reported.instead === null || reported.hadOnceMore ? null : { ...moveOn(kind, reported.instead), onceMore: true };
  if (kind !== 'bad_content' && kind !== 'bad_credentials' && kind !== 'refused') return null;
  // An operator that rejected a text rejects it from everybody; what is wrong with a number or an account is that provider's.
  const instead = scope === 'template' ? null : reported.instead;
  const after = refusal(kind, scope, { ...reported, instead });
  return after.state === 'retryable' ? after : null;
}

const moveOn = (reason: ErrorClass, moveTo: string): AfterCall => ({ state: 'retryable', reason, retryInMs: 0, moveTo });

function retry(call: Call, reason: ErrorClass, retryAfterMs: number | undefined): AfterCall {
  const retryInMs = retryAfterMs ?? fullJitter(call);
  if (retryInMs <= call.leftMs) return { state: 'retryable', reason, retryInMs };
  // A call may have got through although nobody said so: that is not "expired".
  return call.maybeSent || reason === 'unknown_outcome' ? { state: 'unknown', reason } : { state: 'expired', reason: 'too_late' };
}

/**
 * For one person alone nobody else waits, so each refusal is waited for four times longer (WhatsApp's pair rate: at least six
 * seconds, then 4^n): asking on at the same pace would keep the limit alive.
 */
function patience({ attempt }: Call, atLeastMs = 0): number {
  return Math.max(atLeastMs, Math.min(LONGEST_RETRY_MS, 1_000 * 4 ** Math.min(attempt, 10)));
}

/** Full jitter: anywhere between nothing and the exponential delay. The "random" share is a hash, so a replay waits as long. */
function fullJitter({ messageId, attempt }: Pick<Call, 'messageId' | 'attempt'>): number {
  const share = createHash('sha256').update(`${messageId}:${attempt}`).digest().readUInt32BE(0) / 2 ** 32;
  return Math.ceil(share * Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 4 ** Math.min(attempt - 1, 10)));
}

const RANK: Readonly<Record<ReceiptKind, number>> = {
  failed: 0,
  sent: 1,
  delivered: 2,
  opened: 3,
  read: 3,
  clicked: 4,
  replied: 4,
};

/**
 * What a receipt makes of a message. Receipts come in any order and more than once: what proves more wins, `failed` wins
 * only while nothing proves delivery, and a later delivery outweighs it. Null: the state stays.
 */
export function afterReceipt(
  state: MessageState,
  heardBefore: readonly ReceiptKind[],
  receipt: { kind: ReceiptKind; class?: ErrorClass },
): { state: MessageState; reason: string | null } | null {
  const arrived = heardBefore.some((kind) => RANK[kind] >= RANK.delivered);
  if (receipt.kind === 'failed') {
    if (arrived || state === 'rejected' || state === 'skipped' || state === 'expired') return null;
    return { state: 'rejected', reason: receipt.class ?? 'refused' };
  }
  // "Sent" proves no more than that the vendor took it; it does not undo that the vendor then failed.
  if (receipt.kind === 'sent' && heardBefore.includes('failed') && !arrived) return null;
  return state === 'sent' ? null : { state: 'sent', reason: null };
}
