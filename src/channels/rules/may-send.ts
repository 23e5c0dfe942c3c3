import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { type Guard } from './guard';

/** Everything that is asked right before a send, read under the locks that goals take. */
export interface SendFacts {
  readonly now: Instant;
  readonly notAfter: Instant;
  readonly guard: Guard;
  /** Events about the guard's keys that have been committed. */
  readonly marks: readonly { readonly key: EntityKey; readonly eventName: string; readonly occurredAt: Instant }[];
  /** Why the person may not be written to, by consent and suppression; null: they may. */
  readonly refusal: string | null;
  /** Why the provider or the template may not be used now; null: they may. */
  readonly paused: string | null;
  readonly hasAddress: boolean;
  readonly test: boolean;
  /** The address stands on the list of numbers and tokens that a test may reach. */
  readonly addressIsForTests: boolean;
}

export type MaySend =
  | { readonly maySend: true }
  | { readonly maySend: false; readonly state: 'skipped' | 'expired' | 'rejected'; readonly reason: string };

/** May this message go out now? Whatever stops it wins; the order of the reasons is the order of their weight. */
export function maySend(facts: SendFacts): MaySend {
  const stop = strongest(
    facts.marks.filter((mark) => stops(facts.guard, mark)).map(({ eventName }) => facts.guard.stops[eventName]),
  );
  if (stop !== undefined) return { maySend: false, state: 'skipped', reason: stop };
  if (facts.now > facts.notAfter) return { maySend: false, state: 'expired', reason: 'too_late' };
  if (facts.refusal !== null) return { maySend: false, state: 'skipped', reason: facts.refusal };
  if (facts.paused !== null) return { maySend: false, state: 'rejected', reason: facts.paused };
  if (!facts.hasAddress) return { maySend: false, state: 'rejected', reason: 'no_address' };
  if (facts.test && !facts.addressIsForTests) return { maySend: false, state: 'skipped', reason: 'test_mode' };
  return { maySend: true };
}

/** Of several reasons the same one is given whatever order the marks are read in: the goal, then an exit, then silence. */
function strongest(reasons: readonly (string | undefined)[]): string | undefined {
  const given = reasons.filter((reason) => reason !== undefined).sort();
  return given.find((reason) => reason === 'goal_reached') ?? given.find((reason) => reason !== 'silenced') ?? given[0];
}

function stops(guard: Guard, mark: SendFacts['marks'][number]): boolean {
  const guarded = guard.keys.find(({ key }) => key === mark.key);
  if (guarded === undefined || !Object.hasOwn(guard.stops, mark.eventName)) return false;
  const countsByThisKey = guarded.names === undefined || guarded.names.includes(mark.eventName);
  return countsByThisKey && (guarded.absorbing || mark.occurredAt >= guard.since);
}
