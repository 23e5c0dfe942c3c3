import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@wapas/database';
import { Bus } from '@wapas/events';
import { type BusEvents } from '../bus-events';
import { ReportSpend, SendFigures, StopSending } from '../channels/channels.api';
import { eventNames } from '../ingestion/ingestion.api';
import { RunFigures } from '../journeys/journeys.api';
import { type Metric, type Sample } from './exposition';
import { Readiness } from './readiness';

/** Names of events are the shop's own: more of them than this would be a series for each order. */
const MOST_EVENT_NAMES = 200;

/**
 * What whoever watches machines wants to know. Gauges that count rows are the same in every container; counters of calls and
 * the histogram of lateness are of this process, and begin anew with it.
 */
@Injectable()
export class Metrics {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Bus) private readonly bus: Bus<BusEvents>,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(RunFigures) private readonly runs: RunFigures,
    @Inject(SendFigures) private readonly sends: SendFigures,
    @Inject(ReportSpend) private readonly reportSpend: ReportSpend,
    @Inject(StopSending) private readonly stopSending: StopSending,
  ) {}

  /** Rejects without a database: half the figures would look like all of them. */
  async all(): Promise<Metric[]> {
    const [report, handlers, due, waiting, jobs, pace, names, spend, stoppedSince] = await Promise.all([
      this.readiness.report(),
      this.bus.state(),
      this.runs.due(),
      this.sends.waiting(),
      this.sends.jobs(),
      this.sends.pace(),
      eventNames.page(this.database, '', MOST_EVENT_NAMES),
      this.reportSpend.onDay(),
      this.stopSending.stoppedSince(),
    ]);
    const { heapUsed, rss } = process.memoryUsage();
    return [
      gauge('wapas_ready', 'Whether it is able to serve.', report.status === 'ready' ? 1 : 0),
      gauge('wapas_alarms', 'Things a person should look at: the lines of attention in /health/ready.', report.attention.length),
      gauge('wapas_sending_stopped', 'Whether all sending is stopped (PUT /v1/operations/stop).', stoppedSince === null ? 0 : 1),
      {
        name: 'wapas_audit_faults',
        type: 'gauge',
        help: 'What the continuous check of runs and timers found last; no samples before its first look. All should be 0.',
        samples: Object.entries<number>({ ...this.runs.faults() }).map(([fault, value]) => ({ labels: { fault }, value })),
      },
      gauge('wapas_runs_due', 'Runs that are due and not taken up, counted to 100,000.', due.count),
      gauge('wapas_runs_due_oldest_seconds', 'For how long the oldest of them has been due, business time.', due.oldestSeconds),
      lateness(this.runs.lateness()),
      {
        name: 'wapas_unserved_journeys',
        type: 'gauge',
        help: 'Live journeys that would write over a channel for which no provider is set up, by channel; no sample where there is none.',
        samples: this.runs.unserved().map(({ channel, journeys }) => ({ labels: { channel }, value: journeys.length })),
      },
      {
        name: 'wapas_incident',
        type: 'gauge',
        help: 'Mass incidents that hold runs; without a gateway: of every one.',
        samples: this.runs
          .incidents()
          .map(({ gateway, ...labels }) => ({ labels: gateway === null ? labels : { ...labels, gateway }, value: 1 })),
      },
      {
        name: 'wapas_events_recorded_total',
        type: 'counter',
        help: `Events recorded, by name; the first ${MOST_EVENT_NAMES} names, all containers together.`,
        samples: names.map(({ name, count }) => ({ labels: { event: name }, value: count })),
      },
      byHandler(
        'wapas_bus_waiting',
        'Bus packets that wait for a handler; no sample where none do.',
        handlers,
        ({ waiting: packets }) => packets,
      ),
      byHandler(
        'wapas_bus_parked',
        'Bus packets that are parked after five failures; likewise.',
        handlers,
        ({ parked }) => parked,
      ),
      byHandler(
        'wapas_bus_oldest_seconds',
        'Age of the oldest packet that waits; likewise.',
        handlers,
        ({ oldestSeconds }) => oldestSeconds,
      ),
      byProvider('wapas_messages_waiting', 'gauge', 'Messages that wait to be claimed, counted to 100,000.', waiting),
      byProvider('wapas_queue_jobs', 'gauge', 'Jobs that wait on the work queue.', jobs),
      {
        name: 'wapas_provider_calls_total',
        type: 'counter',
        help: 'Calls to providers that ended, by outcome: accepted, or the class of the failure.',
        samples: this.sends.calls().map(({ provider, outcome, count }) => ({ labels: { provider, outcome }, value: count })),
      },
      {
        name: 'wapas_provider_per_second',
        type: 'gauge',
        help: 'Calls per second that are let through; less than is configured for some minutes after a vendor said that it was too much.',
        samples: pace.map(({ provider, perSecond }) => ({ labels: { provider }, value: perSecond })),
      },
      {
        name: 'wapas_provider_mistakes',
        type: 'gauge',
        help: 'Calls that were refused as malformed, told under a code of no table, or broken by their provider; gone an hour after the last.',
        samples: this.sends
          .mistakes()
          .map(({ provider, code, kind, count }) => ({ labels: { provider, code, kind }, value: count })),
      },
      ...spendMetrics(spend),
      gauge('process_resident_memory_bytes', 'Memory of the process.', rss),
      gauge('nodejs_heap_used_bytes', 'Of it, what JavaScript uses.', heapUsed),
      {
        name: 'process_cpu_seconds_total',
        type: 'counter',
        help: 'Processor time of the process, user and system.',
        samples: [{ value: cpuSeconds() }],
      },
    ];
  }
}

const gauge = (name: string, help: string, value: number): Metric => ({ name, type: 'gauge', help, samples: [{ value }] });

function byHandler<Row extends { readonly handler: string }>(
  name: string,
  help: string,
  rows: readonly Row[],
  valueOf: (row: Row) => number,
): Metric {
  return { name, type: 'gauge', help, samples: rows.map((row) => ({ labels: { handler: row.handler }, value: valueOf(row) })) };
}

const byProvider = (
  name: string,
  type: Metric['type'],
  help: string,
  rows: readonly { readonly provider: string; readonly count: number }[],
): Metric => ({ name, type, help, samples: rows.map(({ provider, count }) => ({ labels: { provider }, value: count })) });

function spendMetrics({ channels, caps, reached }: Awaited<ReturnType<ReportSpend['onDay']>>): Metric[] {
  return [
    {
      name: 'wapas_spend_today',
      type: 'gauge',
      help: 'What was spent since the business day began, minor units before tax; no sample where nothing was.',
      samples: channels.map(({ channel, currency, milli }) => ({ labels: { channel, currency }, value: milli / 1_000 })),
    },
    {
      name: 'wapas_spend_cap',
      type: 'gauge',
      help: 'Most that may be spent in a day, minor units before tax.',
      samples: caps.map(({ scope, currency, amount }) => ({ labels: { scope, currency }, value: amount })),
    },
    {
      name: 'wapas_spend_cap_held_back',
      type: 'gauge',
      help: 'Messages that a daily spend cap has held back today; above 0 it is reached.',
      samples: caps.map(({ scope }) => ({
        labels: { scope },
        value: reached.find((cap) => cap.scope === scope)?.heldBack ?? 0,
      })),
    },
  ];
}

function lateness({ buckets, count, sum }: ReturnType<RunFigures['lateness']>): Metric {
  const samples: Sample[] = buckets.map(([le, value]) => ({ of: 'bucket', labels: { le }, value }));
  return {
    name: 'wapas_step_lateness_seconds',
    type: 'histogram',
    help: 'How late due runs were taken up, business time.',
    samples: [
      ...samples,
      { of: 'bucket', labels: { le: '+Inf' }, value: count },
      { of: 'sum', value: sum },
      { of: 'count', value: count },
    ],
  };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
