import { LONGEST_CALL_MS } from '@wapas/egress';

/** A provider's own calls end within the first; whoever has said nothing by then never will. */
export const LONGEST_ASK_MS = LONGEST_CALL_MS + 2_000;

/**
 * What a provider answers, or `instead` when its promise has not settled in time: a package may forget to, and whatever waits for it
 * (a place among the open calls, a sweep, a shutdown) would wait for ever. What it says afterwards is heard by nobody.
 */
export async function settleInTime<Answer>(given: Promise<Answer>, instead: () => Answer): Promise<Answer> {
  // A package may forget the promise as well.
  const asked = Promise.resolve(given);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve(instead()), LONGEST_ASK_MS);
  });
  try {
    return await Promise.race([asked, limit]);
  } finally {
    clearTimeout(timer);
    asked.catch(() => undefined); // Whoever waited has gone on; a rejection that comes later concerns nobody.
  }
}
