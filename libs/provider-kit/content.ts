/** What a message says on each channel, rendered: every variable is already in place. */

/** A push notification. `data` travels to the app with it; all values are strings. */
export interface PushContent {
  readonly title: string;
  readonly body: string;
  /** Where a tap leads: an app scheme or an https address. */
  readonly deepLink?: string;
  /** A later push with the same key replaces an earlier one on the handset. */
  readonly collapseKey?: string;
  /** The Android notification channel, as the app created it; the app's default when absent. */
  readonly androidChannel?: string;
  /** An Android intent-filter action, not an address. */
  readonly clickAction?: string;
  /** Under which name the vendor counts this push in its own reports: 1 to 50 of `A-Za-z0-9-_.~%`. */
  readonly label?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** What stands above a WhatsApp template's text, when the template has a header with a variable. */
export type WhatsAppHeader =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image' | 'video' | 'document'; /** https, fetched by Meta at every send. */ readonly link: string };

/** An approved WhatsApp template with its parameters, in the order of the template's placeholders. */
export interface WhatsAppContent {
  readonly template: string;
  /** Must equal an approved translation exactly: `en` is not `en_US`. */
  readonly language: string;
  readonly body: readonly string[];
  /** For a template with named placeholders: the name of each body parameter, as many as `body` has. Absent: positional. */
  readonly bodyNames?: readonly string[];
  readonly header?: WhatsAppHeader;
  /** The variable end of the template's URL button: never the full address. */
  readonly buttonSuffix?: string;
  /** Where that button stands among all buttons of the template, from 0; 0 when absent. */
  readonly buttonIndex?: number;
  /** Quick-reply buttons that carry something back when they are tapped. `index` counts among all buttons, from 0. */
  readonly quickReplies?: readonly { readonly index: number; readonly payload: string }[];
}

/** A DLT-registered SMS template with its named variables. */
export interface SmsContent {
  /** The provider's own template id (MSG91: 24 hex digits, not the 19-digit DLT id). */
  readonly template: string;
  readonly variables: Readonly<Record<string, string>>;
  /** For a vendor that is given the text; absent where nobody registered the template with Wapas. */
  readonly registered?: RegisteredSms;
}

/** An SMS as the operators know it, from `PUT /v1/templates/sms/{id}`. */
export interface RegisteredSms {
  /** As approved, with the values in place. */
  readonly text: string;
  /** The content template's id on DLT, 10 to 25 digits. */
  readonly dltId: string;
  /** The principal entity's id on DLT, 10 to 25 digits. */
  readonly entityId: string;
  /** The sender id: six letters. */
  readonly header: string;
}

/** Content of a channel that a provider brings along: the rendered text of each field that its description lists. */
export interface FieldsContent {
  readonly fields: Readonly<Record<string, string>>;
}

export type Content = PushContent | WhatsAppContent | SmsContent | FieldsContent;

/** Where a message goes: a device token for push, an E.164 number with `+` for WhatsApp and SMS. */
export interface Address {
  readonly kind: 'push_token' | 'phone' | 'email';
  readonly value: string;
}

/** One call to a provider. */
export interface SendRequest<C = Content> {
  /** Ours, unique per provider call; a vendor that can echo a reference gets this one. */
  readonly attemptId: string;
  readonly messageId: string;
  readonly address: Address;
  readonly content: C;
  /** Seconds of real time after which the message is worthless; a vendor that takes a lifetime gets this one. At least 1. */
  readonly validForSeconds: number;
}
