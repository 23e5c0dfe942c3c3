import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, Matches, MaxLength, ValidateBy } from 'class-validator';
import { MayBeAbsent } from '../../http/may-be-absent';
import { SUPERSEDED } from '../rules/cost';
import { MESSAGE_OUTCOMES, type MessageOutcome } from '../rules/message-filter';
import { isDay } from '../rules/periods';
import { EntryQueryDto } from './entry-query.dto';

const STATES = ['sent', 'rejected', 'unknown', 'skipped', 'expired', SUPERSEDED];
const MONTH_OR_DAY = /^20\d{2}-(0[1-9]|1[0-2])(-\d{2})?$/;

const IsMonthOrDay = (): PropertyDecorator =>
  ValidateBy({
    name: 'isMonthOrDay',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && MONTH_OR_DAY.test(value) && (value.length === 7 || isDay(value)),
      defaultMessage: () => 'Give a month or a day that exists, such as 2026-11 or 2026-11-23',
    },
  });

export class ListMessagesQueryDto extends EntryQueryDto {
  @ApiPropertyOptional({ example: 'whatsapp', description: 'The channel.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(32)
  channel?: string;

  @ApiPropertyOptional({ example: 'whatsapp-cloud', description: 'The provider; empty: it went to none.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  provider?: string;

  @ApiPropertyOptional({
    enum: STATES,
    example: 'sent',
    description: 'What became of it; `superseded`: an attempt that another one followed.',
  })
  @MayBeAbsent()
  @IsIn(STATES)
  state?: string;

  @ApiPropertyOptional({
    example: 'utility',
    description: "The price category, the vendor's or the assumed one; empty: the channel has none.",
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(40)
  category?: string;

  @ApiPropertyOptional({
    example: 'IN',
    description: 'ISO 3166: where the number is at home. What names none has the country of this deployment, as on an invoice.',
  })
  @MayBeAbsent()
  @Matches(/^[A-Z]{2}$/)
  country?: string;

  @ApiPropertyOptional({
    enum: MESSAGE_OUTCOMES,
    example: 'delivered',
    description:
      'What was heard of it: `delivered`, `read`, `clicked` (each holds the ones after it), `failed`. Or what its provider makes of it: `taken`, so that an invoice can name it; `billed`; `assumed`: billed, and its price an assumption.',
  })
  @MayBeAbsent()
  @IsIn(MESSAGE_OUTCOMES)
  outcome?: MessageOutcome;

  @ApiPropertyOptional({
    example: 'INR',
    description: 'Of the rate that it would be charged at, ISO 4217; empty: nobody has said a rate for it.',
  })
  @MayBeAbsent()
  @Matches(/^([A-Z]{3})?$/)
  currency?: string;

  @ApiPropertyOptional({
    example: '2026-11',
    description: 'The month or the day, as India counts it, in which it was sent; `from` then has no default.',
  })
  @MayBeAbsent()
  @IsString()
  @IsMonthOrDay()
  calledOn?: string;
}

class MessageCostDto {
  @ApiProperty({ example: 'INR', description: 'ISO 4217.' })
  currency: string;

  @ApiProperty({
    example: 11_500,
    description: "All its units, before tax, in thousandths of the currency's minor unit: 11,500 is 11.5 paise.",
  })
  milli: number;
}

export class ListedMessageDto {
  @ApiProperty({
    format: 'uuid',
    example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0c',
    description: 'The message. With `taken`, `billed`, `assumed` and `failed` it is there once for each attempt that counts.',
  })
  id: string;

  @ApiProperty({
    format: 'uuid',
    example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a',
    description: 'Its run; the story is at /v1/runs/{id}.',
  })
  runId: string;

  @ApiProperty({ example: 'payment_failed', description: 'The journey.' })
  journey: string;

  @ApiProperty({ example: 3, description: 'Its version.' })
  version: number;

  @ApiProperty({ enum: ['treated', 'holdout'], example: 'treated', description: 'The arm of the run.' })
  arm: string;

  @ApiProperty({
    example: 'whatsapp',
    nullable: true,
    type: String,
    description: 'The step; null where it was not written down.',
  })
  step: string | null;

  @ApiProperty({ example: 'whatsapp', description: 'The channel.' })
  channel: string;

  @ApiProperty({
    example: 'whatsapp-cloud',
    nullable: true,
    type: String,
    description: 'The provider; null when it went to none.',
  })
  provider: string | null;

  @ApiProperty({
    enum: STATES,
    example: 'sent',
    description: 'What became of it; `superseded`: an attempt that another one followed.',
  })
  state: string;

  @ApiProperty({ example: '2026-11-23T05:30:00.000Z', description: 'When its run entered.' })
  enteredAt: string;

  @ApiProperty({
    example: '2026-11-23T05:45:02.000Z',
    description: 'When it was called; of what never was, when it was planned.',
  })
  at: string;

  @ApiProperty({
    example: '2026-11-23T05:45:05.000Z',
    nullable: true,
    type: String,
    description: 'When it arrived, as was heard.',
  })
  deliveredAt: string | null;

  @ApiProperty({ example: '2026-11-23T05:47:40.000Z', nullable: true, type: String, description: 'When it was read or opened.' })
  readAt: string | null;

  @ApiProperty({ example: null, nullable: true, type: String, description: 'When its link was followed, or it was answered.' })
  clickedAt: string | null;

  @ApiProperty({ example: null, nullable: true, type: String, description: 'When it was reported as failed after it was taken.' })
  failedAt: string | null;

  @ApiProperty({
    example: 'utility',
    nullable: true,
    type: String,
    description: "The price category, the vendor's or the assumed one; null where the channel has none.",
  })
  category: string | null;

  @ApiProperty({ example: 'IN', description: 'ISO 3166, as its invoice line has it.' })
  country: string;

  @ApiProperty({ example: 1, description: 'What is billed of it: 1, the parts of an SMS, or nothing.' })
  units: number;

  @ApiProperty({ example: false, description: 'True: it is billed, and its price is an assumption.' })
  isAssumed: boolean;

  @ApiProperty({ type: MessageCostDto, nullable: true, description: 'Null when nothing is billed, or nobody has said a rate.' })
  cost: MessageCostDto | null;
}

export class MessageListDto {
  @ApiProperty({ type: [ListedMessageDto], description: 'By entry of their runs, latest first; nothing in it is personal.' })
  messages: ListedMessageDto[];

  @ApiProperty({
    example: 'MTc2Mzg3…',
    nullable: true,
    type: String,
    description: 'Where the next page begins; null on the last one.',
  })
  nextCursor: string | null;
}
