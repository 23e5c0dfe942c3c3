import { type Instant } from '@wapas/kernel';

interface Guarded {
  readonly keys: readonly { readonly key: string; readonly absorbing: boolean; readonly names?: readonly string[] }[];
  readonly since: Instant;
  readonly stops: Readonly<Record<string, string>>;
}

/** Has the goal of this guard been reached, as far as the marks of its keys tell? */
export function isSettled(
  guard: Guarded,
  marks: readonly { readonly key: string; readonly eventName: string; readonly occurredAt: Instant }[],
): boolean {
  return marks.some(({ key, eventName, occurredAt }) => {
    const guarded = guard.keys.find((one) => one.key === key);
    if (guarded === undefined || guard.stops[eventName] !== 'goal_reached') return false;
    const countsByThisKey = guarded.names === undefined || guarded.names.includes(eventName);
    return countsByThisKey && (guarded.absorbing || occurredAt >= guard.since);
  });
}
