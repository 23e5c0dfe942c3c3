import { type Instant, toIso } from '@wapas/kernel';
import { type StatedRate, STATED_RATES } from '@wapas/stated-rates';
import { type Wapas } from '../wapas';
import { PROGRAMMES } from './playbook-journeys';

export interface PlaybookArm {
  readonly name: string;
  readonly customers: number;
  readonly recovered: number;
  readonly rate: number;
  /** Of the rate, 95 %. */
  readonly interval: readonly [low: number, high: number];
}

export interface PlaybookComparison {
  readonly programme: string;
  /** Goals after a message of the last channel before them: touched, not caused. */
  readonly attributed: number;
  /** What happens without messages; null without a holdout. */
  readonly organic: number | null;
  /** What messages caused, in shares of the treated; null when it cannot be said. */
  readonly incremental: { readonly value: number; readonly interval: readonly [low: number, high: number] } | null;
  readonly verdict: string | null;
}

export interface PlaybookReport {
  readonly simulation: true;
  readonly arms: readonly PlaybookArm[];
  readonly comparisons: readonly PlaybookComparison[];
  readonly seed: number;
  readonly customers: number;
  readonly rates: Readonly<Record<string, StatedRate>>;
}

interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The application's answer to `GET /v1/analytics/journeys/{key}`, as far as it is read here. */
interface JourneyReport {
  readonly experiments: readonly {
    readonly treated: { readonly entered: number; readonly recovered: number; readonly rate: Interval | null };
    readonly holdout: { readonly entered: number; readonly recovered: number };
    readonly attributed: { readonly count: number };
    readonly organic: Interval | null;
    readonly incremental: { readonly difference: Interval } | null;
    readonly verdict: string | null;
  }[];
}

/** Reads the arms from the application's reports over HTTP: the generator knows more, and is not asked. */
export async function readPlaybook(
  wapas: Wapas,
  { seed, customers, from, to }: { seed: number; customers: number; from: Instant; to: Instant },
): Promise<PlaybookReport> {
  const arms: PlaybookArm[] = [];
  const comparisons: PlaybookComparison[] = [];
  const range = `from=${encodeURIComponent(toIso(from))}&to=${encodeURIComponent(toIso(to))}`;
  for (const programme of PROGRAMMES) {
    const report = await wapas.get<JourneyReport>(`/v1/analytics/journeys/${programme}?${range}`);
    const [experiment, ...others] = report.experiments;
    if (!experiment || others.length > 0)
      throw new Error(`The report of ${programme} has ${report.experiments.length} experiments.`);
    const { treated, holdout, attributed, organic, incremental, verdict } = experiment;
    arms.push(armOf(programme, treated, treated.rate), armOf(`${programme}, holdout`, holdout, organic));
    comparisons.push({
      programme,
      attributed: attributed.count,
      organic: organic?.value ?? null,
      incremental: incremental && {
        value: incremental.difference.value,
        interval: [incremental.difference.low, incremental.difference.high],
      },
      verdict,
    });
  }
  return { simulation: true, arms, comparisons, seed, customers, rates: STATED_RATES };
}

const armOf = (name: string, counts: { entered: number; recovered: number }, rate: Interval | null): PlaybookArm => ({
  name,
  customers: counts.entered,
  recovered: counts.recovered,
  rate: rate?.value ?? 0,
  interval: [rate?.low ?? 0, rate?.high ?? 1],
});

/** For people. It says first that nobody in it is real. */
export function tell({ arms, comparisons, seed, customers, rates }: PlaybookReport): string[] {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const range = ([low, high]: readonly [number, number]): string => `${percent(low)} to ${percent(high)}`;
  return [
    'THE PLAYBOOK, COMPARED · SIMULATION',
    `${customers} invented customers (seed ${seed}) who behave by stated rates: this shows what the machinery makes of them, not what it earns.`,
    '',
    ...arms.map((arm) => `  ${arm.name.padEnd(26)} ${String(arm.recovered).padStart(5)} of ${String(arm.customers).padEnd(6)} ${percent(arm.rate).padStart(7)}  (${range(arm.interval)})`), // prettier-ignore
    '',
    ...comparisons.map(({ programme, attributed, incremental, verdict }) => {
      const caused = incremental
        ? `caused ${percent(incremental.value)} (${range(incremental.interval)}), ${verdict}`
        : 'no comparison yet';
      return `  ${programme.padEnd(26)} ${attributed} touched; ${caused}`;
    }),
    '',
    '  The rates behind it:',
    ...Object.entries(rates).map(
      ([name, { value, source, dated }]) =>
        `  ${name.padEnd(20)} ${String(value).padEnd(6)} ${source ?? 'assumed'}${dated ? `, ${dated}` : ''}`,
    ),
  ];
}
