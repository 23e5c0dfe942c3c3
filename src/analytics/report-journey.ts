import { Inject, Injectable } from '@nestjs/common';
import { BusinessClock } from '@wapas/database';
import { groupBy } from '@wapas/kernel';
import { type RateBook } from '@wapas/rates';
import { CONFIG, type Config } from '../config/config';
import { copyChangeStore } from '../channels/channels.api';
import { KnownJourneys } from '../journeys/journeys.api';
import { type ArmSums, compare, type Comparison } from './rules/comparison';
import { costOf, handedOver, SUPERSEDED } from './rules/cost';
import { type ExperimentVersions, experimentsOf } from './rules/experiments';
import { daysOfMonths } from './rules/periods';
import { contentOf, type Counts, type Row, rowsOf } from './rules/report';
import { rateBook } from './rate-book';
import { ReportReads } from './report-reads';
import { RollUpOutcomes } from './roll-up-outcomes';
import { type Question } from './rules/question';
import { type ArmCount, type ArmTakings, type MessageCount, type MessageCountOfChannel, reportStore } from './store/report.store';

export type ArmReport = Omit<Row, 'period' | 'part' | 'arm'>;

export interface ComparedExperiment extends ExperimentVersions, Comparison {
  /** Units that the treated were billed for and for which there is no rate. */
  readonly unpriced: number;
}

/** What a journey came to over a range of entries. The holdout stands beside the treated and is never mixed in. */
export interface JourneyReport {
  readonly treated: ArmReport;
  readonly holdout: ArmReport;
  readonly messages: readonly { channel: string; state: string; count: number }[];
  readonly experiments: readonly ComparedExperiment[];
}

export interface MonthOfProvider {
  readonly month: string;
  readonly channel: string;
  readonly provider: string | null;
  readonly category: string | null;
  /** Whose rates were asked, ISO 3166: of the numbers that it went to, or the deployment's own. */
  readonly country: string;
  readonly messages: number;
  readonly delivered: number;
  readonly failed: number;
  readonly units: number;
  readonly assumed: number;
  readonly unpriced: number;
  readonly cost: { readonly currency: string; readonly amount: number; readonly gst: number } | null;
}

/** Answers from the roll-ups, after everything that was committed before the question is in them. */
@Injectable()
export class ReportJourney {
  constructor(
    @Inject(ReportReads) private readonly reads: ReportReads,
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(KnownJourneys) private readonly journeys: KnownJourneys,
    @Inject(RollUpOutcomes) private readonly rollUp: RollUpOutcomes,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async report(question: Question): Promise<JourneyReport> {
    await this.rollUp.refresh(question.journey);
    const book = await rateBook(this.reads, this.config);
    const [entries, recoveries, messages, experiments] = await Promise.all([
      reportStore.entries(this.reads, question),
      reportStore.recoveries(this.reads, question),
      reportStore.messages(this.reads, question),
      this.experimentsIn(question, book),
    ]);
    const armOf = (arm: string): ArmReport =>
      contentOf(
        {
          entries: entries.filter((one) => one.arm === arm),
          recoveries: recoveries.filter((one) => one.arm === arm),
          messages: messages.filter((one) => one.arm === arm),
        },
        book,
      );
    return { treated: armOf('treated'), holdout: armOf('holdout'), messages: byChannelAndState(messages), experiments };
  }

  /** One row for each period, part of the breakdown and arm in which something happened. */
  async series(question: Question): Promise<Row[]> {
    await this.rollUp.refresh(question.journey);
    const book = await rateBook(this.reads, this.config);
    const isByChannel = question.breakdown === 'channel';
    const [entries, recoveries, messages] = await Promise.all([
      isByChannel ? [] : reportStore.entries(this.reads, question),
      reportStore.recoveries(this.reads, question),
      reportStore.messages(this.reads, question),
    ]);
    return rowsOf({ entries: isByChannel ? messages.map(messagedOn) : entries, recoveries, messages }, book);
  }

  /** Each experiment that somebody entered in the range, oldest first. */
  async experiments(question: Question): Promise<ComparedExperiment[]> {
    await this.rollUp.refresh(question.journey);
    return this.experimentsIn(question, await rateBook(this.reads, this.config));
  }

  /** What was sent in these months, as the provider's invoice counts it: by month of sending in India. Months as YYYY-MM, both included. */
  async invoices(from: string, to: string): Promise<MonthOfProvider[]> {
    const days = daysOfMonths(from, to);
    await this.rollUp.refresh(null);
    const book = await rateBook(this.reads, this.config);
    const groups = new Map<string, (MessageCount & { month: string })[]>();
    for (const group of await reportStore.sentIn(this.reads, days.from, days.to)) {
      const category = group.category ?? book.assumedCategory[group.channel] ?? null;
      const country = group.country ?? book.country;
      const key = [group.month, group.channel, group.provider ?? '', category ?? '', country].join('\u0001');
      groups.set(key, [...(groups.get(key) ?? []), group]);
    }
    return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, group]) => invoiceLines(group, book));
  }

  private async experimentsIn(question: Question, book: RateBook): Promise<ComparedExperiment[]> {
    const { journey, from, to } = question;
    const changes = await copyChangeStore.all(this.reads);
    const all = experimentsOf(journey, this.journeys.versions(), this.journeys.enteredNow(journey), changes);
    // Most are not cut by a change of their templates: those share one look at the whole range.
    const stretches = groupBy(all, ({ since, until }) => `${Math.max(since, from.getTime())} ${Math.min(until, to.getTime())}`);
    const read: ComparedExperiment[] = [];
    for (const experiments of stretches.values()) read.push(...(await this.comparisonsIn(question, experiments, book)));
    return all.flatMap(({ id }) => read.find((one) => one.id === id) ?? []);
  }

  /** Of experiments that lie alike in the range. */
  private async comparisonsIn(
    question: Question,
    experiments: readonly ExperimentVersions[],
    book: RateBook,
  ): Promise<ComparedExperiment[]> {
    const { since, until } = experiments[0] as ExperimentVersions;
    const from = Math.max(since, question.from.getTime());
    const to = Math.min(until, question.to.getTime());
    if (from >= to) return [];
    const asked = { ...question, from: new Date(from), to: new Date(to) };
    const [arms, later, takings, messages] = await Promise.all([
      reportStore.arms(this.reads, asked),
      reportStore.laterEntries(this.reads, asked),
      reportStore.takings(this.reads, asked),
      reportStore.armMessages(this.reads, asked),
    ]);
    return experiments.flatMap((versions) => {
      const own = arms.filter(({ version }) => versions.versions.includes(version));
      if (own.length === 0) return [];
      const entries = [...own, ...later.filter(({ version }) => versions.versions.includes(version))];
      const isTreated = (one: MessageCount): boolean => one.arm === 'treated' && versions.versions.includes(Number(one.part));
      const facts = {
        versions,
        treated: armSums('treated', own, takings, versions),
        holdout: armSums('holdout', own, takings, versions),
        cost: costOf(messages.filter(isTreated), book),
        firstAt: Math.min(...own.map(({ firstSlot }) => firstSlot.getTime())),
        lastAt: Math.min(until, Math.max(...entries.map(({ lastSlot }) => lastSlot.getTime())) + QUARTER_MS),
        endsAt: to,
      };
      return { ...versions, ...compare(facts, this.clock.now()), unpriced: facts.cost.unpriced };
    });
  }
}

const QUARTER_MS = 900_000;

/** Nobody enters on a channel: it has runs only as far as it was sent in them. */
const messagedOn = ({ period, part, arm, messaged }: MessageCountOfChannel): Counts['entries'][number] => ({
  period,
  part,
  arm,
  latency: null,
  entered: 0,
  eligible: 0,
  messaged,
  recovered: 0,
});

function armSums(
  arm: string,
  arms: readonly ArmCount[],
  takings: readonly ArmTakings[],
  { versions }: ExperimentVersions,
): ArmSums {
  const own = arms.filter((one) => one.arm === arm);
  const goals = takings.filter((taking) => taking.arm === arm && versions.includes(taking.version));
  const byCurrency = new Map<string, { currency: string; recovered: number; amount: number; squares: number }>();
  for (const { currency, recovered, amount, squares } of goals) {
    if (currency === null) continue;
    const sum = byCurrency.get(currency) ?? { currency, recovered: 0, amount: 0, squares: 0 };
    byCurrency.set(currency, {
      currency,
      recovered: sum.recovered + recovered,
      amount: sum.amount + amount,
      squares: sum.squares + squares,
    });
  }
  const sumOf = (value: (one: ArmCount) => number): number => own.reduce((sum, one) => sum + value(one), 0);
  return {
    entered: sumOf((one) => one.entered),
    recovered: sumOf((one) => one.recovered),
    attributed: goals.reduce((sum, { attributed }) => sum + (attributed ?? 0), 0),
    takings: [...byCurrency.values()],
  };
}

function byChannelAndState(messages: readonly MessageCount[]): { channel: string; state: string; count: number }[] {
  const sums = new Map<string, { channel: string; state: string; count: number }>();
  for (const { channel, state, messages: count } of messages) {
    // An attempt that another one followed is no message more.
    if (state === SUPERSEDED) continue;
    const key = `${channel} ${state}`;
    sums.set(key, { channel, state, count: (sums.get(key)?.count ?? 0) + count });
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

/** One line for each currency that the group was billed in; one without a cost when nothing was billed, none when nothing was handed over. */
function invoiceLines(group: readonly (MessageCount & { month: string })[], book: RateBook): MonthOfProvider[] {
  const [first] = group;
  if (!first) return [];
  const { costs, unpriced } = costOf(group, book);
  const sum = (value: (one: MessageCount) => number): number => group.reduce((total, one) => total + value(one), 0);
  const line = {
    month: first.month.slice(0, 7),
    channel: first.channel,
    provider: first.provider,
    category: first.category ?? book.assumedCategory[first.channel] ?? null,
    country: first.country ?? book.country,
    messages: sum(handedOver),
    delivered: sum((one) => one.delivered),
    failed: sum((one) => one.failed),
  };
  if (costs.length === 0) return line.messages + unpriced > 0 ? [{ ...line, units: 0, assumed: 0, unpriced, cost: null }] : [];
  return costs.map(({ currency, amount, gst, units, assumed }) => ({
    ...line,
    units,
    assumed,
    unpriced,
    cost: { currency, amount, gst },
  }));
}
