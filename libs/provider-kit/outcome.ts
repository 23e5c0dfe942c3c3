/**
 * What Wapas does next with a message the vendor did not take.
 * - `temporary`: provably not accepted; claimed again later.
 * - `throttled`: provably not accepted because of a rate; claimed again after `retryAfterMs`.
 * - `bad_address`: this token or number is of no use on this channel.
 * - `opted_out`: the person does not want this.
 * - `bad_content`: our request or template is wrong; somebody must look.
 * - `bad_credentials`: nothing will go out until somebody looks.
 * - `refused`: the vendor decided against this one message.
 * - `unknown_outcome`: the bytes left and no answer came that settles it. It may have been sent; it is not sent again
 *   unless the provider declares `resendIsSafe`.
 */
export type ErrorClass = (typeof ERROR_CLASSES)[number];
export const ERROR_CLASSES = [
  'temporary',
  'throttled',
  'bad_address',
  'opted_out',
  'bad_content',
  'bad_credentials',
  'refused',
  'unknown_outcome',
] as const;

/** What a failure says something about: only this message, or more. */
export type FailureScope = (typeof FAILURE_SCOPES)[number];
export const FAILURE_SCOPES = ['message', 'address', 'template', 'sender', 'account'] as const;

/** What a vendor's error means: the part that a provider keeps as data, one row per code. */
export interface FailureMeaning {
  readonly class: ErrorClass;
  readonly scope: FailureScope;
  /** The finding concerns marketing only: other purposes may still use this address, template or sender. Absent: all. */
  readonly only?: 'marketing';
  /** How long the finding about the scope holds, in milliseconds. Absent: until the vendor or a person says otherwise. */
  readonly holdsForMs?: number;
  /** For `throttled`: the vendor takes such messages in these hours only, so this one waits for them as long as its step is worth it. */
  readonly openHours?: OpenHours;
  /** For failures that blame the address: when more than this share of the calls of an hour ends so, the account is to blame. */
  readonly accountAbove?: number;
  /** The message is worth one more attempt although this one is over for good. Absent: it is not. */
  readonly again?: Again;
  /** Nobody has written this code down: no row of the provider's table stands for it, and a person should look. */
  readonly unlisted?: true;
  /** For reports: one such failure says nothing lasting about the address, so many do. */
  readonly strikes?: Strikes;
}

/**
 * Who makes the one further attempt, as long as the step is worth it and its run goes on.
 * - `same`: this provider, the same message (the vendor could not fetch a picture: it may have been a moment's trouble). When that fails
 *   as well, the message goes on with another wording, if its author gave one.
 * - `elsewhere`: another provider of the channel, if there is one that works (a handset that one operator could not reach).
 */
export type Again = (typeof AGAIN)[number];
export const AGAIN = ['same', 'elsewhere'] as const;

/** Hours of every day in a zone, as `09:00`; the end is not included. */
export interface OpenHours {
  readonly from: string;
  readonly to: string;
  /** IANA zone. */
  readonly zone: string;
}

/** So many reports of a code about one address within the time: it is left alone for as long again. */
export interface Strikes {
  readonly count: number;
  /** Milliseconds of business time. */
  readonly withinMs: number;
}

export interface SendFailure extends FailureMeaning {
  /** The vendor's code, or ours for a failure of the line (`ECONNREFUSED`, `HTTP 502`). For people and reports. */
  readonly code: string;
  /** The vendor's words, shortened to 300 characters, without addresses or tokens. For people. */
  readonly detail?: string;
  /** Wait at least this long before the next try, in milliseconds of real time: the vendor's word, or its documentation's. */
  readonly retryAfterMs?: number;
}

/** How one provider call ended. `send` never throws on what a vendor answers: what a vendor says is data. */
export type SendOutcome =
  | { readonly outcome: 'accepted'; /** The vendor's id; receipts may come with it. */ readonly vendorId?: string }
  | { readonly outcome: 'failed'; readonly failure: SendFailure };

export const accepted = (vendorId?: string): SendOutcome =>
  vendorId === undefined ? { outcome: 'accepted' } : { outcome: 'accepted', vendorId };

export const failed = (failure: SendFailure): SendOutcome => ({ outcome: 'failed', failure });
