/**
 * True for a time zone as the tz database names it: an area and a place, or UTC. Abbreviations and offsets are none: IST is India to this
 * process and Israel to Postgres, CET has summer time in one and not in the other, and +05:30 lies west of Greenwich to Postgres.
 */
export function isZone(name: string): boolean {
  if (!/^(UTC|GMT|[A-Za-z][A-Za-z_-]*(\/[A-Za-z0-9_+-]+)+)$/i.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false; // No such place: whoever asked says so in their own words.
  }
}
