/** What a message says on each channel, rendered: every variable is already in place. */

/** A push notification. `data` travels to the app with it; all values are strings. */
export interface PushContent {
  readonly title: string;
  readonly body: string;
  /** Where a tap leads: an app scheme or an https address. */
  readonly deepLink?: string;
  /** A later push with the same key replaces an earlier one on the handset. */
  readonly collapseKey?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** An approved WhatsApp template with its parameters, in the order of the template's placeholders. */
export interface WhatsAppContent {
  readonly template: string;
  /** Must equal an approved translation exactly: `en` is not `en_US`. */
  readonly language: string;
  readonly body: readonly string[];
  /** The variable end of the template's URL button: never the full address. */
  readonly buttonSuffix?: string;
  /** Where that button stands among all buttons of the template, from 0; 0 when absent. */
  readonly buttonIndex?: number;
}

/** A DLT-registered SMS template with its named variables. */
export interface SmsContent {
  /** The provider's own template id (MSG91: 24 hex digits, not the 19-digit DLT id). */
  readonly template: string;
  readonly variables: Readonly<Record<string, string>>;
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
