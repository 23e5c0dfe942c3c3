import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';

export class RangeQueryDto {
  @ApiPropertyOptional({
    example: '2026-11-01T00:00:00+05:30',
    description: 'Entries from this moment on, RFC 3339 with zone. Default: 30 days before `to`.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(40)
  from?: string;

  @ApiPropertyOptional({ example: '2026-12-01T00:00:00+05:30', description: 'Entries before this moment. Default: now.' })
  @IsOptional()
  @IsString()
  @MaxLength(40)
  to?: string;
}

class RevenueDto {
  @ApiProperty({ example: 'INR', description: 'ISO 4217.' })
  currency: string;

  @ApiProperty({ example: 12_349_900, description: 'Minor units (paise).' })
  amount: number;
}

class TimeToRecoveryDto {
  @ApiProperty({ example: 1_260, description: 'Half of the recoveries came within this, in seconds from entry.' })
  median: number;

  @ApiProperty({ example: 7_480, description: 'Nine of ten came within this, in seconds from entry.' })
  p90: number;
}

class ArmDto {
  @ApiProperty({ example: 180, description: 'People-and-matters that entered.' })
  entered: number;

  @ApiProperty({ example: 171, description: 'Of these, with at least one message that a provider accepted.' })
  messaged: number;

  @ApiProperty({ example: 74, description: 'Of these, that reached the goal within the window.' })
  recovered: number;

  @ApiProperty({
    type: Object,
    example: { push: 31, whatsapp: 24, sms: 8 },
    description:
      'Recoveries by the channel of the last message accepted before the goal (last touch). That a message came first does not prove that it was the cause: compare with the holdout.',
  })
  recoveredByChannel: Record<string, number>;

  @ApiProperty({ example: 11, description: 'Recoveries before any message.' })
  recoveredUntouched: number;

  @ApiProperty({ type: [RevenueDto], description: 'What the goals were worth, by currency.' })
  revenue: RevenueDto[];

  @ApiProperty({ type: TimeToRecoveryDto, nullable: true, description: 'null without a recovery.' })
  timeToRecoverySeconds: TimeToRecoveryDto | null;
}

class MessageCountDto {
  @ApiProperty({ example: 'whatsapp', description: 'The channel.' })
  channel: string;

  @ApiProperty({
    enum: ['sent', 'rejected', 'unknown', 'skipped', 'expired'],
    example: 'sent',
    description: 'What became of the messages.',
  })
  state: string;

  @ApiProperty({ example: 96, description: 'How many.' })
  count: number;
}

export class JourneyReportDto {
  @ApiProperty({ example: 'payment_failed', description: 'The journey.' })
  journey: string;

  @ApiProperty({ example: '2026-10-31T18:30:00.000Z', description: 'Entries from.' })
  from: string;

  @ApiProperty({ example: '2026-11-30T18:30:00.000Z', description: 'Entries before.' })
  to: string;

  @ApiProperty({ type: ArmDto, description: 'Those who were messaged.' })
  treated: ArmDto;

  @ApiProperty({ type: ArmDto, description: 'Those who deliberately got nothing: what would have happened anyway.' })
  holdout: ArmDto;

  @ApiProperty({ type: [MessageCountDto], description: 'Messages by channel and what became of them.' })
  messages: MessageCountDto[];
}
