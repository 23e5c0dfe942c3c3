import { assertNever } from '@wapas/kernel';
import { type Decision, type RunFacts, type RunMemory, type RunState } from './run';

/** The run after its decisions. */
export function applyDecisions(run: RunState, decisions: readonly Decision[]): RunState {
  return decisions.reduce(applyOne, run);
}

function applyOne(run: RunState, decision: Decision): RunState {
  switch (decision.kind) {
    case 'skip':
    case 'expire':
    case 'flag':
    case 'send':
    case 'ghost':
      return run;
    case 'hold':
      return {
        ...(decision.reason === 'customer_active' ? remembering(run, { postponed: (run.memory.postponed ?? 0) + 1 }) : run),
        dueAt: decision.until,
      };
    case 'advance':
      return { ...(decision.reason === 'confirmed' ? remembering(run, { unsureUntil: undefined }) : run), dueAt: decision.until };
    case 'wait':
      return {
        ...(run.memory.postponed === undefined ? run : remembering(run, { postponed: undefined })),
        nextStep: decision.nextStep,
        dueAt: decision.until,
      };
    case 'note':
      return { ...run, signals: { ...run.signals, [decision.step]: [...(run.signals[decision.step] ?? []), decision.signal] } };
    case 'see':
      return remembering(run, { activeAt: decision.at });
    case 'attach':
      return {
        ...(decision.facts === null ? run : remembering(run, { unsureUntil: decision.unsureUntil })),
        facts: attached(run.facts, decision.facts),
      };
    case 'begin':
      return {
        ...remembering(run, { heldUntil: undefined, parked: undefined }),
        startedAt: decision.at,
        dueAt: decision.dueAt,
        expiresAt: decision.expiresAt,
      };
    case 'restart':
      return {
        ...remembering(run, { postponed: undefined, parked: undefined }),
        lap: run.lap + 1,
        startedAt: decision.at,
        dueAt: decision.dueAt,
        expiresAt: decision.expiresAt,
        nextStep: 0,
        signals: {},
      };
    case 'park':
      return run.dueAt === null
        ? run
        : { ...remembering(run, { parked: { reason: decision.reason, dueAt: run.dueAt } }), dueAt: run.expiresAt };
    case 'late_goal':
      return remembering(run, { hasLateGoal: true });
    case 'end':
      return { ...remembering(run, { endReason: decision.reason, parked: undefined }), isOver: true, dueAt: null };
    default:
      return assertNever(decision);
  }
}

function attached(before: RunFacts, now: RunFacts | null): RunFacts {
  const attempts = before.attempts + 1;
  return now === null ? { ...before, attempts } : { ...now, attempts, ...inARow(before, now) };
}

/** Who has failed twice over one method should be offered another (rule 31). */
function inARow(before: RunFacts, now: RunFacts): Pick<RunFacts, 'sameMethod'> {
  const { method } = now.properties;
  const isSame = typeof method === 'string' && method === before.properties.method;
  return isSame ? { sameMethod: (before.sameMethod ?? 1) + 1 } : {};
}

/** Undefined fields are forgotten: an empty memory stays `{}` in every replay. */
function remembering(run: RunState, change: Partial<RunMemory>): RunState {
  const memory: Record<string, unknown> = { ...run.memory, ...change };
  for (const name of Object.keys(change)) if (memory[name] === undefined) delete memory[name];
  return { ...run, memory };
}
