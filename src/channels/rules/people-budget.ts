/** A message that waits, and whom it is for. */
export interface ForSomebody {
  readonly id: string;
  readonly personId: string;
}

/**
 * Which messages a budget of different people has room for: those to people who have been reached already, and the first ones to others
 * as long as it lasts. `left`: how many more people may be reached; below zero when the limit was lowered under what had been.
 */
export function withinBudget<Message extends ForSomebody>(
  messages: readonly Message[],
  reached: ReadonlySet<string>,
  left: number,
): { readonly within: readonly Message[]; readonly beyond: readonly Message[]; readonly taken: number } {
  const fresh = new Set<string>();
  const within: Message[] = [];
  const beyond: Message[] = [];
  for (const message of messages) {
    const isFree = reached.has(message.personId) || fresh.has(message.personId);
    if (!isFree && fresh.size >= left) {
      beyond.push(message);
      continue;
    }
    if (!isFree) fresh.add(message.personId);
    within.push(message);
  }
  return { within, beyond, taken: fresh.size };
}

/** From here on a person should know. */
const NEARLY_ALL = 0.9;

export const isNearlyAll = (reached: number, most: number): boolean => reached >= most * NEARLY_ALL;

/** What a person should look at, in a sentence; null: nothing. */
export function lineOfPeople(provider: string, reached: number, most: number): string | null {
  if (most === 0)
    return `${provider} may write to nobody: its vendor allows no people at all; everybody is reached by the next channel`;
  if (!isNearlyAll(reached, most)) return null;
  return `${provider} has written to ${reached} of the ${most} different people that its vendor allows in 24 hours; the others are reached by the next channel`;
}
