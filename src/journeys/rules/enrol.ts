import { createHash } from 'node:crypto';
import { type KeyKind } from '@wapas/entity-keys';
import { after, between, type Instant } from '@wapas/kernel';
import { holds } from './condition';
import { type JourneyVersion } from './definition';
import { type Arm, type RunFacts } from './run';

/** A trigger and everything that speaks for or against starting a run for it. */
export interface EnrolFacts {
  readonly occurredAt: Instant;
  /** Which kinds of key the trigger carries. */
  readonly kinds: ReadonlySet<KeyKind>;
  readonly run: RunFacts;
  readonly hasPerson: boolean;
  /** Events about the same matter that were committed before now, as far as they end the journey. */
  readonly endings: readonly { readonly event: string; readonly occurredAt: Instant; readonly absorbing: boolean }[];
  readonly live: boolean;
  readonly lastEndedAt: Instant | null;
}

export type Enrolment =
  | { readonly kind: 'start' }
  /** The matter has a live run: it takes this attempt in. */
  | { readonly kind: 'attach' }
  | { readonly kind: 'refuse'; readonly reason: RefusalReason };

export type RefusalReason =
  | 'filter_not_met'
  | 'event_too_old'
  | 'no_key_to_correlate'
  | 'nobody_to_contact'
  | 'goal_already_reached'
  | 'exit_already_reached'
  | 'entered_too_recently';

/** Does this trigger start a run? The order of the reasons is the order in which a person would ask. */
export function enrol(version: JourneyVersion, facts: EnrolFacts, now: Instant): Enrolment {
  if (!version.trigger.where.every((condition) => holds(condition, facts.run))) return refuse('filter_not_met');
  if (between(facts.occurredAt, now) > version.trigger.maxAge) return refuse('event_too_old');
  if (!version.correlateBy.some((kind) => facts.kinds.has(kind))) return refuse('no_key_to_correlate');
  if (!facts.hasPerson) return refuse('nobody_to_contact');
  const endings = facts.endings.filter(({ absorbing, occurredAt }) => absorbing || occurredAt >= facts.occurredAt);
  if (endings.some(({ event }) => version.goal.events.includes(event))) return refuse('goal_already_reached');
  if (endings.length > 0) return refuse('exit_already_reached');
  if (facts.live) return { kind: 'attach' };
  if (facts.lastEndedAt !== null && now < after(facts.lastEndedAt, version.reentryAfter)) return refuse('entered_too_recently');
  return { kind: 'start' };
}

const refuse = (reason: RefusalReason): Enrolment => ({ kind: 'refuse', reason });

const BUCKETS = 10_000;

/** The arm is a hash of ids: the same person gets the same answer in every replay. `unit` is what identifies the person for ever. */
export function armOf(version: JourneyVersion, unit: string): Arm {
  const bucket = createHash('sha256').update(`${version.key}:${unit}`).digest().readUInt32BE(0) % BUCKETS;
  return bucket < version.holdoutPercent * (BUCKETS / 100) ? 'holdout' : 'treated';
}

/** An order is paid once and for all; carts, customers, phones and KYC applications come back, so only what follows the trigger counts (D7). */
export function isAbsorbing(kind: KeyKind): boolean {
  return kind === 'order' || kind === 'payment';
}
