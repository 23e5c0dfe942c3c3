import { type NewEvent } from '../rules/new-event';
import { type ChannelWords } from '../rules/channel-words';
import { type PhonePolicy } from '../rules/phone';
import { type SignatureRecipe } from './signature';
import { type SourceWebhook } from './source-webhook';

/** What an authentic webhook turned out to be. */
export type Reading =
  | {
      readonly kind: 'events';
      /** One for nearly every source; several, or none, for a batch. */
      readonly events: readonly NewEvent[];
      /** Why part of it could not be used: the readable events are recorded, and the whole is kept for a person as well. */
      readonly unusable?: string;
    }
  /** Authentic, but nothing we know what to do with: answered 2xx and counted. `what` is a code, never the sender's words. */
  | { readonly kind: 'ignored'; readonly what: string }
  /** Authentic, but unusable: kept raw, answered 2xx; a person will look. `reason` is a code. */
  | { readonly kind: 'unusable'; readonly reason: string };

/** What reading depends on besides the webhook. */
export interface ReadContext {
  readonly phones: PhonePolicy;
  readonly channels: ChannelWords;
  /** Whether the source is in test mode. */
  readonly test: boolean;
  /** How the webhook was proven authentic: it decides whether an id can be trusted to recognise a repetition. */
  readonly recipe: SignatureRecipe;
}

/**
 * A system that posts events in its own format: data, and one pure function. `readWith` in read-mapped.ts makes that function
 * of a mapping, which is data too; a source writes code only for what a mapping cannot say.
 *
 * A source belongs into the registry and needs fixtures (`<name>/fixtures/*.json`) and an independent signer in
 * sign.test-kit.ts; sources.spec.ts signs, damages, replays and reorders each of them and fails for one without.
 */
export interface Source {
  /** Stands in the address: `/webhooks/sources/<name>`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** The setting that holds its secrets, separated by commas while one is being rotated. Without it the source answers 404. */
  readonly secretSetting: string;
  /** How a webhook is proven to be theirs. */
  readonly recipe: SignatureRecipe;
  /** Where the operator decides how webhooks are proven: the setting, and what it may say. Unset: `recipe`. */
  readonly otherRecipes?: { readonly setting: string; readonly recipes: Readonly<Record<string, SignatureRecipe>> };
  /** A form with this one field and a number in it is the sender trying the address: answered 200, unsigned as it comes. */
  readonly pingField?: string;
  /** A webhook as it comes in, for the documentation. It must read as an event. */
  readonly example: SourceExample;
  /** Pure. Never throws: a body it cannot use is `unusable`. */
  readonly read: (webhook: SourceWebhook, context: ReadContext) => Reading;
}

export interface SourceExample {
  readonly contentType: 'application/json' | 'application/x-www-form-urlencoded' | 'application/cloudevents+json';
  /** Headers that carry meaning; signatures are left out. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or the fields of a form. */
  readonly body: object;
}
