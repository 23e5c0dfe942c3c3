import { type LedgerEntry, type Message, type VendorName } from './ledger';
import { type Answer, type Call } from './wire';

/** What a vendor makes of one send request. */
export interface Verdict {
  /** As they would be accepted; none when the request could not be read or its sender is not known. */
  readonly messages: readonly Message[];
  /** Present when the vendor refuses, with its code. */
  readonly refusal?: string;
  readonly answer: Answer;
}

/** One vendor, as its own documentation describes it. Failure modes and the ledger are none of its business. */
export interface Vendor {
  readonly name: VendorName;
  judge(call: Call): Verdict;
  /** How this vendor words the troubles that a failure mode asks for. */
  readonly troubles: Troubles;
  /** How this vendor reports what became of a message; absent for vendors that never do. */
  readonly receipts?: ReceiptLine;
  /** A customer wrote to the business; absent for vendors that make nothing of it. */
  customerWrote?(address: string, at: number): void;
}

export interface Troubles {
  throttled(retryAfterSeconds: number): Answer;
  brokenDown(): Answer;
  /** The whole account is refused: a definite no. */
  accountRefused(): { readonly code: string; readonly answer: Answer };
  errorWith200(): Answer;
  /** Any code, in this vendor's form: one that it documents, or one that nobody has heard of yet. */
  error(code: string): Answer;
}

export type ReceiptKind = 'sent' | 'delivered' | 'read' | 'failed' | 'replied';

/** Something that will be said about a message, some time after it was accepted. */
export interface PlannedReceipt {
  readonly kind: ReceiptKind;
  readonly afterMs: number;
  /** For `failed`: the vendor's code. */
  readonly code?: string;
  /** For `replied`: the customer's words. */
  readonly text?: string;
}

export interface Receipt extends PlannedReceipt {
  readonly entry: LedgerEntry;
  /** The vendor's time of the fact, in milliseconds: business time where the sandbox has one. */
  readonly at: number;
}

export interface ReceiptLine {
  readonly url: string | undefined;
  /** How many receipts one POST carries. */
  readonly batch: number;
  /** What is reported without anybody touching the handset. */
  plan(entry: LedgerEntry): readonly PlannedReceipt[];
  encode(receipts: readonly Receipt[]): Mail;
}

export interface Mail {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const accepting = (messages: readonly Message[], answer: Answer): Verdict => ({ messages, answer });

export const refusing = (code: string, answer: Answer, messages: readonly Message[] = []): Verdict => ({
  messages,
  refusal: code,
  answer,
});
