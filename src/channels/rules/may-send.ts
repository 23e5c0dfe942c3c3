import { type EntityKey } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { nextOpeningOfAll } from '@wapas/local-hours';
import { type Guard } from './guard';

/** Everything that is asked right before a send, read under the locks that goals take. */
export interface SendFacts {
  readonly now: Instant;
  readonly notAfter: Instant;
  readonly guard: Guard;
  /** Events about the guard's keys that have been committed. */
  readonly marks: readonly { readonly key: EntityKey; readonly eventName: string; readonly occurredAt: Instant }[];
  /** Why no further call may follow one that had begun: its run has ended meanwhile, or begun anew; null: one may. */
  readonly calledOff: string | null;
  /** Why the person may not be written to, by consent and suppression; null: they may. */
  readonly refusal: string | null;
  /** Why its matter cannot be paid just now; null: it can. */
  readonly down: string | null;
  /** Why the provider or the template may not be used now; null: they may. */
  readonly paused: string | null;
  readonly hasAddress: boolean;
  /** The number's country may be messaged; true of addresses that are no numbers. */
  readonly countryIsAllowed: boolean;
  readonly test: boolean;
  /** The address stands on the list of numbers and tokens that a test may reach. */
  readonly addressIsForTests: boolean;
}

export type MaySend =
  | { readonly maySend: true }
  | { readonly maySend: false; readonly state: 'skipped' | 'expired' | 'rejected'; readonly reason: string }
  /**
   * It stays planned. The law's hours are over for now: it is claimed when they open. Or, without an `until`, what its customer would
   * pay over is down: whoever watches that lets it go.
   */
  | { readonly maySend: false; readonly state: 'held'; readonly reason: string; readonly until: Instant | null };

/** May this message go out now? Whatever stops it wins; the order of the reasons is the order of their weight. */
export function maySend(facts: SendFacts): MaySend {
  const stop = facts.marks.length === 0 ? undefined : stopAmong(facts);
  if (stop !== undefined) return { maySend: false, state: 'skipped', reason: stop };
  if (facts.calledOff !== null) return { maySend: false, state: 'skipped', reason: facts.calledOff };
  if (facts.now > facts.notAfter) return { maySend: false, state: 'expired', reason: 'too_late' };
  if (facts.refusal !== null) return { maySend: false, state: 'skipped', reason: facts.refusal };
  if (facts.down !== null) return { maySend: false, state: 'held', reason: facts.down, until: null };
  if (facts.paused !== null) return { maySend: false, state: 'rejected', reason: facts.paused };
  if (!facts.hasAddress) return { maySend: false, state: 'rejected', reason: 'no_address' };
  if (!facts.countryIsAllowed) return { maySend: false, state: 'skipped', reason: 'country_not_allowed' };
  if (facts.test && !facts.addressIsForTests) return { maySend: false, state: 'skipped', reason: 'test_mode' };
  return withinHours(facts);
}

const stopAmong = ({ guard, marks }: SendFacts): string | undefined =>
  strongest(marks.filter((mark) => stops(guard, mark)).map(({ eventName }) => guard.stops[eventName]));

/**
 * A backlog, or a stop that has just been lifted, must not carry a message past its hours (rules 1 and 36): it waits for the next
 * opening, if it is still worth it then and its author would have it wait.
 */
function withinHours({ guard: { hours = [], ownHours }, now, notAfter }: SendFacts): MaySend {
  const opening = nextOpeningOfAll(ownHours === undefined ? hours : [...hours, ownHours], now);
  if (opening === null) return { maySend: true };
  const reason = nextOpeningOfAll(hours, now) === null ? 'outside_hours' : 'outside_legal_hours';
  const mustExpire = ownHours?.outside === 'expire' && nextOpeningOfAll([ownHours], now) !== null;
  return opening <= notAfter && !mustExpire
    ? { maySend: false, state: 'held', reason, until: opening }
    : { maySend: false, state: 'expired', reason };
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
