import { CAP_REASONS } from '../../../channels/channels.api';
import { type OwnRates, ratesToPrint } from '../rules/stated-answers';
import { type Json, type ReplayTally } from '../store/replay.store';
import { type ForesightCounts } from './foresight-counts';

const WINDOWS: ReadonlySet<string> = new Set(['outside_hours', 'outside_legal_hours', 'outside_days', 'window_over', 'too_late']);
const CAPS: ReadonlySet<string> = new Set(CAP_REASONS);

/** What an estimate takes for granted, in sentences that are printed with it. */
const ASSUMPTIONS: readonly string[] = [
  'Events, goals among them, are taken as they came: a customer who paid because of a message paid, whatever the what-if sends.',
  'What was heard of a step that really went out is heard again, so long after it as then. Of every other message the stated rates tell.',
  'Everybody enters: pauses, kill switches, mass incidents, caps on spend, shares and shadow are left out, and so are queues and outages of providers.',
  'Consent and suppressions are as they were known at each moment; addresses, minors, the do-not-disturb register and templates are as they are today. Where the same step was really claimed within `sameWithinSeconds`, what that claim was judged by is taken.',
  'Messages of other journeys count against caps as they were really sent. Limits are those of today.',
  'A message is priced by the dated rates of its day, each WhatsApp as delivered, an SMS of unknown length as one part. What was really sent is priced the same way.',
  'Texts are not compared: the same step over the same channel within a minute is the same message.',
];

interface StepSum {
  readonly step: string;
  readonly channel: string;
  sent: number;
  reallySent: number;
  readonly ghost: Record<string, number>;
  readonly skipped: Record<string, number>;
  readonly expired: Record<string, number>;
  readonly rejected: Record<string, number>;
  readonly held: Record<string, number>;
}

interface CostSum {
  units: number;
  assumed: number;
  milli: number;
  gstMilli: number;
}

/** What a what-if says as a whole, added up as it goes. */
export class WhatIfResult {
  private readonly steps = new Map<string, StepSum>();
  private readonly would = new Map<string, CostSum>();
  private readonly was = new Map<string, CostSum>();
  private readonly unpriced = { would: 0, was: 0 };

  constructor(
    private readonly played: string,
    private readonly rates: OwnRates,
    private readonly mostLive: number,
    private readonly sameTimeMs: number,
  ) {}

  add(tallies: readonly ReplayTally[]): void {
    for (const tally of tallies) {
      this.addToStep(tally);
      if (tally.units === 0) continue;
      const isReal = tally.outcome === 'really_sent';
      this.unpriced[isReal ? 'was' : 'would'] += tally.unpriced;
      if (tally.currency === '') continue;
      const costs = isReal ? this.was : this.would;
      const sum = costs.get(tally.currency) ?? { units: 0, assumed: 0, milli: 0, gstMilli: 0 };
      costs.set(tally.currency, {
        units: sum.units + tally.units,
        assumed: sum.assumed + tally.assumed,
        milli: sum.milli + tally.milli,
        gstMilli: sum.gstMilli + tally.gstMilli,
      });
    }
  }

  toJson(counts: ForesightCounts, linesLeftOut: number, peakLive: number): Json {
    const { different, same, would, was, ...more } = counts;
    const steps = [...this.steps.values()];
    return {
      estimate: true,
      played: this.played,
      ...more,
      messages: { would, was, same, ...different },
      linesLeftOut,
      steps,
      caps: reasonsAmong(steps, CAPS),
      windows: reasonsAmong(steps, WINDOWS),
      costs: { would: costsOf(this.would), was: costsOf(this.was), unpriced: { ...this.unpriced } },
      rates: ratesToPrint(this.rates),
      sameWithinSeconds: this.sameTimeMs / 1_000,
      liveRuns: { most: peakLive, limit: this.mostLive },
      assumptions: ASSUMPTIONS,
    };
  }

  private addToStep({ step, channel, outcome, reason, messages }: ReplayTally): void {
    const name = `${step}\n${channel}`;
    let sum = this.steps.get(name);
    if (!sum) {
      sum = { step, channel, sent: 0, reallySent: 0, ghost: {}, skipped: {}, expired: {}, rejected: {}, held: {} };
      this.steps.set(name, sum);
    }
    if (outcome === 'sent') sum.sent += messages;
    else if (outcome === 'really_sent') sum.reallySent += messages;
    else {
      const reasons = sum[outcome as 'ghost' | 'skipped' | 'expired' | 'rejected' | 'held'];
      reasons[reason] = (reasons[reason] ?? 0) + messages;
    }
  }
}

function reasonsAmong(steps: readonly StepSum[], wanted: ReadonlySet<string>): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { skipped, expired, held } of steps)
    for (const reasons of [skipped, expired, held])
      for (const [reason, count] of Object.entries(reasons)) if (wanted.has(reason)) found[reason] = (found[reason] ?? 0) + count;
  return found;
}

const costsOf = (sums: ReadonlyMap<string, CostSum>): object[] =>
  [...sums]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([currency, { units, assumed, milli, gstMilli }]) => ({
      currency,
      amount: Math.round(milli / 1_000),
      gst: Math.round(gstMilli / 1_000),
      units,
      assumed,
    }));
