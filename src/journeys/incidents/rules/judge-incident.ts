export interface IncidentLimits {
  /** Failures in five minutes that are worth a look at all. */
  readonly least: number;
  /** So many times the usual number is an incident. */
  readonly factor: number;
}

/** How a rail has been doing. */
export interface Failures {
  readonly lastFiveMinutes: number;
  readonly lastTenMinutes: number;
  /** The usual number in five minutes at this hour; null: too young to know. */
  readonly usual: number | null;
}

/** What was counted of a rail. */
export interface Counted extends Pick<Failures, 'lastFiveMinutes' | 'lastTenMinutes'> {
  /** In this hour of each day before, yesterday first; null: that day nothing was known yet. */
  readonly hours: readonly (number | null)[];
}

export const failuresIn = ({ lastFiveMinutes, lastTenMinutes, hours }: Counted): Failures => ({
  lastFiveMinutes,
  lastTenMinutes,
  usual: usualOf(hours.filter((hour) => hour !== null)),
});

/** What is left of a rail's count without some of the gateways that it is reached over. */
export function without(whole: Counted, gateways: readonly Counted[]): Counted {
  const left = (all: number, countOf: (one: Counted) => number): number =>
    Math.max(0, all - gateways.reduce((sum, one) => sum + countOf(one), 0));
  return {
    lastFiveMinutes: left(whole.lastFiveMinutes, (one) => one.lastFiveMinutes),
    lastTenMinutes: left(whole.lastTenMinutes, (one) => one.lastTenMinutes),
    hours: whole.hours.map((hour, day) => hour && left(hour, (one) => one.hours[day] ?? 0)),
  };
}

/**
 * A rail is down when it fails more than `factor` times as often as usual (the field goes by five times the same hour of the last
 * seven days, in five minutes). What is too young to have a usual number, or fails too seldom to count, is not judged.
 */
export function isIncident({ lastFiveMinutes, usual }: Failures, { least, factor }: IncidentLimits): boolean {
  return usual !== null && lastFiveMinutes >= least && lastFiveMinutes > factor * usual;
}

/** It is over when ten minutes have seen no more than twice the usual number, or hardly anything. */
export function isOver({ lastTenMinutes, usual }: Failures, { least }: IncidentLimits): boolean {
  return lastTenMinutes <= Math.max(least / 2, 4 * (usual ?? 0));
}

/** The usual number in five minutes, of the counts of the same hour on days before: their median, so that one bad day is forgotten. */
export function usualOf(hoursBefore: readonly number[]): number | null {
  if (hoursBefore.length === 0) return null;
  const sorted = [...hoursBefore].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
  return median / 12;
}
