/** A lane that was slowed: what it was slowed to, and when. Whole microseconds of whoever keeps it. */
export interface Slowed {
  readonly perSecond: number;
  readonly atMicros: number;
}

/** From nothing to the whole rate, so that half of it comes back in five minutes. */
export const CLIMB_MICROS = 600_000_000;
/** Who had tokens when it was slowed still uses them: what they hear says nothing about the slower rate. */
export const SETTLES_MICROS = 2_000_000;
/** However often it is slowed, it still finds out whether it is over. */
const LEAST_SHARE = 1 / 16;

/**
 * Calls per second of a lane at present. It climbs by a tenth of its rate a minute: a limit that was only touched costs little, and one
 * that is lower than what was configured is not run into again at once.
 */
export function paceOf(slowed: Slowed | undefined, perSecond: number, nowMicros: number): number {
  if (slowed === undefined) return perSecond;
  // A clock that was set back lets nothing climb, and holds nothing back for longer than it says.
  const since = Math.max(0, nowMicros - slowed.atMicros);
  return Math.min(perSecond, slowed.perSecond + (perSecond * since) / CLIMB_MICROS);
}

/**
 * What a lane is slowed to after a call was refused as too much; null: that call began before the last slowing had settled, and says
 * nothing new. `redis-token-bucket.ts` says the same in Lua; one suite runs on both.
 */
export function slow(slowed: Slowed | undefined, perSecond: number, nowMicros: number, startedAgoMicros: number): Slowed | null {
  if (slowed !== undefined && nowMicros - startedAgoMicros <= slowed.atMicros + SETTLES_MICROS) return null;
  const least = Math.max(perSecond * LEAST_SHARE, Math.min(1, perSecond));
  return { perSecond: Math.max(least, paceOf(slowed, perSecond, nowMicros) / 2), atMicros: nowMicros };
}
