import { type Again, type ErrorClass, type FailureScope, type Strikes } from './outcome';

/** A vendor's webhook as it arrived. Verify reads `rawBody`, never a parsed and re-serialised body. */
export interface RawWebhook {
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** The last part of the path, for vendors that sign nothing and get an unguessable address instead; '' when absent. */
  readonly pathToken: string;
  /** The address it came from: beyond the proxies that the deployment trusts, never what a header claims by itself. */
  readonly clientAddress?: string;
  readonly rawBody: Buffer;
}

export type Verification = { readonly authentic: true } | { readonly authentic: false; readonly reason: string };

/** What a vendor may tell us later about a message, in the order of what it proves. */
export type ReceiptKind = (typeof RECEIPT_KINDS)[number];
export const RECEIPT_KINDS = ['sent', 'delivered', 'read', 'clicked', 'replied', 'opened', 'failed'] as const;

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
  /** The vendor's own name for the person, beside the number or instead of it: whoever is written to there is known by it from then on. */
  readonly vendorUserId?: string;
  /** The vendor's own time of the fact, milliseconds since 1970. */
  readonly at: number;
  /** For `failed`: the vendor's code, and what it means. Never `unknown_outcome`: a receipt settles. */
  readonly code?: string;
  readonly class?: ErrorClass;
  readonly scope?: FailureScope;
  /** As in `FailureMeaning`. */
  readonly only?: 'marketing';
  readonly holdsForMs?: number;
  readonly strikes?: Strikes;
  readonly again?: Again;
  readonly unlisted?: true;
  readonly billing?: Billing;
}

/** Something a person sent us, as the vendor passed it on. */
export interface InboundMessage {
  /** The vendor's id of it: told twice, it is heard once. */
  readonly id: string;
  readonly at: number;
  /** `button`: a reply button was tapped. `other`: a picture, a place, whatever has no text. */
  readonly kind: 'text' | 'button' | 'other';
  /** What they wrote, or what the button says; at most 4,096 characters. */
  readonly text?: string;
  /** What the button carries back. */
  readonly payload?: string;
  /** The vendor's id of our message that is answered. */
  readonly answers?: string;
  /** E.164 with `+`; may be missing for people whom the vendor knows by a name. */
  readonly phone?: string;
  /** The vendor's own name for the person. */
  readonly vendorUserId?: string;
}

/** A person told the vendor what they want from this business. */
export interface PreferenceNews {
  readonly value: 'stop' | 'resume';
  readonly purpose: 'marketing';
  readonly at: number;
  readonly phone: string;
}

/** A person has moved from one number to another, and the vendor knows it to be the same person. */
export interface NumberChange {
  /** The vendor's id of the news: told twice, it is heard once. */
  readonly id: string;
  /** The vendor's own time of it, milliseconds since 1970. */
  readonly at: number;
  /** E.164 with `+`, both of them, and not the same. */
  readonly from: string;
  readonly to: string;
}

/** What the vendor says about a registered template. Only what was said is set. */
export interface TemplateNews {
  readonly template: string;
  readonly language: string;
  /** `paused`: not now. `gone`: not any more. */
  readonly status?: 'usable' | 'paused' | 'gone';
  /** The vendor's word for the status. */
  readonly code?: string;
  /** The vendor's word: GREEN, YELLOW, RED. */
  readonly quality?: string;
  /** The vendor's price category in lower case, when it was changed. */
  readonly category?: string;
  readonly previousCategory?: string;
}

/** What the vendor says about the account, or about the number that sends. Only what was said is set. */
export interface AccountNews {
  readonly scope: 'account' | 'sender';
  /** `restricted`: nothing may go out through it. `usable`: it may again. Absent: nothing changes by itself, and a person is told. */
  readonly standing?: 'restricted' | 'usable';
  /** The standing concerns marketing only. */
  readonly only?: 'marketing';
  /** Of a restriction that ends by itself: when, milliseconds since 1970. Absent: until the vendor or a person says otherwise. */
  readonly until?: number;
  /** How many different people the account may write to in a moving 24 hours from now on; null: any number. */
  readonly mostPeoplePerDay?: number | null;
  /** The vendor's own time of the news, milliseconds since 1970: older ones than those that are known change nothing. */
  readonly at?: number;
  /** The vendor's word for what happened. */
  readonly code: string;
  /** For people: at most 300 characters, without numbers or tokens (`cleanWords`). */
  readonly detail?: string;
}

export interface ParsedWebhook {
  readonly receipts: readonly ProviderReceipt[];
  readonly inbound?: readonly InboundMessage[];
  readonly preferences?: readonly PreferenceNews[];
  readonly numberChanges?: readonly NumberChange[];
  readonly templates?: readonly TemplateNews[];
  readonly account?: readonly AccountNews[];
  /** Codes of the vendor that stand in no table of the provider: a person is told of each, once. */
  readonly unlisted?: readonly string[];
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
