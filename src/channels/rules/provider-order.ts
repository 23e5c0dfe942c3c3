/** A provider of the channel as it stands now, in the configured order. */
export interface Candidate {
  readonly name: string;
  /** Paused, or this template of it is: nothing goes out until somebody says so. */
  readonly isRefused: boolean;
  /** Its breaker is open, or it asked for a longer rest: waiting for it would make the message late. */
  readonly isShut: boolean;
}

/**
 * Which provider of a channel gets a message: the first that works and has not refused it for good, then the first that will
 * work again by itself, then null. `tried` are those that said a definite no about themselves, or had no room for one more person; never about
 * the person.
 */
export function providerFor(candidates: readonly Candidate[], tried: readonly string[]): string | null {
  const left = candidates.filter(({ name, isRefused }) => !isRefused && !tried.includes(name));
  return (left.find(({ isShut }) => !isShut) ?? left[0])?.name ?? null;
}

/** Who takes over from a provider that is out of use: only one that works now. Null: nobody, so the message waits or is given up. */
export function takesOver(candidates: readonly Candidate[], from: string, tried: readonly string[]): string | null {
  const fit = candidates.find(({ name, isRefused, isShut }) => name !== from && !isRefused && !isShut && !tried.includes(name));
  return fit?.name ?? null;
}
