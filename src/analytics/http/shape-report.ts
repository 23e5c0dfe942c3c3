import { type Row } from '../rules/report';
import { type ArmReport, type ComparedExperiment, type MonthOfProvider } from '../report-journey';
import { type Question } from '../rules/question';
import { type ArmDto, type MessageCountDto, type SeriesRowDto } from './analytics.dto';
import { type InvoiceLineDto } from './costs.dto';
import { type ExperimentDto } from './experiment.dto';

/** What an arm came to, with links to what is behind each number: the entries that `query` asks for. */
export function armDto(report: ArmReport, query: string): ArmDto {
  const { timeToRecovery, firstMessage, cost, messages, revenue, recoveredByChannel, ...counts } = report;
  const { entered, eligible, messaged, recovered, attributed, recoveredUntouched } = counts;
  const [runs, sent] = [`${RUNS}${query}`, `${MESSAGES}${query}`];
  return {
    entered,
    eligible,
    // Of entries it is known.
    messaged: messaged ?? 0,
    messages: { ...messages, lists: messageLists(sent) },
    recovered,
    attributed,
    recoveredByChannel: { ...recoveredByChannel },
    recoveredUntouched,
    revenue: revenue.map(({ currency, amount }) => ({
      currency,
      amount,
      runs: `${runs}&outcome=recovered&currency=${encodeURIComponent(currency)}`,
    })),
    timeToRecoverySeconds: timeToRecovery && { ...timeToRecovery, runs: timesLists(runs) },
    firstMessageSeconds: firstMessage && { ...firstMessage },
    cost: {
      costs: cost.costs.map((one) => ({ ...one, lists: billedLists(sent, one.currency) })),
      unpriced: cost.unpriced,
      lists: { unpriced: unpricedList(sent) },
    },
    runs: {
      ...linksTo(runs),
      recoveredByChannel: mapValues(
        recoveredByChannel,
        (channel) => `${runs}&outcome=recovered&channel=${encodeURIComponent(channel)}`,
      ),
    },
  };
}

const [RUNS, MESSAGES] = ['/v1/runs?', '/v1/messages?'];

const messageLists = (messages: string): ArmDto['messages']['lists'] => ({
  sent: `${messages}&state=sent`,
  delivered: `${messages}&outcome=delivered`,
  read: `${messages}&outcome=read`,
  clicked: `${messages}&outcome=clicked`,
});

const timesLists = (runs: string): NonNullable<ArmDto['timeToRecoverySeconds']>['runs'] => ({
  within15m: `${runs}&outcome=recovered&within=900`,
  within1h: `${runs}&outcome=recovered&within=3600`,
  within2h: `${runs}&outcome=recovered&within=7200`,
  within24h: `${runs}&outcome=recovered&within=86400`,
});

const billedLists = (messages: string, currency: string): { units: string; assumed: string } => ({
  units: `${messages}&outcome=billed&currency=${currency}`,
  assumed: `${messages}&outcome=assumed&currency=${currency}`,
});

/** Billed, and of no rate. */
const unpricedList = (messages: string): string => `${messages}&outcome=billed&currency=`;

type SeriesArm = Omit<SeriesRowDto, 'from' | 'to' | 'part' | 'arm'>;

/** Of what is told apart by channel: runs enter on none, and before one is chosen nobody can say that they are to be messaged on it. */
function channelDto(report: ArmReport, query: string): SeriesArm {
  const arm = armDto(report, query);
  // The address says the channel already.
  const recoveredByChannel = mapValues(report.recoveredByChannel, () => arm.runs.recovered);
  return {
    ...arm,
    entered: null,
    eligible: null,
    messaged: report.messaged,
    runs: { ...arm.runs, entered: null, eligible: null, recoveredByChannel },
  };
}

/** One address for each count: they differ in their end only, and a report by day holds thousands of them. */
const linksTo = (entered: string): Omit<ArmDto['runs'], 'recoveredByChannel'> => ({
  entered,
  eligible: `${entered}&outcome=eligible`,
  messaged: `${entered}&outcome=messaged`,
  delivered: `${entered}&outcome=delivered`,
  read: `${entered}&outcome=read`,
  clicked: `${entered}&outcome=clicked`,
  recovered: `${entered}&outcome=recovered`,
  attributed: `${entered}&outcome=attributed`,
  untouched: `${entered}&outcome=untouched`,
});

const mapValues = (counts: Readonly<Record<string, number>>, linkOf: (name: string) => string): Record<string, string> =>
  Object.fromEntries(Object.keys(counts).map((name) => [name, linkOf(name)]));

/** Every row of a series. How an address says when a period begins and ends is asked once a period: there are thousands of rows. */
export function seriesDto(rows: readonly Row[], { journey, breakdown, bounds }: Question): SeriesRowDto[] {
  const ranges = new Map(
    bounds.slice(0, -1).map((begins, index) => {
      const range = { from: begins.toISOString(), to: (bounds[index + 1] as Date).toISOString() };
      return [begins.getTime(), { ...range, query: new URLSearchParams(range).toString() }] as const;
    }),
  );
  return rows.map(({ period, part, arm, ...report }) => {
    const { from, to, query } = ranges.get(period.getTime()) as { from: string; to: string; query: string };
    const asked = queryOf({ journey, arm, ...(breakdown === 'none' ? {} : { [breakdown]: part }) });
    const shape: (report: ArmReport, query: string) => SeriesArm = breakdown === 'channel' ? channelDto : armDto;
    return { from, to, part, arm, ...shape(report, `${asked}&${query}`) };
  });
}

export const queryOf = (filters: Readonly<Record<string, string>>): string => new URLSearchParams(filters).toString();

/** Messages by channel and state, both arms together. */
export const messageCountsDto = (
  counts: readonly Omit<MessageCountDto, 'list'>[],
  filters: Readonly<Record<string, string>>,
): MessageCountDto[] =>
  counts.map(({ channel, state, count }) => ({
    channel,
    state,
    count,
    list: `${MESSAGES}${queryOf({ ...filters, channel, state })}`,
  }));

/** A line of a month, with the messages that its provider bills. */
export function invoiceLineDto(line: MonthOfProvider): InvoiceLineDto {
  const { month, channel, provider, category, country, cost } = line;
  const messages = `${MESSAGES}${queryOf({ calledOn: month, channel, provider: provider ?? '', category: category ?? '', country })}`;
  return {
    ...line,
    cost: cost && { ...cost },
    lists: {
      messages: `${messages}&outcome=taken`,
      delivered: `${messages}&outcome=delivered`,
      failed: `${messages}&outcome=failed`,
      ...(cost ? billedLists(messages, cost.currency) : { units: null, assumed: null }),
      unpriced: unpricedList(messages),
    },
  };
}

export function experimentDto(
  experiment: ComparedExperiment,
  { journey, from, to }: Pick<Question, 'journey' | 'from' | 'to'>,
): ExperimentDto {
  const counted = { journey, version: experiment.versions.join(','), compared: 'true' };
  const range = {
    from: new Date(Math.max(from.getTime(), experiment.since)).toISOString(),
    to: new Date(Math.min(to.getTime(), experiment.until)).toISOString(),
  };
  const [treated, holdout] = ['treated', 'holdout'].map((arm) => queryOf({ ...counted, arm, ...range }));
  const [treatedRuns, holdoutRuns, treatedMessages] = [`${RUNS}${treated}`, `${RUNS}${holdout}`, `${MESSAGES}${treated}`];
  const { id, versions, holdoutPercent, isCurrent, reading, verdict, intervalKind, daysToAnswer, incremental } = experiment;
  return {
    id,
    versions: [...versions],
    holdoutPercent,
    isCurrent,
    ...range,
    reading,
    note: noteOf(experiment),
    verdict,
    treated: { ...experiment.treated },
    holdout: { ...experiment.holdout },
    attributed: { ...experiment.attributed },
    runs: {
      treated: treatedRuns,
      treatedRecovered: `${treatedRuns}&outcome=recovered`,
      attributed: `${treatedRuns}&outcome=attributed`,
      holdout: holdoutRuns,
      holdoutRecovered: `${holdoutRuns}&outcome=recovered`,
    },
    organic: experiment.organic,
    incremental: incremental as ExperimentDto['incremental'],
    unpriced: experiment.unpriced,
    lists: { billed: `${treatedMessages}&outcome=billed`, unpriced: unpricedList(treatedMessages) },
    intervalKind,
    split: experiment.split && { ...experiment.split },
    needed: experiment.needed && { ...experiment.needed },
    daysToAnswer,
  };
}

function noteOf({ reading, verdict, intervalKind, incremental, isCurrent }: ComparedExperiment): string {
  if (reading === 'no_control')
    return 'No holdout: what would have happened without messages is not known, so no incremental figure is printed.';
  if (reading === 'split_is_off')
    return 'The arms are not as large as planned (p < 0.001): something sorts people, and no comparison can be trusted.';
  if (!incremental) return 'Too few people to show a difference: it takes 100 in each arm and 30 goals in the holdout.';
  if (intervalKind === 'final') return 'Nobody enters any more: read once, with the Newcombe interval.';
  if (!isCurrent && verdict === 'not proven')
    return 'It ended before two weeks or enough people had shown a difference: read with the interval that holds at every look.';
  if (verdict === 'collecting') return 'The interval holds at every look; it takes more people, or two weeks, to conclude.';
  return 'Read with an interval that holds at every look.';
}
