/** A moment in UTC, as milliseconds since 1970. Local hours never travel without their time zone (see luxon in the rules). */
export type Instant = number & { readonly __instant: unique symbol };

/** Takes a `Date` as the database driver gives it. Throws on an invalid date. */
export function toInstant(date: Date): Instant {
  const millis = date.getTime();
  if (Number.isNaN(millis)) throw new Error('Invalid date');
  return millis as Instant;
}

export function instantFromMillis(millis: number): Instant {
  return millis as Instant;
}

/** Takes seconds since 1970 as `date_part('epoch', …)` gives them, to the microsecond. Finer than a millisecond is cut off. */
export function instantFromEpoch(seconds: number): Instant {
  return Math.floor(Math.round(seconds * 1e6) / 1_000) as Instant;
}

export function toDate(instant: Instant): Date {
  return new Date(instant);
}

/** RFC 3339 in UTC with milliseconds, as every response prints it. */
export function toIso(instant: Instant): string {
  return new Date(instant).toISOString();
}

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})$/;

/** Reads RFC 3339 with a zone. Gives null for a local time without zone or a day that does not exist (2026-02-30). */
export function parseInstant(text: string): Instant | null {
  const match = RFC_3339.exec(text);
  if (!match) return null;
  const [, year, month, day, hour] = match.map(Number) as [number, number, number, number, number];
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  // RFC 3339 has no hour 24; Date.parse would make the next day of it.
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth || hour > 23) return null;
  const millis = Date.parse(text);
  return Number.isNaN(millis) ? null : (millis as Instant);
}
