import { assertNever, type Instant, toIso } from '@wapas/kernel';
import { type Decision, type RunInput } from './run';

/** Where the run stands is its row; what was heard is its inputs. Everything else is kept as decided. */
export const isKept = (decision: Decision): boolean =>
  decision.kind !== 'wait' && decision.kind !== 'note' && decision.kind !== 'see';

/** A decision as it is stored: what it concerns, why, and the rest as JSON. */
export interface KeptDecision {
  readonly kind: string;
  readonly step: string | null;
  readonly reason: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

export const keptOf = (decision: Decision): KeptDecision => ({
  kind: decision.kind,
  step: 'step' in decision ? decision.step : null,
  reason: 'reason' in decision ? decision.reason : null,
  detail: detailOf(decision),
});

function detailOf(decision: Decision): KeptDecision['detail'] {
  switch (decision.kind) {
    case 'send':
    case 'ghost':
      return {
        message: decision.message,
        ...(decision.variant === undefined ? {} : { variant: decision.variant }),
        dueAt: toIso(decision.dueAt),
        notAfter: toIso(decision.notAfter),
      };
    case 'hold':
    case 'advance':
      return { until: toIso(decision.until) };
    case 'begin':
    case 'restart':
      return { at: toIso(decision.at), ...('eventId' in decision ? { eventId: decision.eventId } : {}) };
    case 'attach':
    case 'flag':
    case 'late_goal':
    case 'end':
      return decision.eventId === undefined ? {} : { eventId: decision.eventId };
    default:
      return null;
  }
}

/** What a run was told, as it is stored. Null for the passing of time: the decision it led to says when that was. */
export function recordOf(input: RunInput): Readonly<Record<string, unknown>> | null {
  switch (input.kind) {
    case 'due':
      return null;
    case 'another_attempt':
      // Its facts are in the event.
      return { eventId: input.eventId };
    case 'goal_reached':
    case 'exit_reached':
    case 'confirmed':
    case 'active':
    case 'signal':
    case 'not_reached':
      return Object.fromEntries(Object.entries(input).filter(([name]) => name !== 'kind'));
    default:
      return assertNever(input);
  }
}

/** What happened to a run without its being decided about: it was set going again, or its person turned out to be another. */
export type Intervention =
  | { readonly kind: 'unparked'; readonly dueAt: Instant }
  | { readonly kind: 'moved'; readonly from: string; readonly into: string };
