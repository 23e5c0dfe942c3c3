/** A source's webhook as it arrived. */
export interface SourceWebhook {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Buffer;
  /** Parameters of the address, for senders that can be given a secret address but no header. */
  readonly query?: Readonly<Record<string, string | undefined>>;
}
