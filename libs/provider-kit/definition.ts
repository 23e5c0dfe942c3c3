import { type Address, type Content, type SendRequest } from './content';
import { type HttpClient } from './http';
import { type SendOutcome } from './outcome';
import { type ReceiptEndpoint, type ReceiptKind } from './receipts';
import { type TemplateLibrary } from './templates';

/** The version of this contract. A provider made for another one is refused at start, with both numbers. */
export const PROVIDER_API_VERSION = 1;

/** Writes to the application's log. Give it ids and codes: no number, token or text of a message. */
export interface ProviderLog {
  info(fact: string, fields?: Readonly<Record<string, string | number>>): void;
  warn(fact: string, fields?: Readonly<Record<string, string | number>>): void;
}

/** Real time, milliseconds since 1970. Ask it instead of the machine: tests move it. */
export interface ProviderClock {
  now(): number;
}

/** Everything a provider gets from outside. It keeps no module state and knows no other way out. */
export interface ProviderContext {
  readonly http: HttpClient;
  readonly clock: ProviderClock;
  readonly log: ProviderLog;
}

/** All problems at once, each naming the setting and saying what to do. */
export type ConfigResult<Config> =
  { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly problems: readonly string[] };

export interface ProviderCapabilities {
  /** A second call with the same message shows the customer one message. Only then is an unknown outcome sent again. */
  readonly resendIsSafe: boolean;
  /** The vendor returns our attempt id in its receipts. */
  readonly echoesReference: boolean;
  /** Receipts that can really come. An empty list is honest. */
  readonly receipts: readonly ReceiptKind[];
}

export interface ProviderHealth {
  readonly healthy: boolean;
  readonly detail: string;
}

/** A provider at work: made once per process from its configuration. */
export interface Provider<C = Content> {
  /** Here and not on the definition: what a vendor can do may hang on the account, and so on the configuration. */
  readonly capabilities: ProviderCapabilities;
  /** Calls per second that the account allows; the dispatcher takes tokens before it claims. */
  readonly maxPerSecond: number;
  /** Shortest time between two messages to one person, in milliseconds of real time; absent: the vendor sets none. The dispatcher keeps it before it claims. */
  readonly perPersonEveryMs?: number;
  /** Calls that may be open at once. */
  readonly maxConcurrent: number;
  /**
   * One provider call. Resolves within the context's deadline, never rejects on what a vendor answers. Two seconds after the deadline Wapas
   * waits no more: the outcome is unknown, and a person is told that the provider is broken.
   */
  send(request: SendRequest<C>): Promise<SendOutcome>;
  /** Asks the vendor whether the credentials work, without sending anything. */
  health(): Promise<ProviderHealth>;
  /**
   * For a vendor that limits how many different people an account may write to in a moving 24 hours: asks it how many. Null: any number;
   * undefined: it did not say. Asked once an hour, kept before the claim. Such a vendor's webhooks tell changes as `AccountNews`.
   */
  mostPeoplePerDay?(): Promise<number | null | undefined>;
  readonly receiptEndpoint?: ReceiptEndpoint;
  /** For a vendor that knows templates by name; absent: none are registered there, or they cannot be listed. */
  readonly templateLibrary?: TemplateLibrary;
}

/**
 * A channel that is not one of Wapas' own (`push`, `whatsapp`, `sms`): what journey files write for it and how people are
 * reached on it. Its content is a `FieldsContent`. Two providers may describe the same channel if they say the same.
 */
export interface ChannelDescription {
  /** As journey files write it: lower case, digits, `_`; at most 64 characters. */
  readonly name: string;
  readonly addressKind: Address['kind'];
  /** The texts of a template. Each may hold placeholders such as `{{name|first_name}}` or `{{link}}`. */
  readonly fields: readonly {
    readonly name: string;
    readonly required: boolean;
    readonly description: string;
  }[];
}

/** What a provider's folder exports. */
export interface ProviderDefinition<Config = unknown, C = Content> {
  readonly apiVersion: typeof PROVIDER_API_VERSION;
  /** Lower-case, unique, stable: it is stored with every attempt (`fcm`, `whatsapp-cloud`, `msg91`). */
  readonly name: string;
  /** `push`, `whatsapp`, `sms`, or the channel that `opensChannel` describes. */
  readonly channel: string;
  /**
   * For a channel of its own, or one that the configuration names. When it names `push`, `whatsapp` or `sms`, the
   * provider serves that channel and gets that channel's content.
   */
  opensChannel?(config: Config): ChannelDescription;
  /** Names of the settings this provider reads, with a line for the operator; unset and not required means absent. */
  readonly settings: readonly ProviderSetting[];
  /** Reads its settings. Absent optional settings are undefined. */
  readConfig(settings: Readonly<Record<string, string | undefined>>): ConfigResult<Config>;
  create(config: Config, context: ProviderContext): Provider<C>;
}

export interface ProviderSetting {
  /** The environment variable (`FCM_SERVICE_ACCOUNT`). */
  readonly name: string;
  readonly required: boolean;
  /** Never printed, not even in part. */
  readonly secret: boolean;
  readonly description: string;
}
