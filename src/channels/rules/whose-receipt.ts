import { type ReceiptKind } from '@wapas/provider-kit';
import { callOf } from './attempt-id';

/** A call, as whoever tells of it names it. */
export interface NamedCall {
  readonly messageId: string;
  /** Of which call; null or absent: nobody can tell. */
  readonly fence?: number | null;
}

/** Something that was heard, as far as whose it is depends on it. */
export interface Heard {
  /** Null: not known yet. */
  readonly messageId: string | null;
  readonly fence?: number | null;
  /** Nothing but the number says so: it may be about what others send to it from the same account. */
  readonly isByNumber?: boolean;
  readonly kind: ReceiptKind;
  readonly provider: string;
  readonly vendorId?: string;
  readonly addressKey?: string;
}

/** A message, as far as which of its attempts a receipt is about depends on it. */
export interface Attempts {
  /** Whose call was the last one, or is the next. */
  readonly provider: string | null;
  readonly addressKey: string | null;
  /** The fence of the last attempt that was reported as failed and had another one follow; null: none was. */
  readonly reopened: number | null;
  /** Those before it, oldest first. */
  readonly earlier: readonly number[];
}

/** The call that our own reference names, which the vendor echoes. */
export function namedByUs(attemptId: string | undefined): { readonly messageId: string | null; readonly fence: number | null } {
  return (attemptId === undefined ? null : callOf(attemptId)) ?? { messageId: null, fence: null };
}

/** What nothing else ties to a message is about the call that its vendor's id names. */
export function namedByVendor<Told extends Heard>(told: Told, calls: ReadonlyMap<string, NamedCall>): Told {
  const call = told.messageId === null ? calls.get(told.vendorId ?? '') : undefined;
  return call === undefined ? told : { ...told, ...call };
}

/** What nothing else ties to a message is about the one message that its number can mean. */
export function namedByNumber<Told extends Heard>(told: Told, messages: ReadonlyMap<string, string>): Told {
  const messageId = told.messageId === null ? messages.get(told.addressKey ?? '') : undefined;
  return messageId === undefined ? told : { ...told, messageId, isByNumber: true };
}

/** What a provider alone can say. */
export const provesArrival = (kind: ReceiptKind): boolean => kind === 'delivered' || kind === 'read';

/** It names a call of another provider than the one that has the message now: one that was refused may have been taken all the same. */
export function arrivedElsewhere(told: Heard, message: Pick<Attempts, 'provider'>): told is Heard & { readonly fence: number } {
  return typeof told.fence === 'number' && provesArrival(told.kind) && told.provider !== message.provider;
}

/**
 * What is kept of a receipt of this message: with the attempt that it is about, where somebody can tell. Null: it says nothing of the
 * message any more.
 */
export function atItsAttempt<Told extends Heard>(told: Told, message: Attempts): (Told & { readonly attempt?: number }) | null {
  const attempt = attemptOf(message, told.fence);
  const isOfEarlier = attempt !== (message.reopened ?? 0);
  // It has had a further attempt since: that an earlier one was taken, and how it failed, is known, or says nothing any more.
  if (isOfEarlier && (told.kind === 'failed' || told.kind === 'sent')) return null;
  // Another provider has it by now: what became of the call before is that one's own matter.
  if (told.kind === 'failed' && told.provider !== message.provider) return null;
  const isOfCall = typeof told.fence === 'number' || told.isByNumber === true;
  if (told.kind !== 'failed') return isOfCall ? { ...told, attempt } : told;
  // Failures are counted by the address that they are about, whether the vendor names it or not.
  return { ...told, attempt, addressKey: message.addressKey ?? told.addressKey };
}

/** Which of the attempts of a message a call was part of: the fence of the failed one before; 0: none. Of the last one when nobody can tell. */
function attemptOf({ reopened, earlier }: Attempts, fence: number | null | undefined): number {
  if (typeof fence !== 'number' || reopened === null || fence > reopened) return reopened ?? 0;
  return Math.max(0, ...earlier.filter((one) => one < fence));
}
