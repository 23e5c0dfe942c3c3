import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { type Instant } from '@wapas/kernel';
import { Problem } from '@wapas/problems';
import { MayBeAbsent } from '../../http/may-be-absent';
import { type EntryFilter } from '../rules/entry-filter';
import { RangeQueryDto } from './analytics.dto';
import { rangeOf } from './question';

const DEFAULT_LIMIT = 100;

/** What every list behind a number is asked by: which entries, and how many of them. */
export class EntryQueryDto extends RangeQueryDto {
  @ApiPropertyOptional({ example: 'payment_failed', description: "The journey's key; absent: every journey." })
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  journey?: string;

  @ApiPropertyOptional({ enum: ['treated', 'holdout'], example: 'treated', description: 'The arm.' })
  @MayBeAbsent()
  @IsIn(['treated', 'holdout'])
  arm?: string;

  @ApiPropertyOptional({ example: '3,4', description: 'The version, or several with commas between.' })
  @MayBeAbsent()
  @Matches(/^\d{1,9}(,\d{1,9}){0,99}$/)
  version?: string;

  @ApiPropertyOptional({ example: 'push:warm', description: 'What was drawn: `step:variant`, joined by `+`.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(1_000)
  variant?: string;

  @ApiPropertyOptional({ example: 'user_error', description: 'Why the matter failed; empty: nobody said why.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  reason?: string;

  @ApiPropertyOptional({
    enum: ['true', 'false'],
    example: 'true',
    description: "Only those that count in an experiment: a person's first entry in an experiment. Default false.",
  })
  @MayBeAbsent()
  @IsIn(['true', 'false'])
  compared?: string;

  @ApiPropertyOptional({ example: 100, description: 'How many at most, up to 500. Default 100.' })
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(500)
  limit?: number;

  @ApiPropertyOptional({ example: 'MTc2Mzg3…', description: '`nextCursor` of the page before, with the same filters.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(250)
  cursor?: string;
}

/** Which entries are asked for. Throws a Problem that says what to ask instead. */
export function entryFilterOf(query: EntryQueryDto, now: Instant): EntryFilter {
  const { from, to } = rangeOf(query, now);
  return {
    journey: query.journey ?? null,
    arm: query.arm ?? null,
    versions: query.version?.split(',').map(Number) ?? null,
    variant: query.variant ?? null,
    reason: query.reason ?? null,
    comparedOnly: query.compared === 'true',
    from: new Date(from),
    to: new Date(to),
  };
}

export const limitOf = ({ limit }: EntryQueryDto): number => limit ?? DEFAULT_LIMIT;

/**
 * Names a list by what is listed and its filters, as the caller gave them: a cursor goes with its list. Without `to` the range ends now, which
 * is another moment for the next page: the cursor holds the place.
 */
export function nameOfList(what: string, { limit: _limit, cursor: _cursor, ...filters }: EntryQueryDto): string {
  return JSON.stringify([what, ...Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

export const badCursor = (): Problem =>
  new Problem(
    400,
    'bad_cursor',
    'This cursor was not given for this list. Start again without one, with the same filters for every page.',
  );
