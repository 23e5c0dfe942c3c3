import { type Instant, type Money } from '@wapas/kernel';
import { type HttpClient } from '@wapas/provider-kit';

/** What a payment is looked up by, in the gateway's own ids. The order comes first: it outlives its attempts. */
export interface PaymentSubject {
  readonly order?: string;
  readonly payment?: string;
}

/** A payment and where it was heard of: whom to ask about it. */
export interface PaymentAsk extends PaymentSubject {
  /** The event source: a gateway's own name when its webhook brought it. */
  readonly source: string;
}

/**
 * Where an order stands. `pending`: an attempt is with the bank and may still succeed. `authorised`: the money is reserved,
 * not yet taken. Nothing but `open` may be asked for again.
 */
export const PAYMENT_STATES = ['open', 'pending', 'authorised', 'paid', 'refunded', 'cancelled', 'expired'] as const;
export type PaymentState = (typeof PAYMENT_STATES)[number];

/** What the gateway says of an order at this moment. */
export interface PaymentWord {
  readonly state: PaymentState;
  /** What is still to be paid, or was paid; absent when the gateway's figure cannot be read exactly. */
  readonly amount?: Money;
  readonly order?: string;
  /** The attempt that decided: captured, authorised or pending. */
  readonly payment?: string;
  /** The attempts of which nothing comes any more, where the gateway lists them; another one may be begun. */
  readonly failed?: readonly string[];
  /** When it came to be so, as far as the gateway tells. */
  readonly at?: Instant;
  /** The gateway's handle for a checkout of this very order, where it has one. Never shown, never logged. */
  readonly session?: string;
}

/**
 * Why a gateway could not say. `not_found` is an answer: it works and knows no such order. All others are failures, and a
 * later look may succeed.
 */
export type Unknown = 'not_found' | 'unreachable' | 'timed_out' | 'throttled' | 'refused' | 'unreadable';

export type StatusAnswer =
  | { readonly known: true; readonly word: PaymentWord }
  | {
      readonly known: false;
      readonly reason: Unknown;
      /** The vendor's own code, when it gave one. */
      readonly code?: string;
      /** Milliseconds the gateway wants to be left alone. */
      readonly retryAfterMs?: number;
    };

/** The gateway's own word about an order: the only proof of payment beside its webhook. */
export interface PaymentStatusSource {
  /** Looks one order (or, where there is none, one payment) up. Changes nothing there. Never throws; ends within ten seconds. */
  ask(subject: PaymentSubject): Promise<StatusAnswer>;
}

/** A form that the customer's browser posts to the gateway: its checkout opens on the same order. Works without JavaScript. */
export interface HandOver {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface PageAddresses {
  /** Where the gateway sends the customer afterwards, paid or not. Proves nothing. */
  readonly returnUrl: string;
  /** What the customer is paying, in a few plain words. */
  readonly title: string;
}

/** Addresses (`upi://…`) that the gateway made for one attempt at one order. */
export type UpiAnswer =
  | { readonly ok: true; readonly intent: string; readonly payment?: string }
  | { readonly ok: false; readonly reason: Unknown | 'not_offered' };

/** The gateway's checkout on an order that exists already. */
export interface Checkout {
  /** Asks the gateway nothing and changes nothing. Null when this order cannot be handed over. */
  handOver(word: PaymentWord, page: PageAddresses): HandOver | null;
  /** Begins a UPI attempt on the order: only after the customer has asked for it. Absent: this gateway gives out no UPI addresses. */
  startUpi?(word: PaymentWord): Promise<UpiAnswer>;
}

export interface LinkRequest {
  /** One link for each reference: asking twice gives the same one. At most 40 characters. */
  readonly reference: string;
  readonly amount: Money;
  readonly title: string;
  readonly returnUrl: string;
  /** Travels with the payment and comes back in its webhook. */
  readonly notes: Readonly<Record<string, string>>;
  /** Unix time in milliseconds, real time. */
  readonly expiresAt: number;
}

export type LinkAnswer =
  | { readonly ok: true; readonly id: string; readonly url: string; readonly state: PaymentState }
  | { readonly ok: false; readonly reason: Unknown };

/** Payment links, for payments that have no order. The gateway's own reminders stay off (rule 28). */
export interface PaymentLinks {
  /** Makes the link of this reference, or finds it. */
  makeLink(request: LinkRequest): Promise<LinkAnswer>;
  /** How the link of this id stands. */
  askLink(id: string): Promise<LinkAnswer>;
  /** True once the link can no longer be paid, also when it never could. */
  cancelLink(id: string): Promise<boolean>;
}

/** A payment gateway at work. What it cannot do is absent. */
export interface Gateway {
  /** Also the name of its event source. */
  readonly name: string;
  readonly status: PaymentStatusSource;
  readonly checkout?: Checkout;
  readonly links?: PaymentLinks;
}

export interface GatewaySetting {
  readonly name: string;
  readonly required: boolean;
  readonly secret: boolean;
  readonly description: string;
}

/** A gateway as its file describes it. Adding one is a file and a line of the registry. */
export interface GatewayDefinition {
  readonly name: string;
  readonly settings: readonly GatewaySetting[];
  /** Checks the settings; problems name the setting and never repeat its value. */
  read(settings: Readonly<Record<string, string | undefined>>): GatewaySetup;
}

export type GatewaySetup =
  | { readonly ok: true; readonly config: (http: HttpClient) => Gateway }
  | { readonly ok: false; readonly problems: readonly string[] };
