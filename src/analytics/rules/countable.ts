/** Of a version that nobody knows any more. */
const DEFAULT_WINDOW_MS = 86_400_000;

/** Of a journey's versions, the longest window: whoever had entered within theirs before does not count. */
export function longestWindow(journey: string, versions: readonly { readonly key: string; readonly window: number }[]): number {
  return Math.max(DEFAULT_WINDOW_MS, ...versions.flatMap(({ key, window }) => (key === journey ? [window] : [])));
}

/**
 * Whether a quarter of an hour may be counted again, when everything up to and with `horizon` may have been let go of. Whether somebody counts
 * depends on whether they had entered within the window before: that must be there as well. Whether they had entered the experiment
 * is remembered as long as a row of theirs is there. All in milliseconds since 1970.
 */
export const isCountable = (slot: number, windowMs: number, horizon: number): boolean => slot - windowMs >= horizon;
