import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { Type } from 'class-transformer';
import { RUN_OUTCOMES, type RunOutcome } from '../rules/run-filter';
import { MayBeAbsent } from '../../http/may-be-absent';
import { RangeQueryDto } from './analytics.dto';

export class ListRunsQueryDto extends RangeQueryDto {
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
    example: 'whatsapp',
    description: 'The channel of the last message before the goal; empty: no message came before it.',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(32)
  channel?: string;

  @ApiPropertyOptional({ enum: RUN_OUTCOMES, example: 'recovered', description: 'What became of them; absent: all.' })
  @MayBeAbsent()
  @IsIn(RUN_OUTCOMES)
  outcome?: RunOutcome;

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
  @MaxLength(200)
  cursor?: string;
}

class ListedRunDto {
  @ApiProperty({
    format: 'uuid',
    example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a',
    description: 'The run; its story is at /v1/runs/{id}.',
  })
  id: string;

  @ApiProperty({ example: 'payment_failed', description: 'The journey.' })
  journey: string;

  @ApiProperty({ example: 3, description: 'Its version.' })
  version: number;

  @ApiProperty({ example: 'push:warm', description: 'What was drawn: `step:variant`, joined by `+`; empty where nothing is.' })
  variant: string;

  @ApiProperty({ enum: ['treated', 'holdout'], example: 'treated', description: 'The arm.' })
  arm: string;

  @ApiProperty({ example: 'user_error', nullable: true, type: String, description: 'Why the matter failed.' })
  reasonClass: string | null;

  @ApiProperty({
    format: 'uuid',
    nullable: true,
    type: String,
    example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0b',
    description: 'The person.',
  })
  personId: string | null;

  @ApiProperty({
    format: 'uuid',
    nullable: true,
    type: String,
    example: null,
    description:
      'The guest who entered, when they turned out to be this person: the run keeps its arm, and counts only if the person had not entered before.',
  })
  movedFrom: string | null;

  @ApiProperty({ example: '2026-11-23T05:30:00.000Z', description: 'When they entered.' })
  enteredAt: string;

  @ApiProperty({ example: '2026-11-23T05:52:10.000Z', nullable: true, type: String, description: 'When they reached the goal.' })
  goalAt: string | null;

  @ApiProperty({ example: 'goal_reached', nullable: true, type: String, description: 'How it ended; null while it is live.' })
  endReason: string | null;

  @ApiProperty({
    example: 'whatsapp',
    nullable: true,
    type: String,
    description: 'The channel of the last message accepted before the goal.',
  })
  lastChannel: string | null;
}

export class RunListDto {
  @ApiProperty({ type: [ListedRunDto], description: 'By entry, latest first. Test runs are left out.' })
  runs: ListedRunDto[];

  @ApiProperty({
    example: 'MTc2Mzg3…',
    nullable: true,
    type: String,
    description: 'Where the next page begins; null on the last one.',
  })
  nextCursor: string | null;
}
