/**
 * Lengths of time are counted in bins, since counts add up and percentiles do not. The marks that people ask for are
 * edges, so "within 15 minutes" is exact; between them each edge is a ninth more than the one before.
 */
const MARKS = [60, 900, 3_600, 7_200, 86_400, 259_200, 604_800];
const STEP = 1.11;

/** Upper edges in seconds, ascending. A length lies in the first bin whose edge it does not reach; the last bin is open. */
export const TIME_EDGES: readonly number[] = edges();
const NUMBER_OF_EDGE: ReadonlyMap<number, number> = new Map(TIME_EDGES.map((edge, number) => [edge, number]));

function edges(): number[] {
  const found = new Set(MARKS);
  for (let edge = 5; edge < 604_800 * 5; edge *= STEP) found.add(Math.round(edge));
  return [...found].sort((a, b) => a - b);
}

/** How many lie in each bin, by number; bin 0 is below the first edge. */
export type BinCounts = readonly number[];

const [COLON, BLANK, ZERO] = [58, 32, 48];

/**
 * The sum of several texts `bin:count bin:count …`; a bin that stands there twice counts twice. Digit by digit, into one array: a
 * report reads a hundred thousand of them, and a map for each text took most of its time.
 */
export function readBins(texts: readonly (string | null)[]): BinCounts {
  const found = new Array<number>(TIME_EDGES.length + 1).fill(0);
  for (const text of texts) if (text !== null) addBins(text, found);
  return found;
}

function addBins(text: string, found: number[]): void {
  let bin = 0;
  let number = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === COLON) {
      bin = number;
      number = 0;
    } else if (code === BLANK) {
      found[bin] = (found[bin] ?? 0) + number;
      number = 0;
    } else number = number * 10 + code - ZERO;
  }
  found[bin] = (found[bin] ?? 0) + number;
}

/**
 * The length below which a share of all lies, in seconds, taken as evenly spread within its bin: at most a ninth wrong.
 * Null when there is none.
 */
export function shareWithin(counts: BinCounts, share: number): number | null {
  const total = sumUpTo(counts, counts.length);
  if (total === 0) return null;
  let left = share * total;
  for (let bin = 0; bin < counts.length; bin += 1) {
    const count = counts[bin] ?? 0;
    if (count === 0) continue;
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
  const edge = NUMBER_OF_EDGE.get(seconds);
  if (edge === undefined) throw new Error(`${seconds} seconds is no edge.`);
  return sumUpTo(counts, edge + 1);
}

function sumUpTo(counts: BinCounts, end: number): number {
  let sum = 0;
  for (let bin = 0; bin < end; bin += 1) sum += counts[bin] ?? 0;
  return sum;
}

const lowerEdge = (bin: number): number => (bin > 0 ? (TIME_EDGES[bin - 1] as number) : 0);
