import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Matches, Max, Min } from 'class-validator';
import { ReasonDto } from '../../http/reason.dto';
import { MayBeAbsent } from '../../http/may-be-absent';

export class SpendCapDto extends ReasonDto {
  @ApiProperty({
    example: 500_000,
    minimum: 0,
    maximum: 1_000_000_000_000,
    description: 'Most that may be spent in a day, in minor units (paise), before tax. 0: nothing that costs something is sent.',
  })
  @IsInt()
  @Min(0)
  @Max(1_000_000_000_000)
  amount: number;

  @ApiProperty({ example: 'INR', description: 'ISO 4217. Only what is priced in it is counted.' })
  @Matches(/^[A-Z]{3}$/)
  currency: string;
}

export class SpendQueryDto {
  @ApiPropertyOptional({ example: '2026-11-23', description: 'The day, in the zone of the business. Default: today.' })
  @MayBeAbsent()
  @Matches(/^20\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/)
  day?: string;
}

class StandingCapDto {
  @ApiProperty({ example: 'channel:whatsapp', description: '`all`, or `channel:` and its name.' })
  scope: string;

  @ApiProperty({ example: 500_000, description: 'Minor units, before tax.' })
  amount: number;

  @ApiProperty({ example: 'INR', description: 'ISO 4217.' })
  currency: string;

  @ApiProperty({ example: '5f1c2a9be0d41c77', description: 'The id of the API key that set it.' })
  actor: string;

  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'Since when, business time.' })
  since: string;

  @ApiProperty({ example: 12, description: 'Messages that it held back on the day.' })
  heldBack: number;

  @ApiProperty({
    example: '2026-11-23T13:04:51.000Z',
    nullable: true,
    type: String,
    description: 'When it held the first one back, business time; null: none.',
  })
  reachedAt: string | null;
}

class ChannelSpendDto {
  @ApiProperty({ example: 'whatsapp', description: 'The channel.' })
  channel: string;

  @ApiProperty({ example: 'INR', description: 'ISO 4217.' })
  currency: string;

  @ApiProperty({
    example: 1_840,
    description:
      'Messages that cost something: accepted, on their way, or unknown. One that two providers charge for counts twice.',
  })
  messages: number;

  @ApiProperty({ example: 21_160, description: 'Minor units, before tax, rounded up; SMS by their parts.' })
  amount: number;
}

export class SpendDto {
  @ApiProperty({ example: '2026-11-23', description: 'The day, in the zone of the business.' })
  day: string;

  @ApiProperty({ example: 'Asia/Kolkata', description: 'Where the day begins.' })
  zone: string;

  @ApiProperty({ type: [ChannelSpendDto], description: 'What each channel has cost; what is free or has no rate is left out.' })
  channels: ChannelSpendDto[];

  @ApiProperty({ type: [StandingCapDto], description: 'The caps as they are set now.' })
  caps: StandingCapDto[];
}
