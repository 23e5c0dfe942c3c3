import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

const UUID = '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a';

/** What became of one message. */
export class MessageResultDto {
  @ApiProperty({
    enum: ['recorded', 'duplicate', 'quarantined'],
    example: 'recorded',
    description:
      '`duplicate`: this `messageId` had been recorded before. `quarantined`: it cannot be an event and is kept for a person to look at.',
  })
  outcome: 'recorded' | 'duplicate' | 'quarantined';

  @ApiPropertyOptional({ format: 'uuid', example: UUID, description: "Wapas's id of the event." })
  eventId?: string;

  @ApiPropertyOptional({ format: 'uuid', example: UUID, description: 'Where a quarantined message is kept.' })
  quarantineId?: string;

  @ApiPropertyOptional({ example: 'missing_user_id', description: 'Why it is quarantined.' })
  reason?: string;

  @ApiPropertyOptional({
    type: [String],
    example: ['phone'],
    description: 'Parts that could not be used; the event is recorded without them.',
  })
  dropped?: string[];
}

/** The answer to a single call. */
export class CallResultDto extends MessageResultDto {
  @ApiProperty({ example: true, description: 'Always true: what cannot be taken at all is answered 4xx or 5xx.' })
  success: boolean;
}

/** One message of a batch, in its place. */
export class BatchMessageDto extends MessageResultDto {
  @ApiProperty({ example: 0, description: 'Position in the batch, from 0.' })
  index: number;
}

export class SegmentBatchResultDto {
  @ApiProperty({ example: true, description: 'Always true: what cannot be taken at all is answered 4xx or 5xx.' })
  success: boolean;

  @ApiProperty({ type: [BatchMessageDto], description: 'One result for each message, in the order of the batch.' })
  results: BatchMessageDto[];
}
