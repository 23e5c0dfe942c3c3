import { createHash } from 'node:crypto';
import { assertNever } from '@wapas/kernel';
import { type ErrorClass, type ReceiptKind, type SendOutcome } from '@wapas/provider-kit';

/**
 * Where a message stands (D8). `calling` begins when the claim commits, not when the first byte is written: only what can
 * start at once is claimed, so the two moments lie milliseconds apart, and a write between them would cost every message
 * a second commit. What turns out not to have started is given back to `planned` by its own process.
 */
export type MessageState = 'planned' | 'calling' | 'sent' | 'rejected' | 'retryable' | 'unknown' | 'skipped' | 'expired';

/** What an answer of the provider, or the lack of one, makes of a message. */
export interface AfterCall {
  readonly state: Extract<MessageState, 'sent' | 'rejected' | 'retryable' | 'unknown'>;
  readonly reason?: string;
  /** For `retryable`: not to be claimed sooner, in milliseconds of real time. */
  readonly retryInMs?: number;
  /** The address is of no use on this channel; the message may still find another one. */
  readonly blocksAddress?: boolean;
}

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 120_000;
const MOST_ATTEMPTS = 8;

/**
 * Provably not accepted is tried again, each time through a claim that asks about the goal once more. What may have been
 * accepted is `unknown` and stays so, unless the provider shows the customer one message for two calls.
 */
export function afterCall(outcome: SendOutcome, call: { messageId: string; attempt: number; resendIsSafe: boolean }): AfterCall {
  if (outcome.outcome === 'accepted') return { state: 'sent' };
  const { class: kind, retryAfterMs, scope, only } = outcome.failure;
  switch (kind) {
    case 'temporary':
    case 'throttled':
      return retry(call, kind, retryAfterMs);
    case 'unknown_outcome':
      return call.resendIsSafe ? retry(call, kind, retryAfterMs) : { state: 'unknown', reason: kind };
    case 'bad_address':
      return { state: 'retryable', reason: kind, retryInMs: 0, blocksAddress: true };
    case 'opted_out':
      return { state: 'rejected', reason: kind, blocksAddress: scope === 'address' && only === undefined };
    case 'bad_content':
    case 'bad_credentials':
      // A credential that only some addresses need (Apple's key): this one waits, another of the person may be reached.
      if (scope === 'address') return { state: 'retryable', reason: kind, retryInMs: 0, blocksAddress: true };
      return { state: 'rejected', reason: kind };
    case 'refused':
      return { state: 'rejected', reason: kind };
    default:
      return assertNever(kind);
  }
}

function retry(call: { messageId: string; attempt: number }, reason: ErrorClass, retryAfterMs: number | undefined): AfterCall {
  // The last call may have got through although nobody said so: that is not a rejection.
  if (call.attempt >= MOST_ATTEMPTS)
    return reason === 'unknown_outcome' ? { state: 'unknown', reason } : { state: 'rejected', reason: `${reason}_too_often` };
  return { state: 'retryable', reason, retryInMs: retryAfterMs ?? fullJitter(call) };
}

/** Full jitter: anywhere between nothing and the exponential delay. The "random" share is a hash, so a replay waits as long. */
function fullJitter({ messageId, attempt }: { messageId: string; attempt: number }): number {
  const share = createHash('sha256').update(`${messageId}:${attempt}`).digest().readUInt32BE(0) / 2 ** 32;
  return Math.ceil(share * Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 4 ** (attempt - 1)));
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
