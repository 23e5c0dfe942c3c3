import { type RateBook, rateFor } from '@wapas/rates';
import { type ReplayTally } from '../store/replay.store';
import { type TallyCount, type TallyKey } from './tally';

/** Puts a price on what went out, by the dated rates of its day. */
export function priceTallies(counts: readonly (TallyKey & TallyCount)[], book: RateBook): ReplayTally[] {
  const priced = new Map<string, ReplayTally>();
  for (const one of counts) {
    const tally = priceOf(one, book);
    const { day, step, channel, outcome, reason, currency } = tally;
    const name = [day, step, channel, outcome, reason, currency].join('\n');
    const before = priced.get(name);
    priced.set(name, before ? sum(before, tally) : tally);
  }
  return [...priced.values()];
}

function priceOf({ provider, category, country, ...one }: TallyKey & TallyCount, book: RateBook): ReplayTally {
  const free = { ...one, currency: '', unpriced: 0, milli: 0, gstMilli: 0 };
  if (one.units === 0) return free;
  const rate = rateFor({ channel: one.channel, provider, category, country, on: one.day }, book);
  if (rate === null) return { ...free, assumed: 0, unpriced: one.units };
  const milli = rate.price * one.units;
  const gstMilli = Math.round((milli * (book.gstPercent[rate.currency] ?? 0)) / 100);
  return { ...one, currency: rate.currency, unpriced: 0, milli, gstMilli };
}

const sum = (one: ReplayTally, other: ReplayTally): ReplayTally => ({
  ...one,
  messages: one.messages + other.messages,
  units: one.units + other.units,
  assumed: one.assumed + other.assumed,
  unpriced: one.unpriced + other.unpriced,
  milli: one.milli + other.milli,
  gstMilli: one.gstMilli + other.gstMilli,
});
