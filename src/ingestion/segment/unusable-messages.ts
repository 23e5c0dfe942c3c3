/** A message of the Segment API that cannot become an event. */
export interface UnusableMessage {
  /** Machine code of what is wrong. */
  readonly reason: string;
  readonly test: boolean;
  /** JSON bytes of the message alone, as a call of its own: with the `sentAt` of its batch. */
  readonly rawBody: Buffer;
}

/** Where such messages are kept until a person has looked. Implemented by the quarantine. */
export interface UnusableMessages {
  /** Resolves with the id of the kept message once it is committed. The same bytes again keep their first id. */
  keep(message: UnusableMessage): Promise<string>;
}

/** Injection token of the one UnusableMessages. */
export const UNUSABLE_MESSAGES = Symbol('unusable messages');
