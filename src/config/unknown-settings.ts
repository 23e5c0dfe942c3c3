/** Shorter names have neighbours that mean something else: `POST`, `HOSTS`. */
const LONG_ENOUGH = 8;
/** What Kubernetes tells every container of a service that is called wapas, or wapas-web. */
const OF_KUBERNETES = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT|PORT_\d+_\w+)$/;

/**
 * A sentence for each variable that was meant for us and is none of ours: it has our prefix, or is a slip away from a setting. It changes
 * nothing, which is how a limit stays where it was. The value is not told, since it may be a secret.
 */
export function unknownSettings(given: readonly string[], known: ReadonlySet<string>): string[] {
  return given
    .filter((name) => !known.has(name))
    .flatMap((name) => {
      const meant = [...known].find((one) => one.length >= LONG_ENOUGH && isSlip(name, one));
      if (meant === undefined && (!name.startsWith('WAPAS_') || OF_KUBERNETES.test(name))) return [];
      return `${name} is no setting and changes nothing${meant === undefined ? '; see src/config/README.md' : `: ${meant} may be meant`}`;
    });
}

/** Two letters at the most are too many, missing or others; dashes and case do not count. */
function isSlip(given: string, known: string): boolean {
  const [one, other] = [given, known].map((name) => name.toUpperCase().replaceAll(/[-_]/g, '')) as [string, string];
  return Math.abs(one.length - other.length) <= 2 && distance(one, other) <= 2;
}

/** How many letters have to be put in, taken out or changed (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1];
    for (const [index, another] of [...other].entries()) {
      const change = (row[index] ?? 0) + (letter === another ? 0 : 1);
      next.push(Math.min(change, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
