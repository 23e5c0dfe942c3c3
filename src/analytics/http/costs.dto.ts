import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import { MayBeAbsent } from '../../http/may-be-absent';

const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const MONTH = /^20\d{2}-(0[1-9]|1[0-2])$/;

export class CostsQueryDto {
  @ApiProperty({ example: '2026-11', description: 'The first month, as India counts it.' })
  @Matches(MONTH)
  from: string;

  @ApiPropertyOptional({ example: '2026-11', description: 'The last month, itself included. Default: the first one.' })
  @MayBeAbsent()
  @Matches(MONTH)
  to?: string;
}

class InvoiceCostDto {
  @ApiProperty({ example: 'INR', description: 'ISO 4217.' })
  currency: string;

  @ApiProperty({ example: 184_230, description: 'Minor units, before tax.' })
  amount: number;

  @ApiProperty({ example: 33_161, description: 'GST on top, in minor units.' })
  gst: number;
}

class InvoiceListsDto {
  @ApiProperty({
    example: '/v1/messages?calledOn=2026-11&channel=whatsapp&provider=whatsapp-cloud&category=utility&country=IN&outcome=taken',
    description: 'The messages, and the attempts that another one followed, behind `messages`.',
  })
  messages: string;

  @ApiProperty({
    example:
      '/v1/messages?calledOn=2026-11&channel=whatsapp&provider=whatsapp-cloud&category=utility&country=IN&outcome=delivered',
    description: 'Those behind `delivered`.',
  })
  delivered: string;

  @ApiProperty({
    example: '/v1/messages?calledOn=2026-11&channel=whatsapp&provider=whatsapp-cloud&category=utility&country=IN&outcome=failed',
    description: 'Those behind `failed`.',
  })
  failed: string;

  @ApiProperty({
    example:
      '/v1/messages?calledOn=2026-11&channel=whatsapp&provider=whatsapp-cloud&category=utility&country=IN&outcome=billed&currency=INR',
    nullable: true,
    type: String,
    description:
      'Those behind `units` and `cost`: their own `units` add up to it, and their costs to `amount`. Null without a cost.',
  })
  units: string | null;

  @ApiProperty({
    example:
      '/v1/messages?calledOn=2026-11&channel=whatsapp&provider=whatsapp-cloud&category=utility&country=IN&outcome=assumed&currency=INR',
    nullable: true,
    type: String,
    description: 'Those whose units add up to `assumed`. Null without a cost.',
  })
  assumed: string | null;

  @ApiProperty({
    example:
      '/v1/messages?calledOn=2026-11&channel=whatsapp&provider=whatsapp-cloud&category=utility&country=IN&outcome=billed&currency=',
    description: 'Those whose units add up to `unpriced`.',
  })
  unpriced: string;
}

export class InvoiceLineDto {
  @ApiProperty({ example: '2026-11', description: 'The month in which the messages were sent.' })
  month: string;

  @ApiProperty({ example: 'whatsapp', description: 'The channel.' })
  channel: string;

  @ApiProperty({ example: 'whatsapp-cloud', nullable: true, type: String, description: 'The provider.' })
  provider: string | null;

  @ApiProperty({
    example: 'utility',
    nullable: true,
    type: String,
    description: "The price category, the vendor's or the assumed one; null where the channel has none.",
  })
  category: string | null;

  @ApiProperty({
    example: 'IN',
    description:
      'ISO 3166: where the numbers are that it went to. Of what goes to no number, and of what was sent before that was written down, the country of this deployment.',
  })
  country: string;

  @ApiProperty({
    example: 17_220,
    description:
      'What this provider took, so that its invoice can name it: messages that it accepted or may have accepted, those that it reported as failed later, and those that another attempt followed. What was skipped or refused at once is not counted.',
  })
  messages: number;

  @ApiProperty({ example: 16_020, description: 'Of these, heard to have arrived.' })
  delivered: number;

  @ApiProperty({ example: 210, description: 'Of these, reported as failed after they were taken.' })
  failed: number;

  @ApiProperty({ example: 16_020, description: 'Messages, or parts of SMS, that were billed.' })
  units: number;

  @ApiProperty({ example: 0, description: 'Of these, priced by assumption.' })
  assumed: number;

  @ApiProperty({ example: 0, description: 'Billed units for which no rate is known.' })
  unpriced: number;

  @ApiProperty({ type: InvoiceCostDto, nullable: true, description: 'Null when nothing was billed.' })
  cost: InvoiceCostDto | null;

  @ApiProperty({ type: InvoiceListsDto, description: 'Where what is behind each number is listed.' })
  lists: InvoiceListsDto;
}

export class InvoicesDto {
  @ApiProperty({
    type: [InvoiceLineDto],
    description: 'One line for each month, provider, category, country and currency. Test messages are left out.',
  })
  lines: InvoiceLineDto[];
}

/** What an own rate is found by. */
export class RateKeyDto {
  @ApiProperty({ example: 'sms', description: 'The channel.' })
  @IsString()
  @Matches(/^[a-z][a-z0-9_-]{0,31}$/)
  channel: string;

  @ApiPropertyOptional({
    example: 'msg91',
    nullable: true,
    type: String,
    description: 'The provider; absent: every provider of the channel.',
  })
  @IsOptional()
  @Matches(/^[a-z][a-z0-9-]{0,63}$/)
  provider?: string | null;

  @ApiPropertyOptional({
    example: 'utility',
    nullable: true,
    type: String,
    description: 'The price category; absent where the channel has none.',
  })
  @IsOptional()
  @Matches(/^[a-z_]{1,40}$/)
  category?: string | null;

  @ApiProperty({ example: 'IN', description: 'ISO 3166-1 alpha-2.' })
  @Matches(/^[A-Z]{2}$/)
  country: string;

  @ApiProperty({ example: '2026-12-01', description: 'The first day on which it holds.' })
  @Matches(DAY)
  from: string;
}

export class RateDto extends RateKeyDto {
  @ApiProperty({ example: 'INR', description: 'ISO 4217.' })
  @Matches(/^[A-Z]{3}$/)
  currency: string;

  @ApiProperty({
    example: 13_500,
    description:
      "For one message, or one part of an SMS, before tax, in thousandths of the currency's minor unit: 13,500 is 13.5 paise.",
  })
  @IsInt()
  @Min(0)
  @Max(1_000_000_000)
  price: number;

  @ApiProperty({ example: 'contract of 2026-11-20', description: 'Where the price is written down.' })
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  source: string;
}

export class ListedRateDto extends RateDto {
  @ApiProperty({
    enum: ['list', 'own'],
    example: 'list',
    description: 'A list price that Wapas ships, or one that was set here: from its first day on, one set here wins.',
  })
  @IsIn(['list', 'own'])
  origin: string;
}

export class RatesDto {
  @ApiProperty({ type: [ListedRateDto], description: 'Every dated rate.' })
  rates: ListedRateDto[];
}
