import { type KeyKind } from '@wapas/entity-keys';
import { type Instant } from '@wapas/kernel';
import { allHold } from './condition';
import { type Ending, type Exit, type JourneyVersion } from './definition';
import { isAbsorbing } from './enrol';
import { type RunFacts, type RunInput } from './run';

/** An event as the rules see it, with the kind of key it was found by. */
export interface ArrivedEvent {
  readonly id: string;
  readonly name: string;
  readonly occurredAt: Instant;
  readonly facts: RunFacts;
}

/**
 * What an event that shares a key with a live run means to it; null: nothing. Orders and payments are settled once and for
 * all; of keys that are used again only what follows the trigger counts (D7), which the caller has checked. `triggeredAt`: when the
 * trigger happened; that an earlier attempt did fail says nothing of the latest one.
 */
export function meaningOf(
  version: JourneyVersion,
  run: RunFacts,
  event: ArrivedEvent,
  kind: KeyKind,
  triggeredAt: Instant,
): RunInput | null {
  const { id: eventId, name, occurredAt: at, facts } = event;
  const since = Math.max(triggeredAt, run.happenedAt ?? 0);
  const isGoal = version.goals.some(
    ({ events, by, where }) => events.includes(name) && by.includes(kind) && allHold(where, facts, run),
  );
  if (isGoal) return { kind: 'goal_reached', eventId, at, amount: facts.amount };
  const exit = version.exits.find((one) => one.event === name && one.by.includes(kind) && allHold(one.where, facts, run));
  if (exit) return { kind: 'exit_reached', eventId, at, reason: exit.reason };
  if (version.hold?.confirmedBy.includes(name)) return at >= since ? { kind: 'confirmed', eventId } : null;
  if (version.postpone?.events.includes(name)) return { kind: 'active', eventId, at };
  return null;
}

/** Every event name that may mean something to a live run of this version. */
export function namesOf(version: JourneyVersion): string[] {
  return [
    ...version.goals.flatMap(({ events }) => events),
    ...version.exits.map(({ event }) => event),
    ...(version.hold?.confirmedBy ?? []),
    ...(version.postpone?.events ?? []),
  ];
}

/** Every event name that ends a run of this version. */
export const endingNamesOf = (version: JourneyVersion): string[] => [
  ...version.goal.events,
  ...version.exits.map((exit) => exit.event),
];

/** Kinds of key under which a run must be found again. */
export function kindsOf(version: JourneyVersion): Set<KeyKind> {
  const kinds = new Set<KeyKind>([...version.goals.flatMap(({ by }) => by), ...version.exits.flatMap(({ by }) => by)]);
  if (version.postpone) for (const kind of ['customer', 'phone'] as const) kinds.add(kind);
  if (version.hold) for (const kind of version.correlateBy) kinds.add(kind);
  return kinds;
}

/**
 * Which event names stop a message by the mere mark they leave under a key of this kind, without their content being read.
 * An ending with conditions cannot: it stops by ending the run, within a second.
 */
export function stopsBy(version: JourneyVersion, kind: KeyKind): string[] {
  return [
    ...version.goals.filter(({ by, where }) => where.length === 0 && by.includes(kind)).flatMap(({ events }) => events),
    ...version.exits.filter(({ by, where }) => where.length === 0 && by.includes(kind)).map(({ event }) => event),
    ...(version.goal.by.includes(kind) ? version.silence : []),
  ];
}

/** An ending of which a mark says too little: whether it counts stands in the event. */
export function isConditionalEnding(version: JourneyVersion, kind: KeyKind, eventName: string): boolean {
  const isNamed = ({ by, where }: Ending | Exit): boolean => where.length > 0 && by.includes(kind);
  return (
    version.goals.some((goal) => isNamed(goal) && goal.events.includes(eventName)) ||
    version.exits.some((exit) => isNamed(exit) && exit.event === eventName)
  );
}

/**
 * Which marks under a key of this kind may speak against a run, stop a message or confirm a trigger, by themselves or by what their
 * event says.
 */
export const marksThatMatter = (version: JourneyVersion, kind: KeyKind): string[] => {
  const stopping = new Set(stopsBy(version, kind));
  const ending = [...endingNamesOf(version), ...version.silence].filter(
    (name) => stopping.has(name) || isConditionalEnding(version, kind, name),
  );
  const confirming = version.correlateBy.includes(kind) ? (version.hold?.confirmedBy ?? []) : [];
  return [...new Set([...ending, ...confirming])];
};

/** Which events that share a key of this kind with a live run may mean something to it, or stop a message of it. */
export const namesHeardBy = (version: JourneyVersion, kind: KeyKind): string[] => [
  ...new Set([
    ...version.goals.filter(({ by }) => by.includes(kind)).flatMap(({ events }) => events),
    ...version.exits.filter(({ by }) => by.includes(kind)).map(({ event }) => event),
    ...(version.hold?.confirmedBy ?? []),
    ...(version.postpone?.events ?? []),
    ...stopsBy(version, kind),
  ]),
];

/** Marks of before the trigger that speak against a run, with whether they count for ever. */
function isEndingMark(version: JourneyVersion, kind: KeyKind, eventName: string): { absorbing: boolean } | null {
  const named = stopsBy(version, kind).includes(eventName) && !version.silence.includes(eventName);
  return named ? { absorbing: isAbsorbing(kind) } : null;
}

/** That an event of this name about a key had been committed. */
export interface SeenMark {
  readonly eventName: string;
  readonly occurredAt: Instant;
  readonly eventId: string;
}

export interface CarriedKey {
  readonly kind: KeyKind;
  readonly key: string;
}

/** What of the marks under a trigger's keys speaks against a run. `said`: what an event said of which the mark says too little. */
export function endingsAmong(
  version: JourneyVersion,
  facts: RunFacts,
  keys: readonly CarriedKey[],
  marksOf: (key: string) => readonly SeenMark[],
  said: (eventId: string) => ArrivedEvent | undefined,
): { event: string; occurredAt: Instant; absorbing: boolean }[] {
  return keys.flatMap(({ kind, key }) =>
    marksOf(key).flatMap(({ eventId, eventName, occurredAt }) => {
      const event = said(eventId);
      const input = event && meaningOf(version, facts, event, kind, event.occurredAt);
      const isEnding = input?.kind === 'goal_reached' || input?.kind === 'exit_reached';
      const ending = isEnding ? { absorbing: isAbsorbing(kind) } : isEndingMark(version, kind, eventName);
      return ending ? [{ event: eventName, occurredAt, ...ending }] : [];
    }),
  );
}

/** The event that has said already that an uncertain trigger did fail: a source may tell the end before the beginning. */
export function confirmationAmong(
  version: JourneyVersion,
  triggeredAt: Instant,
  keys: readonly CarriedKey[],
  marksOf: (key: string) => readonly SeenMark[],
): string | undefined {
  const { hold, correlateBy } = version;
  if (!hold) return undefined;
  const marks = keys.filter(({ kind }) => correlateBy.includes(kind)).flatMap(({ key }) => marksOf(key));
  return marks.find(({ eventName, occurredAt }) => hold.confirmedBy.includes(eventName) && occurredAt >= triggeredAt)?.eventId;
}

/** Ids of events about a trigger's keys of which the mark says too little. Of keys that are used again only what follows the trigger counts. */
export function unsaidAmong(
  version: JourneyVersion,
  triggeredAt: Instant,
  keys: readonly CarriedKey[],
  marksOf: (key: string) => readonly SeenMark[],
): string[] {
  return keys.flatMap(({ kind, key }) =>
    marksOf(key).flatMap(({ eventName, occurredAt, eventId }) =>
      isConditionalEnding(version, kind, eventName) && (isAbsorbing(kind) || occurredAt >= triggeredAt) ? [eventId] : [],
    ),
  );
}
