/**
 * Lengths of time are counted in bins, since counts add up and percentiles do not. The marks that people ask for are
 * edges, so "within 15 minutes" is exact; between them each edge is a ninth more than the one before.
 */
const MARKS = [60, 900, 3_600, 7_200, 86_400, 259_200, 604_800];
const STEP = 1.11;

/** Upper edges in seconds, ascending. A length lies in the first bin whose edge it does not reach; the last bin is open. */
export const TIME_EDGES: readonly number[] = edges();

function edges(): number[] {
  const found = new Set(MARKS);
  for (let edge = 5; edge < 604_800 * 5; edge *= STEP) found.add(Math.round(edge));
  return [...found].sort((a, b) => a - b);
}

/** How many lie in each bin, by number; bin 0 is below the first edge. */
export type BinCounts = ReadonlyMap<number, number>;

const [COLON, BLANK, ZERO] = [58, 32, 48];

/** Reads `bin:count bin:count …`; a bin that stands there twice counts twice. Digit by digit: a report reads a hundred thousand of them. */
export function readBins(text: string): BinCounts {
  const found = new Map<number, number>();
  let bin = 0;
  let number = 0;
  const add = (): void => {
    if (number > 0) found.set(bin, (found.get(bin) ?? 0) + number);
    number = 0;
  };
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COLON) {
      bin = number;
      number = 0;
    } else if (code === BLANK) add();
    else number = number * 10 + code - ZERO;
  }
  add();
  return found;
}

/** The sum of several. */
export function together(several: readonly BinCounts[]): BinCounts {
  const found = new Map<number, number>();
  for (const bins of several) for (const [bin, count] of bins) found.set(bin, (found.get(bin) ?? 0) + count);
  return found;
}

/**
 * The length below which a share of all lies, in seconds, taken as evenly spread within its bin: at most a ninth wrong.
 * Null when there is none.
 */
export function shareWithin(counts: BinCounts, share: number): number | null {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = share * total;
  for (const [bin, count] of [...counts].sort(([a], [b]) => a - b)) {
    if (count >= left) {
      const [low, high] = [lowerEdge(bin), TIME_EDGES[bin] ?? lowerEdge(bin)];
      return Math.round(low + ((high - low) * left) / count);
    }
    left -= count;
  }
  return TIME_EDGES.at(-1) ?? null;
}

/** How many took less than `seconds`, which must be one of the edges. */
export function countWithin(counts: BinCounts, seconds: number): number {
  const edge = TIME_EDGES.indexOf(seconds);
  if (edge < 0) throw new Error(`${seconds} seconds is no edge.`);
  return [...counts].reduce((sum, [bin, count]) => (bin <= edge ? sum + count : sum), 0);
}

const lowerEdge = (bin: number): number => (bin > 0 ? (TIME_EDGES[bin - 1] as number) : 0);
