/** A rail that is down, as `dimension:value`: at one gateway, or, with null, whichever it is reached over. */
export interface DownRail {
  readonly rail: string;
  readonly gateway: string | null;
  /** The reason that its messages are held with. */
  readonly reason: string;
}

const GATEWAY = 'gateway:';
/** Behind a rail instead of a gateway: some gateway, nobody knows which. */
const SOME = '';

/** A rail at one gateway: `method:upi@razorpay`. */
const at = (rail: string, gateway: string): string => `${rail}@${gateway}`;

/**
 * Under which names what a message needs may be down, of the rails in its guard: each as such, and each at its gateway. Where the
 * guard names no gateway it may be any: then a rail that is down at one of them is down.
 */
export function waitsFor(rails: readonly string[]): string[] {
  const gateway = rails.find((rail) => rail.startsWith(GATEWAY))?.slice(GATEWAY.length) ?? SOME;
  return rails.flatMap((rail) => (rail.startsWith(GATEWAY) ? [rail] : [rail, at(rail, gateway)]));
}

/** The reasons by every name that something waits for while these are down. */
export const namesOf = (down: readonly DownRail[]): Map<string, string> =>
  new Map(
    down.flatMap(({ rail, gateway, reason }) =>
      (gateway === null ? [rail] : [at(rail, gateway), at(rail, SOME)]).map((name) => [name, reason] as const),
    ),
  );
