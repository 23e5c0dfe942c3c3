import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { MayBeAbsent } from '../../http/may-be-absent';
import { RUN_OUTCOMES, type RunOutcome } from '../rules/run-filter';
import { EntryQueryDto } from './entry-query.dto';

export class ListRunsQueryDto extends EntryQueryDto {
  @ApiPropertyOptional({
    example: 'whatsapp',
    description:
      'The channel of the last message before the goal; empty: no message came before it. With `outcome` messaged, delivered, read or clicked: of a message of which that is so.',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(32)
  channel?: string;

  @ApiPropertyOptional({ enum: RUN_OUTCOMES, example: 'recovered', description: 'What became of them; absent: all.' })
  @MayBeAbsent()
  @IsIn(RUN_OUTCOMES)
  outcome?: RunOutcome;

  @ApiPropertyOptional({ example: 'INR', description: 'Only those whose goal was worth something in this currency, ISO 4217.' })
  @MayBeAbsent()
  @Matches(/^[A-Z]{3}$/)
  currency?: string;

  @ApiPropertyOptional({
    example: 3_600,
    description: 'Only those that reached the goal in less than so many seconds from entry.',
  })
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100_000_000)
  within?: number;
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

  @ApiProperty({
    example: 149_900,
    nullable: true,
    type: Number,
    description: 'What the goal was worth, in minor units, less what was paid back; null without a goal, or when nobody said.',
  })
  amount: number | null;

  @ApiProperty({ example: 'INR', nullable: true, type: String, description: 'Of the amount, ISO 4217; null without one.' })
  currency: string | null;

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
