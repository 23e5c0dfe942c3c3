import { hours, type Instant, parseInstant } from '@wapas/kernel';
import { type Fault, unprocessable } from '@wapas/problems';
import { boundsOf, MOST_PERIODS, periodsIn, toQuarters } from '../rules/periods';
import { type Question } from '../rules/question';
import { type RangeQueryDto, type SeriesQueryDto } from './analytics.dto';

const DEFAULT_RANGE = hours(24 * 30);
const EARLIEST = Date.UTC(2_000, 0, 1);
const A_YEAR = 366 * 86_400_000;

/** Reads what was asked. Throws a Problem that says what to ask instead. */
export function questionOf(journey: string, query: RangeQueryDto & Partial<SeriesQueryDto>, now: Instant): Question {
  const { zone = 'Asia/Kolkata', grain = 'all', breakdown = 'none' } = query;
  const { from, to } = rangeOf(query, now);
  const periods = periodsIn(from, to, grain);
  if (periods > MOST_PERIODS)
    throw unprocessable([
      {
        at: 'grain',
        code: 'too_many_periods',
        detail: `This range has about ${periods} ${grain}s; at most ${MOST_PERIODS} are listed. Ask for less, or for a longer grain.`,
      },
    ]);
  return { journey, from: new Date(from), to: new Date(to), zone, grain, breakdown, bounds: boundsOf(from, to, grain, zone) };
}

/** In milliseconds since 1970, at whole quarters of an hour. The moments themselves were checked at the door. */
export function rangeOf(query: RangeQueryDto, now: Instant): { from: number; to: number } {
  // A little into the future: the clock at the edge trails the database's by fractions of a second.
  const to = momentOf(query.to) ?? now + hours(1);
  const from = momentOf(query.from) ?? to - DEFAULT_RANGE;
  const faults: Fault[] = [
    ...(from >= to
      ? [{ at: 'from', code: 'empty_range', detail: 'It must be earlier than `to`, which is now when it is absent.' }]
      : []),
    ...(from < EARLIEST
      ? [{ at: 'from', code: 'impossible_range', detail: 'The range must not begin before the year 2000.' }]
      : []),
    ...(to > now + A_YEAR ? [{ at: 'to', code: 'impossible_range', detail: 'The range must end within a year from now.' }] : []),
  ];
  if (faults.length > 0) throw unprocessable(faults);
  return toQuarters(from, to);
}

const momentOf = (text: string | undefined): Instant | null => (text === undefined ? null : parseInstant(text));
