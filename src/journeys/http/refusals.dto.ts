import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { MayBeAbsent } from '../../http/may-be-absent';

export class RefusalsQueryDto {
  @ApiPropertyOptional({ example: 24, description: 'So many hours back, up to 720. Default 24.' })
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(720)
  hours?: number;
}

class RefusalCountDto {
  @ApiProperty({ example: 'nobody_to_contact', description: 'Why they started nothing, as a machine code.' })
  reason: string;

  @ApiProperty({ example: 12, description: 'How many triggers.' })
  count: number;

  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'The last of them.' })
  lastAt: string;
}

class RefusedTriggerDto {
  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'When it was judged.' })
  at: string;

  @ApiProperty({ format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The event.' })
  eventId: string;

  @ApiProperty({ example: 3, description: 'The version that would have been entered.' })
  version: number;

  @ApiProperty({
    format: 'uuid',
    nullable: true,
    type: String,
    example: null,
    description: 'Whom it was about; null: nobody who is known.',
  })
  personId: string | null;

  @ApiProperty({ example: 'nobody_to_contact', description: 'Why it started nothing.' })
  reason: string;
}

export class RefusalsDto {
  @ApiProperty({ example: 'payment_failed', description: 'The journey.' })
  journey: string;

  @ApiProperty({ example: '2026-11-22T05:32:09.000Z', description: 'Counted from here to now.' })
  since: string;

  @ApiProperty({ type: [RefusalCountDto], description: 'By reason, the most frequent first.' })
  reasons: RefusalCountDto[];

  @ApiProperty({ type: [RefusedTriggerDto], description: 'The latest 50, latest first.' })
  latest: RefusedTriggerDto[];
}
