import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** What became of one event. */
export class EventResultDto {
  @ApiProperty({
    enum: ['recorded', 'duplicate', 'refused'],
    example: 'recorded',
    description: '`duplicate`: it had been recorded before; nothing changed.',
  })
  outcome: 'recorded' | 'duplicate' | 'refused';

  @ApiPropertyOptional({
    format: 'uuid',
    example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a',
    description: "Wapas's id of the event.",
  })
  eventId?: string;

  @ApiPropertyOptional({ example: true, description: 'True when the event had been recorded before.' })
  duplicate?: boolean;
}

/** One item of a batch, in its place. */
export class BatchItemDto extends EventResultDto {
  @ApiProperty({ example: 0, description: 'Position in the batch, from 0.' })
  index: number;

  @ApiPropertyOptional({
    type: Object,
    description: 'Why it was refused: a problem body (RFC 9457).',
    example: { code: 'bad_phone', status: 422 },
  })
  problem?: object;
}

export class BatchResultDto {
  @ApiProperty({ type: [BatchItemDto], description: 'One result for each item, in the order of the batch.' })
  results: BatchItemDto[];
}

/** What became of a webhook. */
export class WebhookResultDto {
  @ApiProperty({
    enum: ['recorded', 'duplicate', 'ignored', 'quarantined'],
    example: 'recorded',
    description:
      '`ignored`: signed, but of a type that Wapas does not use. `quarantined`: signed, but unreadable; kept for a person to look at.',
  })
  outcome: string;

  @ApiPropertyOptional({
    format: 'uuid',
    example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a',
    description: "Wapas's id of the event.",
  })
  eventId?: string;

  @ApiPropertyOptional({
    type: [EventResultDto],
    description: 'One result for each event of a batch, in its order; absent for a webhook with one event.',
  })
  events?: EventResultDto[];
}
