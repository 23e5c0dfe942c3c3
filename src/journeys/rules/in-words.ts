import { assertNever, durationOf, formatDuration, type Instant } from '@wapas/kernel';
import { type Decision } from './run';

/** A decision as a person would say it, times counted from T: `send push until T+14m`. */
export function inWords(decision: Decision, start: Instant): string {
  switch (decision.kind) {
    case 'send':
    case 'ghost': {
      const number = decision.message === 0 ? '' : `, message ${decision.message + 1}`;
      const variant = decision.variant === undefined ? '' : ` (${decision.variant})`;
      return `${decision.kind} ${decision.step}${number}${variant} until ${sinceT(decision.notAfter, start)}`;
    }
    case 'skip':
    case 'expire':
      return `${decision.kind} ${decision.step}: ${decision.reason}`;
    case 'hold':
    case 'advance':
      return `${decision.kind} ${decision.step} to ${sinceT(decision.until, start)}: ${decision.reason}`;
    case 'wait':
      return `wait until ${sinceT(decision.until, start)}`;
    case 'note':
      return `note ${decision.step} ${decision.signal}`;
    case 'see':
      return 'see the customer active';
    case 'attach':
      return 'attach';
    case 'begin':
    case 'restart':
      return `${decision.kind} T at ${sinceT(decision.at, start)}: ${decision.reason}`;
    case 'late_goal':
      return 'late_goal';
    case 'park':
    case 'flag':
    case 'end':
      return `${decision.kind}: ${decision.reason}`;
    default:
      return assertNever(decision);
  }
}

/** `T+1h59m`, `T-5m`, `T+15m-1ms` for the last moment before, `T+2h500ms` for one between seconds. */
export function sinceT(instant: Instant, start: Instant): string {
  if (instant < start) return `T-${formatDuration(durationOf(start - instant))}`;
  const beyond = (instant - start) % 1_000;
  if (beyond === 999) return `T+${formatDuration(durationOf(instant - start + 1))}-1ms`;
  return `T+${formatDuration(durationOf(instant - start - beyond))}${beyond === 0 ? '' : `${beyond}ms`}`;
}
