import { type Instant } from '@wapas/kernel';
import { type Signal } from './definition';

/** What a run knows of the matter: copied from its trigger, refreshed by later attempts. Conditions and templates read it. */
export interface RunFacts {
  readonly keys: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly amount?: { readonly value: number; readonly currency: string };
  readonly reason?: { readonly class: string; readonly code?: string };
  readonly properties: Readonly<Record<string, unknown>>;
  /** Triggers of the same matter that came while the run was live, the first included. */
  readonly attempts: number;
}

export type Arm = 'treated' | 'holdout';

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
  /** When to look at the run again; null when it is over. */
  readonly dueAt: Instant | null;
  /** What is known of each sent step, by step key. */
  readonly signals: Readonly<Record<string, readonly Signal[]>>;
  readonly facts: RunFacts;
  readonly isOver: boolean;
}

export type RunInput =
  | { readonly kind: 'due' }
  | { readonly kind: 'goal_reached'; readonly eventId: string; readonly at: Instant; readonly amount?: RunFacts['amount'] }
  | { readonly kind: 'exit_reached'; readonly eventId: string; readonly at: Instant; readonly reason: string }
  | { readonly kind: 'another_attempt'; readonly eventId: string; readonly facts: RunFacts }
  | { readonly kind: 'signal'; readonly step: string; readonly signal: Signal }
  /** A message ended without reaching the customer: refused for good, or nowhere to send it. */
  | { readonly kind: 'not_reached'; readonly step: string; readonly reason: string };

/** What should happen to a run. Each is stored with its reason. */
export type Decision =
  | {
      readonly kind: 'send';
      readonly step: string;
      readonly message: number;
      readonly dueAt: Instant;
      readonly notAfter: Instant;
    }
  | {
      readonly kind: 'ghost';
      readonly step: string;
      readonly message: number;
      readonly dueAt: Instant;
      readonly notAfter: Instant;
    }
  | { readonly kind: 'skip'; readonly step: string; readonly reason: string }
  | { readonly kind: 'expire'; readonly step: string; readonly reason: string }
  | { readonly kind: 'hold'; readonly step: string; readonly until: Instant; readonly reason: string }
  | { readonly kind: 'advance'; readonly step: string; readonly until: Instant; readonly reason: string }
  | { readonly kind: 'wait'; readonly nextStep: number; readonly until: Instant }
  | { readonly kind: 'note'; readonly step: string; readonly signal: Signal }
  | { readonly kind: 'attach'; readonly eventId: string; readonly facts: RunFacts }
  /** Changes nothing; somebody should know. */
  | { readonly kind: 'flag'; readonly reason: 'amount_differs'; readonly eventId: string }
  | { readonly kind: 'end'; readonly reason: string; readonly eventId?: string; readonly at: Instant };
