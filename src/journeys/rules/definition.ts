import { type KeyKind } from '@wapas/entity-keys';
import { type Duration } from '@wapas/kernel';
import { type Condition } from './condition';

/** What may be known of an earlier message. Missing telemetry is not knowledge: a push nobody reported is not opened. */
export const SIGNALS = ['sent', 'delivered', 'read', 'opened', 'clicked', 'replied', 'failed', 'unknown', 'engaged'] as const;
export type Signal = (typeof SIGNALS)[number];
/** What a step may ask about. That a message was handed over says nothing of the customer, so runs are not told of it. */
export const ASKABLE_SIGNALS = SIGNALS.filter((signal) => signal !== 'sent' && signal !== 'unknown');

/** One published, immutable version of a journey, ready to decide with: durations are numbers, defaults are filled in. */
export interface JourneyVersion {
  readonly key: string;
  readonly version: number;
  readonly name: string;
  readonly trigger: {
    readonly event: string;
    readonly where: readonly Condition[];
    /** An older event starts nothing. */
    readonly maxAge: Duration;
  };
  /** The first of these that the trigger carries names the matter; one live run per matter. */
  readonly correlateBy: readonly KeyKind[];
  /** After a run has ended, the same matter may enter again this much later. */
  readonly reentryAfter: Duration;
  readonly goal: { readonly events: readonly string[]; readonly by: readonly KeyKind[] };
  readonly exits: readonly { readonly event: string; readonly reason: string }[];
  /** Events after which nothing is sent although the goal is still open: the bank is confirming. */
  readonly silence: readonly string[];
  /** From T: after this nothing is sent and no goal is counted. */
  readonly window: Duration;
  readonly holdoutPercent: number;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly key: string;
  readonly channel: string;
  /** Offset from T. */
  readonly after: Duration;
  /** The earliest offset from T when an earlier step could not be sent. */
  readonly minDelay: Duration;
  /** Later than due by more than this, the step is worthless. */
  readonly maxDelay: Duration;
  readonly unless: readonly { readonly step: string; readonly signal: Signal }[];
  readonly hours?: SendingHours;
  /** Mandatory notices go to the holdout too (rule 17). */
  readonly mandatory: boolean;
  /** The first whose conditions hold is sent. */
  readonly messages: readonly { readonly when: readonly Condition[]; readonly template: Readonly<Record<string, unknown>> }[];
}

/** Local hours in which a step may be sent: from, inclusive, to, exclusive, in minutes of the day; across midnight when from > to. */
export interface SendingHours {
  readonly from: number;
  readonly to: number;
  readonly zone: string;
  /** What to do outside: wait for the next opening within maxDelay, or give the step up. */
  readonly outside: 'hold' | 'expire';
  /** This soon after T the customer is awake anyway: the hours do not bind. */
  readonly exceptWithin: Duration;
}
