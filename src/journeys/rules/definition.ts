import { type KeyKind } from '@wapas/entity-keys';
import { type Duration } from '@wapas/kernel';
import { type LocalHours, type MonthDays } from '@wapas/local-hours';
import { type Condition } from './condition';

/** What may be known of an earlier message. Missing telemetry is not knowledge: a push nobody reported is not opened. */
export const SIGNALS = ['sent', 'delivered', 'read', 'opened', 'clicked', 'replied', 'failed', 'unknown', 'engaged'] as const;
export type Signal = (typeof SIGNALS)[number];
/** What a step may ask about. That a message was handed over says nothing of the customer, so runs are not told of it. */
export const ASKABLE_SIGNALS = SIGNALS.filter((signal) => signal !== 'sent');
/**
 * Three answers, not two. `yes`: it was heard. `no`: it cannot have happened, the message never reached anybody. `unknown`:
 * nothing was heard, which counts as not opened but is no proof of it.
 */
export const ANSWERS = ['yes', 'no', 'unknown'] as const;
export type Answer = (typeof ANSWERS)[number];

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
  readonly hold: EntryHold | null;
  /** The first of these that the trigger carries names the matter; one live run per matter. */
  readonly correlateBy: readonly KeyKind[];
  /** Facts that name the matter together with that key: the due date of a mandate. */
  readonly correlateWith: readonly string[];
  /** After a run has ended, the same matter may enter again this much later. */
  readonly reentryAfter: Duration;
  /** A person enters once in so long, whatever the matter; 0 for as often as there are matters. */
  readonly reentryAfterForPerson: Duration;
  /** How often one matter may enter at all; null for without end. */
  readonly maxEntries: number | null;
  /** What a further trigger of a live matter does to T. */
  readonly attempts: 'attach' | 'restart' | 'restart_when_engaged';
  readonly maxLaps: number;
  /** Every goal event, and every kind of key a goal may arrive by. */
  readonly goal: { readonly events: readonly string[]; readonly by: readonly KeyKind[] };
  /** Which of them count by which keys. */
  readonly goals: readonly Ending[];
  readonly exits: readonly Exit[];
  /** Events after which nothing is sent although the goal is still open: the bank is confirming. */
  readonly silence: readonly string[];
  /** From T: after this nothing is sent and no goal is counted as reached in time. */
  readonly window: Duration;
  /** From T: a goal after the window and until here is written down as a late success. */
  readonly lateGoal: Duration;
  readonly holdoutPercent: number;
  readonly postpone: Postpone | null;
  /** Its runs go on although what their trigger went over is down; absent: they are held meanwhile. */
  readonly incidents?: 'ignore';
  /** At most so many messages of this journey to one run, all laps together. */
  readonly maxMessages: number;
  readonly steps: readonly Step[];
}

/** An event that ends a run, the keys it may arrive by, and what it must say. */
export interface Ending {
  readonly events: readonly string[];
  readonly by: readonly KeyKind[];
  readonly where: readonly Condition[];
}

export interface Exit {
  readonly event: string;
  readonly reason: string;
  readonly by: readonly KeyKind[];
  readonly where: readonly Condition[];
}

/** T waits until the outcome that triggered is certain (rule 24: a payment that timed out may have gone through). */
export interface EntryHold {
  /** Facts of the trigger that make it uncertain. None: every trigger waits. */
  readonly when: readonly Condition[];
  readonly for: Duration;
  /**
   * Hours outside of which a trigger has to wait, all of them open at once; it waits until they are and `for` longer. Empty: it waits
   * `for` at any hour.
   */
  readonly calm: readonly LocalHours[];
  /** Events that say it really failed: T begins at once. */
  readonly confirmedBy: readonly string[];
  /** When nobody has said so within `for`. */
  readonly onUnknown: 'enter' | 'skip';
}

/** A customer who is in the shop right now is not called back to it (rule 33). */
export interface Postpone {
  readonly events: readonly string[];
  readonly within: Duration;
  readonly by: Duration;
  /** So often at most for one step. */
  readonly most: number;
}

export interface Asked {
  readonly step: string;
  readonly signal: Signal;
  readonly answer: Answer;
}

export interface Step {
  readonly key: string;
  readonly channel: string;
  /** Service messages are about the customer's own transaction; marketing has caps and, on SMS, legal hours of its own. */
  readonly purpose: 'service' | 'marketing';
  /** Offset from T. */
  readonly after: Duration;
  /** The earliest offset from T when an earlier step could not be sent. */
  readonly minDelay: Duration;
  /** Later than due by more than this, the step is worthless. */
  readonly maxDelay: Duration;
  /** Facts the step is for; otherwise it is skipped. */
  readonly when: readonly Condition[];
  /** All of these must be so. */
  readonly if: readonly Asked[];
  /** None of these may be so. */
  readonly unless: readonly Asked[];
  readonly hours?: SendingHours;
  /** The step waits for them where it can: a reminder of a balance for pay-day. */
  readonly days?: BestDays;
  /** Hours that the law sets. Nothing lifts them. */
  readonly legalHours: readonly SendingHours[];
  /** Mandatory notices go to the holdout too (rule 17). */
  readonly mandatory: boolean;
  /** The first whose conditions hold, and whose variant the hash draws, is sent. */
  readonly messages: readonly StepMessage[];
}

/** Days of the month on which a step does best, for runs about these facts. */
export interface BestDays extends MonthDays {
  readonly when: readonly Condition[];
}

export interface StepMessage {
  readonly when: readonly Condition[];
  readonly template: Readonly<Record<string, unknown>>;
  /** A share of people by hash, in buckets of 10,000: from, inclusive, to, exclusive. */
  readonly variant?: { readonly key: string; readonly from: number; readonly to: number };
}

/** Local hours in which a step may be sent. */
export interface SendingHours extends LocalHours {
  /** What to do outside: wait for the next opening within maxDelay, or give the step up. */
  readonly outside: 'hold' | 'expire';
  /** This soon after T the customer is awake anyway: the hours do not bind. */
  readonly exceptWithin: Duration;
}
