import { createHash, hash } from 'node:crypto';
import { type EntityKey, type KeyKind } from '@wapas/entity-keys';
import { after, between, type Instant } from '@wapas/kernel';
import { allHold, fieldOf } from './condition';
import { type JourneyVersion } from './definition';
import { type Arm, type RunFacts } from './run';

/** A trigger and everything that speaks for or against starting a run for it. */
export interface EnrolFacts {
  readonly occurredAt: Instant;
  /** When what it tells of began, where that was earlier: a silence. */
  readonly beganAt?: Instant;
  /** Which kinds of key the trigger carries. */
  readonly kinds: ReadonlySet<KeyKind>;
  readonly run: RunFacts;
  readonly hasPerson: boolean;
  /** Why no message of this journey may go to this person, as they decided or as is decided for them; absent: one may. */
  readonly forbidden?: 'suppressed' | 'minor' | 'consent_withdrawn';
  /** Events about the same matter that were committed before now, as far as they end the journey. */
  readonly endings: readonly { readonly event: string; readonly occurredAt: Instant; readonly absorbing: boolean }[];
  readonly live: boolean;
  readonly lastEndedAt: Instant | null;
  /** Runs that this matter has had. */
  readonly entries: number;
  /** When this person last entered this journey, about whatever matter. */
  readonly personEnteredAt: Instant | null;
  /** Why nobody, or not this person, is let in just now. */
  readonly closed: 'outside_share' | 'journey_paused' | null;
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
  | 'suppressed'
  | 'minor'
  | 'consent_withdrawn'
  | 'goal_already_reached'
  | 'exit_already_reached'
  | 'entered_too_recently'
  | 'entered_too_often'
  | 'person_entered_too_recently'
  /** The matter has a live run of another person, which took the attempt in. */
  | 'run_of_somebody_else'
  /** The journey's file was refused at start, and no version of it is in force. */
  | 'journey_file_refused'
  | 'outside_share'
  | 'journey_paused';

/** Does this trigger start a run? The order of the reasons is the order in which a person would ask. */
export function enrol(version: JourneyVersion, facts: EnrolFacts, now: Instant): Enrolment {
  if (!allHold(version.trigger.where, facts.run)) return refuse('filter_not_met');
  if (between(facts.occurredAt, now) > version.trigger.maxAge) return refuse('event_too_old');
  const isNamed = version.correlateWith.every((path) => matterPart(facts.run, path) !== undefined);
  if (!version.correlateBy.some((kind) => facts.kinds.has(kind)) || !isNamed) return refuse('no_key_to_correlate');
  if (!facts.hasPerson) return refuse('nobody_to_contact');
  const since = facts.beganAt ?? facts.occurredAt;
  const endings = facts.endings.filter(({ absorbing, occurredAt }) => absorbing || occurredAt >= since);
  if (endings.some(({ event }) => version.goal.events.includes(event))) return refuse('goal_already_reached');
  if (endings.length > 0) return refuse('exit_already_reached');
  if (facts.live) return { kind: 'attach' };
  if (facts.lastEndedAt !== null && now < after(facts.lastEndedAt, version.reentryAfter)) return refuse('entered_too_recently');
  if (version.maxEntries !== null && facts.entries >= version.maxEntries) return refuse('entered_too_often');
  if (facts.personEnteredAt !== null && now < after(facts.personEnteredAt, version.reentryAfterForPerson))
    return refuse('person_entered_too_recently');
  if (facts.closed !== null) return refuse(facts.closed);
  if (facts.forbidden !== undefined) return refuse(facts.forbidden);
  return { kind: 'start' };
}

const refuse = (reason: RefusalReason): Enrolment => ({ kind: 'refuse', reason });

/** A fact that names the matter beside its key; undefined when the trigger does not say it. */
function matterPart(facts: RunFacts, path: string): string | undefined {
  const value = fieldOf(facts, path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** What names the matter: the key alone, or a hash of it with further facts (a mandate and its due date). */
export function matterOf(version: JourneyVersion, key: EntityKey, facts: RunFacts): EntityKey {
  if (version.correlateWith.length === 0) return key;
  const parts = version.correlateWith.map((path) => matterPart(facts, path) ?? '');
  const hex = createHash('sha256')
    .update(JSON.stringify([key, ...parts]))
    .digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}` as EntityKey;
}

const BUCKETS = 10_000;

/** The arm is a hash of ids: the same person gets the same answer in every replay. `unit` is what identifies the person for ever. */
export function armOf(version: JourneyVersion, unit: string): Arm {
  return bucketOf(`${version.key}:${unit}`) < version.holdoutPercent * (BUCKETS / 100) ? 'holdout' : 'treated';
}

/** Is this person among the first `percent` of a version that is being let out step by step? Growing it keeps who is in. */
export function isInShare(version: JourneyVersion, unit: string, percent: number): boolean {
  return bucketOf(`${version.key}:share:${unit}`) < percent * (BUCKETS / 100);
}

/** 0 to 9999, the same for the same name for ever. */
export function bucketOf(name: string): number {
  return hash('sha256', name, 'buffer').readUInt32BE(0) % BUCKETS;
}

/** An order is paid once and for all; carts, customers, phones and KYC applications come back, so only what follows the trigger counts, or the beginning of what it tells of (D7). */
export function isAbsorbing(kind: KeyKind): boolean {
  return kind === 'order' || kind === 'payment';
}
