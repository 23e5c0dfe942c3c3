import { hours, type Instant, parseInstant } from '@wapas/kernel';
import { Problem } from '@wapas/problems';
import { isZone, MOST_PERIODS, periodsIn, toQuarters } from '../rules/periods';
import { type Question } from '../rules/question';
import { type RangeQueryDto, type SeriesQueryDto } from './analytics.dto';

const DEFAULT_RANGE = hours(24 * 30);
const EARLIEST = Date.UTC(2_000, 0, 1);
const A_YEAR = 366 * 86_400_000;

/** Reads what was asked. Throws a Problem that says what to ask instead. */
export function questionOf(journey: string, query: RangeQueryDto & Partial<SeriesQueryDto>, now: Instant): Question {
  const { zone = 'Asia/Kolkata', grain = 'all', breakdown = 'none' } = query;
  if (!isZone(zone))
    throw new Problem(422, 'unknown_zone', '`zone` must be the IANA name of a time zone, such as Asia/Kolkata or UTC.');
  const { from, to } = rangeOf(query, now);
  const periods = periodsIn(from, to, grain);
  if (periods > MOST_PERIODS)
    throw new Problem(
      422,
      'too_many_periods',
      `This range has about ${periods} ${grain}s; at most ${MOST_PERIODS} are listed. Ask for less, or for a longer grain.`,
    );
  return { journey, from: new Date(from), to: new Date(to), zone, grain, breakdown };
}

/** In milliseconds since 1970, at whole quarters of an hour. */
export function rangeOf(query: { from?: string; to?: string }, now: Instant): { from: number; to: number } {
  // A little into the future: the clock at the edge trails the database's by fractions of a second.
  const to = instantOf('to', query.to) ?? ((now + hours(1)) as Instant);
  const from = instantOf('from', query.from) ?? ((to - DEFAULT_RANGE) as Instant);
  if (from >= to) throw new Problem(422, 'empty_range', '`from` must be earlier than `to`.');
  if (from < EARLIEST || to > now + A_YEAR)
    throw new Problem(422, 'impossible_range', 'The range must lie between the year 2000 and a year from now.');
  return toQuarters(from, to);
}

function instantOf(name: string, text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  const instant = parseInstant(text);
  if (instant === null)
    throw new Problem(422, 'bad_time', `\`${name}\` must be RFC 3339 with a zone, such as 2026-11-23T00:00:00+05:30.`);
  return instant;
}
