/** One figure of a metric, with what it is about. `of`: a suffix of the metric's name, as histograms have them. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly of?: 'bucket' | 'sum' | 'count';
}

export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** The media type that belongs to it. */
export const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8';

/** Prometheus's text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats, read 2026-11-28). */
export function expose(metrics: readonly Metric[]): string {
  return metrics
    .map((metric) => `${[...head(metric), ...metric.samples.map((sample) => line(metric, sample))].join('\n')}\n`)
    .join('');
}

const head = ({ name, type, help }: Metric): string[] => [
  `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
  `# TYPE ${name} ${type}`,
];

function line({ name }: Metric, { labels = {}, value, of }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(String(text))}"`);
  return `${name}${of === undefined ? '' : `_${of}`}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${numeral(value)}`;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const numeral = (value: number): string => (value === Infinity ? '+Inf' : value === -Infinity ? '-Inf' : String(value));
