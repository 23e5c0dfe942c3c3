import { type ErrorClass, type FailureScope } from './outcome';

/** A vendor's webhook as it arrived. Verify reads `rawBody`, never a parsed and re-serialised body. */
export interface RawWebhook {
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** The last part of the path, for vendors that sign nothing and get an unguessable address instead; '' when absent. */
  readonly pathToken: string;
  readonly rawBody: Buffer;
}

export type Verification = { readonly authentic: true } | { readonly authentic: false; readonly reason: string };

/** What a vendor may tell us later about a message, in the order of what it proves. */
export type ReceiptKind = 'sent' | 'delivered' | 'read' | 'clicked' | 'replied' | 'opened' | 'failed';

/** What a vendor says it charges for. Absent parts were not said. */
export interface Billing {
  readonly billable?: boolean;
  /** The vendor's price category in lower case, such as `utility` or `marketing`. */
  readonly category?: string;
  /** How many SMS the text took. */
  readonly parts?: number;
}

/** One thing a vendor said about one message. */
export interface ProviderReceipt {
  readonly kind: ReceiptKind;
  /** Our attempt id, when the vendor echoes it. */
  readonly attemptId?: string;
  readonly vendorId?: string;
  /** E.164 with `+`, when the vendor names the number. */
  readonly phone?: string;
  /** The vendor's own time of the fact, milliseconds since 1970. */
  readonly at: number;
  /** For `failed`: the vendor's code, and what it means. Never `unknown_outcome`: a receipt settles. */
  readonly code?: string;
  readonly class?: ErrorClass;
  readonly scope?: FailureScope;
  /** As in `FailureMeaning`. */
  readonly only?: 'marketing';
  readonly holdsForMs?: number;
  readonly billing?: Billing;
}

export interface ParsedWebhook {
  readonly receipts: readonly ProviderReceipt[];
  /** Well-formed parts that this provider does not understand, each in a few words: counted and shown, never an error. */
  readonly leftovers: readonly string[];
}

/** How a vendor reaches us. `verify` comes first, on raw bytes, in constant time; it fails closed. */
export interface ReceiptEndpoint {
  /** Answers a subscription handshake (WhatsApp `hub.challenge`); null when the request is none or the token is wrong. */
  challenge?(webhook: RawWebhook): string | null;
  verify(webhook: RawWebhook): Verification;
  /** Never throws: what it cannot read it returns as leftovers. */
  parse(webhook: RawWebhook): ParsedWebhook;
}
