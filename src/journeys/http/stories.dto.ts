import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class TimelineEntryDto {
  @ApiProperty({ example: '2026-11-23T05:47:09.000Z', description: 'Business time, UTC.' })
  at: string;

  @ApiProperty({
    enum: [
      'event',
      'entered',
      'not_entered',
      'decided',
      'planned',
      'called',
      'answered',
      'heard',
      'settled',
      'stopped',
      'resumed',
      'ended',
    ],
    example: 'decided',
    description: 'What kind of entry it is.',
  })
  what: string;

  @ApiProperty({ example: 'skip', description: 'What exactly: an event name, an arm, a decision, an outcome, a receipt.' })
  outcome: string;

  @ApiPropertyOptional({ example: 'push_opened', description: 'Why, as a machine code.' })
  reason?: string;

  @ApiPropertyOptional({ example: 'payment_failed', description: 'The journey.' })
  journey?: string;

  @ApiPropertyOptional({ format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The run.' })
  runId?: string;

  @ApiPropertyOptional({ example: 'whatsapp', description: 'The step.' })
  step?: string;

  @ApiPropertyOptional({ example: 'whatsapp', description: 'The channel; absent of what concerns all of them.' })
  channel?: string;

  @ApiPropertyOptional({ format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The message.' })
  messageId?: string;

  @ApiPropertyOptional({ format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The event.' })
  eventId?: string;

  @ApiPropertyOptional({
    type: Object,
    example: { version: 3 },
    description: 'Times, versions and vendor codes that go with it.',
  })
  detail?: object;
}

export class TimelineDto {
  @ApiProperty({ type: [TimelineEntryDto], description: 'Oldest first.' })
  timeline: TimelineEntryDto[];
}

export class RunDto extends TimelineDto {
  @ApiProperty({ format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The run.' })
  id: string;

  @ApiProperty({ example: 'payment_failed', description: 'The journey.' })
  journey: string;

  @ApiProperty({ example: 3, description: 'The version the run entered on and stays on.' })
  version: number;

  @ApiProperty({ format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The person.' })
  personId: string;

  @ApiProperty({ enum: ['treated', 'holdout'], example: 'treated', description: 'The holdout gets no message.' })
  arm: string;

  @ApiProperty({
    example: false,
    description: 'True: its version was out in shadow when it entered, so whatever it decides stays a ghost and nothing is sent.',
  })
  shadow: boolean;

  @ApiProperty({ example: false, description: 'True for runs of a test key.' })
  test: boolean;

  @ApiProperty({ enum: ['live', 'ended'], example: 'ended', description: 'Whether anything may still happen.' })
  state: string;

  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'When it entered.' })
  enteredAt: string;

  @ApiProperty({
    example: '2026-11-23T05:32:09.000Z',
    description: 'T: the steps count from here. Later than the entry when it was held first, and when it began anew.',
  })
  startedAt: string;

  @ApiProperty({
    example: null,
    nullable: true,
    type: String,
    description: 'When it is looked at next, or, while it is parked, ends; null when it has ended.',
  })
  dueAt: string | null;

  @ApiProperty({ example: '2026-11-23T06:01:44.000Z', nullable: true, type: String, description: 'When it ended.' })
  endedAt: string | null;

  @ApiProperty({
    example: 'goal_reached',
    nullable: true,
    type: String,
    description: 'goal_reached, window_over, or the reason of an exit.',
  })
  endReason: string | null;
}
