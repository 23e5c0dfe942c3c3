import { groupBy } from '@wapas/kernel';
import { type RateBook } from '@wapas/rates';
import { type BilledGroup, type Costs, costOf, SUPERSEDED } from './cost';
import { type BinCounts, countWithin, readBins, shareWithin } from './time-bins';

/** Where a count belongs: a period, a part of the breakdown, an arm. */
export interface Place {
  readonly period: Date;
  readonly part: string;
  readonly arm: string;
}

export interface Counts {
  readonly entries: readonly (Place & {
    /** As a text of bins. */
    latency: string | null;
    entered: number;
    eligible: number;
    /** Null: nobody can say any more. */
    messaged: number | null;
    recovered: number;
  })[];
  readonly recoveries: readonly (Place & {
    channel: string | null;
    attributed: boolean;
    /** As a text of bins. */
    within: string;
    currency: string | null;
    recovered: number;
    amount: number;
  })[];
  readonly messages: readonly (Place & BilledGroup & { read: number; clicked: number })[];
}

export interface MessageSums {
  readonly sent: number;
  readonly delivered: number;
  readonly read: number;
  readonly clicked: number;
}

export interface TimeToRecovery {
  readonly median: number;
  readonly p90: number;
  readonly within15m: number;
  readonly within1h: number;
  readonly within2h: number;
  readonly within24h: number;
}

/** What one arm came to in one place. Rates are left to the reader: every count is here, and a rate of nobody does not exist. */
export interface Row {
  readonly period: Date;
  readonly part: string;
  readonly arm: string;
  readonly entered: number;
  readonly eligible: number;
  /** By channel null where nobody can say any more. */
  readonly messaged: number | null;
  readonly messages: MessageSums;
  readonly recovered: number;
  /** Goals after a message inside its window: touched, not caused. */
  readonly attributed: number;
  readonly recoveredByChannel: Readonly<Record<string, number>>;
  /** Goals before any message. */
  readonly recoveredUntouched: number;
  readonly revenue: readonly { currency: string; amount: number }[];
  /** Seconds from entry, and how many came within the usual marks. Null without a recovery. */
  readonly timeToRecovery: TimeToRecovery | null;
  /** Seconds from the drop-off to the first accepted message. Null without one. */
  readonly firstMessage: { readonly median: number; readonly p90: number } | null;
  readonly cost: Costs;
}

/** Puts counts together, one row for every place in which there is one, ordered by period, part and arm. */
export function rowsOf({ entries, recoveries, messages }: Counts, book: RateBook): Row[] {
  const keyOf = ({ period, part, arm }: Place): string =>
    `${String(period.getTime()).padStart(15, '0')}\u0001${part}\u0001${arm}`;
  const [entered, recovered, sent] = [groupBy(entries, keyOf), groupBy(recoveries, keyOf), groupBy(messages, keyOf)];
  const keys = new Set([...entered.keys(), ...recovered.keys(), ...sent.keys()]);
  return [...keys].sort().map((key) => {
    const own = { entries: entered.get(key) ?? [], recoveries: recovered.get(key) ?? [], messages: sent.get(key) ?? [] };
    const { period, part, arm } = (own.entries[0] ?? own.recoveries[0] ?? own.messages[0]) as Place;
    return { period, part, arm, ...contentOf(own, book) };
  });
}

/** The counts of one place, all of them taken to lie in it. */
export function contentOf({ entries, recoveries, messages }: Counts, book: RateBook): Omit<Row, keyof Place> {
  const touched = recoveries.filter(({ channel }) => channel !== null);
  return {
    entered: sumOf(entries, ({ entered }) => entered),
    eligible: sumOf(entries, ({ eligible }) => eligible),
    messaged: entries.some(({ messaged }) => messaged === null) ? null : sumOf(entries, ({ messaged }) => messaged ?? 0),
    messages: {
      sent: sumOf(messages, ({ state, messages: count }) => (state === 'sent' ? count : 0)),
      // That of an attempt which its message does not stand for is no message more.
      delivered: sumOf(messages, ({ state, delivered }) => (state === SUPERSEDED ? 0 : delivered)),
      read: sumOf(messages, ({ read }) => read),
      clicked: sumOf(messages, ({ clicked }) => clicked),
    },
    recovered: sumOf(recoveries, ({ recovered }) => recovered),
    attributed: sumOf(recoveries, ({ attributed, recovered }) => (attributed ? recovered : 0)),
    recoveredByChannel: sumsBy(
      touched,
      ({ channel }) => channel as string,
      ({ recovered }) => recovered,
    ),
    recoveredUntouched: sumOf(recoveries, ({ channel, recovered }) => (channel === null ? recovered : 0)),
    revenue: revenueOf(recoveries),
    timeToRecovery: timesOf(readBins(recoveries.map(({ within }) => within))),
    firstMessage: percentilesOf(readBins(entries.map(({ latency }) => latency))),
    cost: costOf(messages, book),
  };
}

function revenueOf(recoveries: Counts['recoveries']): { currency: string; amount: number }[] {
  const paid = recoveries.filter(({ currency }) => currency !== null);
  const sums = sumsBy(
    paid,
    ({ currency }) => currency as string,
    ({ amount }) => amount,
  );
  return Object.entries(sums).map(([currency, amount]) => ({ currency, amount }));
}

function timesOf(bins: BinCounts): TimeToRecovery | null {
  const percentiles = percentilesOf(bins);
  if (percentiles === null) return null;
  return {
    ...percentiles,
    within15m: countWithin(bins, 900),
    within1h: countWithin(bins, 3_600),
    within2h: countWithin(bins, 7_200),
    within24h: countWithin(bins, 86_400),
  };
}

function percentilesOf(bins: BinCounts): { median: number; p90: number } | null {
  const [median, p90] = [shareWithin(bins, 0.5), shareWithin(bins, 0.9)];
  return median === null || p90 === null ? null : { median, p90 };
}

const sumOf = <Item>(items: readonly Item[], value: (item: Item) => number): number =>
  items.reduce((sum, item) => sum + value(item), 0);

function sumsBy<Item>(
  items: readonly Item[],
  key: (item: Item) => string,
  value: (item: Item) => number,
): Record<string, number> {
  const sums = new Map<string, number>();
  for (const item of items) sums.set(key(item), (sums.get(key(item)) ?? 0) + value(item));
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}
