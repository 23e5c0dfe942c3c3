import { type NewEvent } from '../rules/new-event';
import { type PhonePolicy } from '../rules/phone';

/** A source's webhook as it arrived. */
export interface SourceWebhook {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Buffer;
}

/** What a signed webhook turned out to be. */
export type Reading =
  | { readonly kind: 'event'; readonly event: NewEvent }
  /** Signed, but nothing we know what to do with: answered 2xx and counted. */
  | { readonly kind: 'ignored'; readonly what: string }
  /** Signed, but unusable: kept raw, answered 2xx; a person will look. */
  | { readonly kind: 'unusable'; readonly reason: string };

/** A system that posts events in its own signed format. Both functions are pure. */
export interface Source {
  readonly name: string;
  /** True when the signature fits one of the secrets. Constant time; false on anything malformed; never throws. */
  verify(webhook: SourceWebhook, secrets: readonly string[]): boolean;
  /** Never throws: a body it cannot use is `unusable`. */
  read(webhook: SourceWebhook, context: { phones: PhonePolicy; test: boolean }): Reading;
}
