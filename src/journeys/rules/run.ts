import { type Instant } from '@wapas/kernel';
import { type Signal } from './definition';

/** A person as they are stored, without saying where they are reached. */
export interface KnownFacts {
  readonly isCustomer: boolean;
  readonly hasPhone: boolean;
  readonly hasEmail: boolean;
  readonly hasWhatsapp: boolean;
  /** A device that has not been denied pushes. */
  readonly hasPush: boolean;
  /** As the person or the shop gave it: `hi`, `en-IN`. */
  readonly language?: string;
}

/** What a run knows of the matter: copied from its trigger, refreshed by later attempts. Conditions and templates read it. */
export interface RunFacts {
  /** When the attempt happened that they speak of, as its source says; absent in runs from before it was kept. */
  readonly happenedAt?: Instant;
  readonly keys: Readonly<Record<string, string>>;
  readonly name?: string;
  /** What the trigger itself says of its person, without saying where they are reached. */
  readonly profile?: {
    readonly isCustomer: boolean;
    readonly hasPhone: boolean;
    readonly hasEmail: boolean;
    readonly hasPush: boolean;
  };
  /** What was known of the person when the run began, whoever said it; a later attempt changes nothing of it. */
  readonly known?: KnownFacts;
  readonly amount?: { readonly value: number; readonly currency: string };
  readonly reason?: { readonly class: string; readonly code?: string };
  readonly properties: Readonly<Record<string, unknown>>;
  /** Triggers of the same matter that came while the run was live, the first included. */
  readonly attempts: number;
  /** How many of the latest of them in a row went over one and the same `properties.method`; absent: one. */
  readonly sameMethod?: number;
}

export type Arm = 'treated' | 'holdout';

/** Why a run's timer stands still. */
export type ParkReason = 'journey_paused' | `incident_of_${string}`;

/** What a run remembers beside its row; almost always empty. */
export interface RunMemory {
  /** T has not begun: whether the trigger is true is still being found out, until then. */
  readonly heldUntil?: Instant;
  /** Nobody knows yet what became of its latest attempt, one after the first: its steps wait, until then. */
  readonly unsureUntil?: Instant;
  /** Ghosts only: the version goes about its work unheard. */
  readonly shadow?: boolean;
  /** When the customer was last seen in the shop. */
  readonly activeAt?: Instant;
  /** How often the step that comes next has been postponed. */
  readonly postponed?: number;
  readonly parked?: { readonly reason: ParkReason; readonly dueAt: Instant };
  readonly endReason?: string;
  readonly hasLateGoal?: boolean;
}

/** One person's passage through a journey, as decide() sees it. */
export interface RunState {
  readonly id: string;
  readonly arm: Arm;
  readonly lap: number;
  /** T: offsets of the steps count from here. */
  readonly startedAt: Instant;
  readonly expiresAt: Instant;
  /** Index of the step that comes next; equal to the number of steps when none is left. */
  readonly nextStep: number;
  /** When to look at the run again, for one that is parked the end of its window; null when it is over. */
  readonly dueAt: Instant | null;
  /** What is known of each sent step, by step key. */
  readonly signals: Readonly<Record<string, readonly Signal[]>>;
  readonly facts: RunFacts;
  readonly isOver: boolean;
  /** Whom variants are drawn for: the same person draws the same one. */
  readonly unit: string;
  readonly memory: RunMemory;
}

export type RunInput =
  /** `park`: the journey may not do anything now. */
  | { readonly kind: 'due'; readonly park?: ParkReason }
  | { readonly kind: 'goal_reached'; readonly eventId: string; readonly at: Instant; readonly amount?: RunFacts['amount'] }
  | { readonly kind: 'exit_reached'; readonly eventId: string; readonly at: Instant; readonly reason: string }
  | { readonly kind: 'another_attempt'; readonly eventId: string; readonly facts: RunFacts }
  /** What the entry waited for is certain: it did fail. */
  | { readonly kind: 'confirmed'; readonly eventId: string }
  | { readonly kind: 'active'; readonly eventId: string; readonly at: Instant }
  /** `lap`: of the message that it was heard of; absent: of the lap that runs. */
  | { readonly kind: 'signal'; readonly step: string; readonly signal: Signal; readonly lap?: number }
  /** A message ended without reaching the customer: refused for good, or nowhere to send it. */
  | { readonly kind: 'not_reached'; readonly step: string; readonly reason: string; readonly lap?: number };

/** A message that is sent, or would have been. `variant` is absent where nothing was drawn. */
interface Sending {
  readonly step: string;
  readonly message: number;
  readonly variant?: string;
  readonly dueAt: Instant;
  readonly notAfter: Instant;
}

/** T begins, or begins anew. */
interface Beginning {
  readonly at: Instant;
  readonly dueAt: Instant;
  readonly expiresAt: Instant;
  readonly reason: string;
}

/** What should happen to a run. Each is stored with its reason. */
export type Decision =
  | ({ readonly kind: 'send' } & Sending)
  | ({ readonly kind: 'ghost' } & Sending)
  | { readonly kind: 'skip'; readonly step: string; readonly reason: string }
  | { readonly kind: 'expire'; readonly step: string; readonly reason: string }
  | { readonly kind: 'hold'; readonly step: string; readonly until: Instant; readonly reason: string }
  | { readonly kind: 'advance'; readonly step: string; readonly until: Instant; readonly reason: string }
  | { readonly kind: 'wait'; readonly nextStep: number; readonly until: Instant }
  | { readonly kind: 'note'; readonly step: string; readonly signal: Signal }
  | { readonly kind: 'see'; readonly at: Instant }
  /** `facts`: null when the run knows of a later attempt already. `unsureUntil`: until when it waits for word of this one; absent: it need not. */
  | { readonly kind: 'attach'; readonly eventId: string; readonly facts: RunFacts | null; readonly unsureUntil?: Instant }
  | ({ readonly kind: 'begin' } & Beginning)
  | ({ readonly kind: 'restart'; readonly eventId: string } & Beginning)
  /** The timer stands still until somebody sets it going again, or the window is over. */
  | { readonly kind: 'park'; readonly reason: ParkReason }
  /** Changes nothing; somebody should know. */
  | { readonly kind: 'flag'; readonly reason: 'amount_differs'; readonly eventId: string }
  | { readonly kind: 'late_goal'; readonly eventId: string; readonly at: Instant }
  | { readonly kind: 'end'; readonly reason: string; readonly eventId?: string; readonly at: Instant };

/** The same decision about the same run has the same key, in every replay: what is done twice is done once. */
export function keyOfDecision(run: Pick<RunState, 'id' | 'lap'>, decision: Decision): string {
  const about = 'step' in decision ? decision.step : 'eventId' in decision ? decision.eventId : '';
  return [run.id, run.lap, decision.kind, about ?? ''].join(':');
}
