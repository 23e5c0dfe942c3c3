import { type EntryFilter } from './entry-filter';

/** What became of messages: heard of them, handed over to a provider (`handedOver`), charged for, and charged for by assumption (`costOf`). */
export const MESSAGE_OUTCOMES = ['delivered', 'read', 'clicked', 'failed', 'taken', 'billed', 'assumed'] as const;
export type MessageOutcome = (typeof MESSAGE_OUTCOMES)[number];

/** Null stands for "any". Without an outcome messages are listed, and no attempt that another one followed. */
export interface MessageFilter extends EntryFilter {
  readonly channel: string | null;
  /** Empty: those that went to none. */
  readonly provider: string | null;
  readonly state: string | null;
  /** As invoices have it: of what nobody has said, what is assumed of the channel. Empty: those without one. */
  readonly category: string | null;
  /** As invoices have it: of what names none, the deployment's own. */
  readonly country: string | null;
  readonly outcome: MessageOutcome | null;
  /** Of the rate that they are charged at. Empty: those for which there is none. */
  readonly currency: string | null;
  /** Days in India, YYYY-MM-DD, on which they were called, the second one exclusive. */
  readonly calledOn: { readonly from: string; readonly to: string } | null;
}
