import { type Machine } from './machine';

/** One figure with its floor. `value` and `baseline` are medians over the rounds; `spread` is the value's lowest and highest. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly spread: readonly [number, number];
  readonly baseline: number | null;
  readonly baselineName: string | null;
  readonly ratio: number | null;
  /** The floor: of the ratio where there is a baseline (at least), of the value where there is none (below). */
  readonly target: number;
  readonly met: boolean;
  /** Lowest and highest ratio of value to baseline within one round: steadier than either figure on a shared machine. */
  readonly ratioSpread?: readonly [number, number];
  /** The baseline measured against pgbench, and whether it is too slow to be a fair one. */
  readonly baselineToPgbench?: number;
  readonly baselineVoid?: boolean;
  /** There is no baseline, and the floor is one that the value reaches. */
  readonly atLeast?: true;
  /** Why there is no baseline, when there should be one. */
  readonly note?: string;
}

export interface Report {
  readonly bench: string;
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

export interface Baseline {
  readonly name: string;
  /** One figure for each round. */
  readonly figures: readonly number[];
  /** Given for a baseline that has to prove itself against pgbench first. */
  readonly pgbench?: readonly number[];
}

/** A tutorial build slower than this share of pgbench proves nothing about anybody. */
const FAIR_SHARE_OF_PGBENCH = 0.06;

/** A row whose floor is a multiple of a baseline that was measured in the same rounds. */
export function rowAgainst(name: string, unit: string, figures: readonly number[], baseline: Baseline, target: number): Row {
  const ratio = median(figures) / median(baseline.figures);
  const ratios = figures.map((figure, round) => figure / (baseline.figures[round] ?? NaN));
  const share = baseline.pgbench && median(baseline.figures) / median(baseline.pgbench);
  const isVoid = share !== undefined && share < FAIR_SHARE_OF_PGBENCH;
  return {
    name,
    value: rounded(median(figures)),
    unit,
    spread: spreadOf(figures),
    baseline: rounded(median(baseline.figures)),
    baselineName: baseline.name,
    ratio: rounded(ratio),
    target,
    met: ratio >= target && !isVoid,
    ratioSpread: spreadOf(ratios),
    ...(share === undefined ? {} : { baselineToPgbench: rounded(share), baselineVoid: isVoid }),
  };
}

/** A row whose baseline could not be had: it is never met. */
export function rowWithoutBaseline(name: string, unit: string, figures: readonly number[], target: number, note: string): Row {
  return { ...plainRow(name, unit, figures, target), met: false, note };
}

/** A row whose floor is a limit that the value stays below. */
export function rowBelow(name: string, unit: string, figures: readonly number[], limit: number): Row {
  return { ...plainRow(name, unit, figures, limit), met: median(figures) < limit };
}

/** A row whose floor is a figure of its own that the value reaches. */
export function rowAtLeast(name: string, unit: string, figures: readonly number[], floor: number): Row {
  return { ...plainRow(name, unit, figures, floor), met: median(figures) >= floor, atLeast: true };
}

function plainRow(name: string, unit: string, figures: readonly number[], target: number) {
  return {
    name,
    value: rounded(median(figures)),
    unit,
    spread: spreadOf(figures),
    baseline: null,
    baselineName: null,
    ratio: null,
    target,
  };
}

export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

const spreadOf = (figures: readonly number[]): [number, number] => [rounded(Math.min(...figures)), rounded(Math.max(...figures))];

/** Three digits are more than the measurement is worth; whole numbers stay whole. */
function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** Says on stderr what a round has shown, for whoever waits; stdout is for the report. */
export function tellRound(round: number, seen: Readonly<Record<string, readonly number[]>>): void {
  const figures = Object.entries(seen).map(([name, values]) => `${name} ${rounded(values[round] ?? NaN)}`);
  process.stderr.write(`round ${round + 1}: ${figures.join(', ')}\n`);
}

/** How far something slow has come, on stderr. */
export function tellProgress(what: string, done: number, all: number): void {
  const share = all === 0 ? 1 : done / all;
  const bar = '#'.repeat(Math.round(share * 30)).padEnd(30, '.');
  if (process.stderr.isTTY) process.stderr.write(`\r${what} [${bar}] ${Math.round(share * 100)} %${share >= 1 ? '\n' : ''}`);
  else if (share >= 1) process.stderr.write(`${what} ${all.toLocaleString('en')}\n`);
}

/** The report for people. */
export function tableOf({ bench, machine, rows }: Report): string {
  const head = ['row', 'value', 'spread', 'baseline', 'ratio', 'floor', 'met'];
  const lines = rows.map((row) => [
    row.name,
    `${row.value} ${row.unit}`,
    `${row.spread[0]}–${row.spread[1]}`,
    row.baseline === null ? '–' : `${row.baseline} (${row.baselineName})`,
    row.ratio === null ? '–' : `${row.ratio}`,
    floorOf(row),
    `${row.met ? 'yes' : 'NO'}${row.baselineVoid ? ' (baseline void: below 0.06 of pgbench)' : ''}`,
  ]);
  const widths = head.map((title, column) => Math.max(...[head, ...lines].map((line) => (line[column] ?? title).length)));
  const print = (line: readonly string[]): string => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  const notes = rows.flatMap(({ name, note }) => (note === undefined ? [] : [`${name}: ${note}`]));
  return [`${bench} on ${describe(machine)}`, '', print(head), ...lines.map(print), ...notes].join('\n');
}

function floorOf({ ratio, note, atLeast, target }: Row): string {
  if (atLeast) return `≥ ${target}`;
  return ratio === null && note === undefined ? `< ${target}` : `≥ ${target}×`;
}

function describe({ cpus, model, memoryGb, node, postgres, commit }: Machine): string {
  return `${cpus} × ${model}, ${memoryGb} GB, Node ${node}, Postgres ${postgres}${commit === null ? '' : `, commit ${commit}`}`;
}
