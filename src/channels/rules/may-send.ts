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
  const stop = facts.marks.find((mark) => stops(facts.guard, mark));
  if (stop) return { maySend: false, state: 'skipped', reason: facts.guard.stops[stop.eventName] ?? 'stopped' };
  if (facts.now > facts.notAfter) return { maySend: false, state: 'expired', reason: 'too_late' };
  if (!facts.hasAddress) return { maySend: false, state: 'rejected', reason: 'no_address' };
  if (facts.test && !facts.addressIsForTests) return { maySend: false, state: 'skipped', reason: 'test_mode' };
  return { maySend: true };
}

function stops(guard: Guard, mark: SendFacts['marks'][number]): boolean {
  const guarded = guard.keys.find(({ key }) => key === mark.key);
  return (
    guarded !== undefined && Object.hasOwn(guard.stops, mark.eventName) && (guarded.absorbing || mark.occurredAt >= guard.since)
  );
}
