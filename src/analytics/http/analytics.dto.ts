import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { IsIn, IsNumberString, IsString, MaxLength, ValidateBy } from 'class-validator';
import { isZone } from '@wapas/kernel';
import { IsEarlierThan, IsMoment } from '../../http/time-checks';
import { BREAKDOWNS, type Breakdown, type Grain, GRAINS } from '../rules/question';
import { MayBeAbsent } from '../../http/may-be-absent';

export class RangeQueryDto {
  @ApiPropertyOptional({
    example: '2026-11-01T00:00:00+05:30',
    description:
      'Entries from this moment on, RFC 3339 with zone; taken down to a quarter of an hour. Default: 30 days before `to`.',
  })
  @MayBeAbsent()
  @IsString()
  @IsMoment()
  @IsEarlierThan('to')
  from?: string;

  @ApiPropertyOptional({
    example: '2026-12-01T00:00:00+05:30',
    description: 'Entries before this moment; taken up to a quarter of an hour. Default: now.',
  })
  @MayBeAbsent()
  @IsString()
  @IsMoment()
  to?: string;
}

const IsZone = (): PropertyDecorator =>
  ValidateBy({
    name: 'isZone',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isZone(value),
      defaultMessage: () => 'Use the IANA name of a time zone, such as Asia/Kolkata or UTC',
    },
  });

export class SeriesQueryDto extends RangeQueryDto {
  @ApiPropertyOptional({
    example: 'Asia/Kolkata',
    description: 'Where days, weeks and months begin: an IANA name. Default Asia/Kolkata.',
  })
  @MayBeAbsent()
  @IsString()
  @IsZone()
  zone?: string;

  @ApiPropertyOptional({
    enum: GRAINS,
    example: 'day',
    description: 'How long a period is. Default `all`: the whole range is one. At most 1,000 periods.',
  })
  @MayBeAbsent()
  @IsIn(GRAINS)
  grain?: Grain;

  @ApiPropertyOptional({
    enum: BREAKDOWNS,
    example: 'version',
    description:
      'What to tell apart within a period. By `channel` messages, the runs that got one and recoveries are counted; an entry has no channel.',
  })
  @MayBeAbsent()
  @IsIn(BREAKDOWNS)
  breakdown?: Breakdown;
}

export class SampleSizeQueryDto {
  @ApiProperty({ example: '0.18', description: 'The share of people who come back without messages, over 0 and under 1.' })
  @IsNumberString()
  @MaxLength(12)
  base: string;

  @ApiProperty({ example: '0.05', description: 'The difference that must not be overlooked: 0.05 is five points.' })
  @IsNumberString()
  @MaxLength(12)
  difference: string;

  @ApiPropertyOptional({ example: '0.1', description: "The holdout's share of all. Default 0.1." })
  @MayBeAbsent()
  @IsNumberString()
  @MaxLength(12)
  holdoutShare?: string;

  @ApiPropertyOptional({ example: '300', description: 'How many people enter a day; absent: no days are given.' })
  @MayBeAbsent()
  @IsNumberString()
  @MaxLength(12)
  perDay?: string;
}

export class SampleSizeDto {
  @ApiProperty({ example: 583, description: 'People needed in the holdout.' })
  holdout: number;

  @ApiProperty({ example: 5_828, description: 'People needed in all.' })
  total: number;

  @ApiProperty({
    example: 20,
    nullable: true,
    type: Number,
    description: 'Whole days at the pace that was given; null without a pace.',
  })
  days: number | null;
}

export class MoneyDto {
  @ApiProperty({ example: 'INR', description: 'ISO 4217.' })
  currency: string;

  @ApiProperty({ example: 12_349_900, description: 'Minor units (paise).' })
  amount: number;
}

class RecoveredMoneyDto extends MoneyDto {
  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&arm=treated&outcome=recovered&currency=INR',
    description: 'The recovered runs whose `amount` adds up to it.',
  })
  runs: string;
}

class TimesRunsDto {
  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&arm=treated&outcome=recovered&within=900',
    description: 'The runs behind `within15m`.',
  })
  within15m: string;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&arm=treated&outcome=recovered&within=3600',
    description: 'The runs behind `within1h`.',
  })
  within1h: string;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&arm=treated&outcome=recovered&within=7200',
    description: 'The runs behind `within2h`.',
  })
  within2h: string;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&arm=treated&outcome=recovered&within=86400',
    description: 'The runs behind `within24h`.',
  })
  within24h: string;
}

class TimeToRecoveryDto {
  @ApiProperty({
    example: 1_260,
    description: 'Half of the recoveries came within this, in seconds from entry; read from bins, at most a ninth wrong.',
  })
  median: number;

  @ApiProperty({ example: 7_480, description: 'Nine of ten came within this, in seconds from entry.' })
  p90: number;

  @ApiProperty({ example: 31, description: 'Recoveries in less than 15 minutes from entry, exactly.' })
  within15m: number;

  @ApiProperty({ example: 52, description: 'In less than an hour.' })
  within1h: number;

  @ApiProperty({ example: 61, description: 'In less than two hours.' })
  within2h: number;

  @ApiProperty({ example: 74, description: 'In less than 24 hours.' })
  within24h: number;

  @ApiProperty({ type: TimesRunsDto, description: 'Where the runs behind the numbers are listed.' })
  runs: TimesRunsDto;
}

class FirstMessageDto {
  @ApiProperty({
    example: 62,
    description: 'Half of the first messages were accepted within this, in seconds from the drop-off.',
  })
  median: number;

  @ApiProperty({ example: 118, description: 'Nine of ten were accepted within this.' })
  p90: number;
}

class MessageListsDto {
  @ApiProperty({
    example: '/v1/messages?journey=payment_failed&arm=treated&state=sent',
    description: 'The messages behind `sent`.',
  })
  sent: string;

  @ApiProperty({
    example: '/v1/messages?journey=payment_failed&arm=treated&outcome=delivered',
    description: 'The messages behind `delivered`.',
  })
  delivered: string;

  @ApiProperty({
    example: '/v1/messages?journey=payment_failed&arm=treated&outcome=read',
    description: 'The messages behind `read`.',
  })
  read: string;

  @ApiProperty({
    example: '/v1/messages?journey=payment_failed&arm=treated&outcome=clicked',
    description: 'The messages behind `clicked`.',
  })
  clicked: string;
}

class MessageSumsDto {
  @ApiProperty({ example: 214, description: 'Messages that a provider accepted.' })
  sent: number;

  @ApiProperty({ example: 190, description: 'Of these, heard to have arrived (or been read, or followed).' })
  delivered: number;

  @ApiProperty({ example: 88, description: 'Read or opened. Telemetry is partial: not heard of is not unread.' })
  read: number;

  @ApiProperty({ example: 41, description: 'Link followed, or answered.' })
  clicked: number;

  @ApiProperty({ type: MessageListsDto, description: 'Where the messages behind the numbers are listed.' })
  lists: MessageListsDto;
}

class BilledListsDto {
  @ApiProperty({
    example: '/v1/messages?journey=payment_failed&arm=treated&outcome=billed&currency=INR',
    description:
      'The messages, and the attempts that another one followed, whose units add up to `units`, and whose costs to `amount`.',
  })
  units: string;

  @ApiProperty({
    example: '/v1/messages?journey=payment_failed&arm=treated&outcome=assumed&currency=INR',
    description: 'Those whose units add up to `assumed`.',
  })
  assumed: string;
}

class UnpricedListsDto {
  @ApiProperty({
    example: '/v1/messages?journey=payment_failed&arm=treated&outcome=billed&currency=',
    description: 'Those whose units add up to `unpriced`.',
  })
  unpriced: string;
}

class CostDto extends MoneyDto {
  @ApiProperty({ example: 162, description: 'GST on top, in minor units.' })
  gst: number;

  @ApiProperty({ example: 86, description: 'Messages, or parts of SMS, that were billed.' })
  units: number;

  @ApiProperty({ example: 12, description: 'Of these, priced by assumption, since the vendor has not said what it charges for.' })
  assumed: number;

  @ApiProperty({ type: BilledListsDto, description: 'Where what is behind the numbers is listed.' })
  lists: BilledListsDto;
}

class CostsDto {
  @ApiProperty({
    type: [CostDto],
    description:
      'By currency, before tax; rounded to the minor unit, so that rows may come to a few more or less than the whole.',
  })
  costs: CostDto[];

  @ApiProperty({ example: 0, description: 'Billed units for which no rate is known.' })
  unpriced: number;

  @ApiProperty({ type: UnpricedListsDto, description: 'Where what is behind it is listed.' })
  lists: UnpricedListsDto;
}

class RunLinksDto {
  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&arm=treated&from=2026-11-22T18%3A30%3A00.000Z&to=2026-11-23T18%3A30%3A00.000Z',
    nullable: true,
    type: String,
    description: 'The runs behind `entered`. Null by channel, as `entered` is.',
  })
  entered: string | null;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&arm=treated&outcome=eligible',
    nullable: true,
    type: String,
    description: 'The runs behind `eligible`. Null by channel.',
  })
  eligible: string | null;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&arm=treated&outcome=messaged',
    description: 'The runs behind `messaged`.',
  })
  messaged: string;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&arm=treated&outcome=delivered',
    description:
      'The runs with a message that was delivered: `messages.delivered` counts messages, of which a run may have several, and `messages.lists` leads to them. So with `read` and `clicked`.',
  })
  delivered: string;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&arm=treated&outcome=read',
    description: 'The runs with a message that was read or opened.',
  })
  read: string;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&arm=treated&outcome=clicked',
    description: 'The runs with a message that was followed.',
  })
  clicked: string;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&arm=treated&outcome=recovered',
    description: 'The runs behind `recovered`.',
  })
  recovered: string;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&arm=treated&outcome=attributed',
    description: 'The runs behind `attributed`.',
  })
  attributed: string;

  @ApiProperty({
    example: '/v1/runs?journey=payment_failed&arm=treated&outcome=untouched',
    description: 'The runs behind `recoveredUntouched`.',
  })
  untouched: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { push: '/v1/runs?journey=payment_failed&arm=treated&outcome=recovered&channel=push' },
    description: 'The runs behind each number of `recoveredByChannel`.',
  })
  recoveredByChannel: Record<string, string>;
}

export class ArmDto {
  @ApiProperty({ example: 180, description: 'Runs that entered.' })
  entered: number;

  @ApiProperty({
    example: 172,
    description: 'Of these, still open when the first message was, or in the holdout would have been, due.',
  })
  eligible: number;

  @ApiProperty({ example: 171, description: 'Of these, with at least one message that a provider accepted.' })
  messaged: number;

  @ApiProperty({ type: MessageSumsDto, description: 'Their messages.' })
  messages: MessageSumsDto;

  @ApiProperty({ example: 74, description: 'Runs that reached the goal within the window.' })
  recovered: number;

  @ApiProperty({ example: 58, description: 'Attributed: goals after a message, inside its window. Touched, not caused.' })
  attributed: number;

  @ApiProperty({
    type: Object,
    example: { push: 31, whatsapp: 24, sms: 8 },
    description:
      'Recoveries by the channel of the last message accepted before the goal (last touch). That a message came first does not prove that it was the cause: compare with the holdout.',
  })
  recoveredByChannel: Record<string, number>;

  @ApiProperty({ example: 11, description: 'Recoveries before any message.' })
  recoveredUntouched: number;

  @ApiProperty({
    type: [RecoveredMoneyDto],
    description: 'What the goals were worth, by currency; currencies are never added up.',
  })
  revenue: RecoveredMoneyDto[];

  @ApiProperty({ type: TimeToRecoveryDto, nullable: true, description: 'null without a recovery.' })
  timeToRecoverySeconds: TimeToRecoveryDto | null;

  @ApiProperty({
    type: FirstMessageDto,
    nullable: true,
    description: 'From the drop-off to the first message; null without one.',
  })
  firstMessageSeconds: FirstMessageDto | null;

  @ApiProperty({ type: CostsDto, description: 'What the messages cost, by the dated rates.' })
  cost: CostsDto;

  @ApiProperty({ type: RunLinksDto, description: 'Where the runs behind the numbers are listed.' })
  runs: RunLinksDto;
}

export class SeriesRowDto extends OmitType(ArmDto, ['entered', 'eligible', 'messaged']) {
  @ApiProperty({
    example: 180,
    nullable: true,
    type: Number,
    description:
      'Runs that entered. Null by channel: who enters does so before any channel is chosen, and 0 would say that nobody came. Divide what a channel recovered by what it messaged, or ask without a breakdown.',
  })
  entered: number | null;

  @ApiProperty({
    example: 172,
    nullable: true,
    type: Number,
    description:
      'Of these, still open when the first message was, or in the holdout would have been, due. Null by channel, for the same reason.',
  })
  eligible: number | null;

  @ApiProperty({
    example: 171,
    nullable: true,
    type: Number,
    description:
      'Of these, with at least one message that a provider accepted. By channel: runs in which one was accepted on it; who got several there is one, and who got some on two channels is one of each. Null by channel alone, for entries whose rows were let go of before this was counted.',
  })
  messaged: number | null;

  @ApiProperty({ example: '2026-11-22T18:30:00.000Z', description: 'Entries from.' })
  from: string;

  @ApiProperty({ example: '2026-11-23T18:30:00.000Z', description: 'Entries before.' })
  to: string;

  @ApiProperty({
    example: '3',
    description: 'The value of what is told apart; empty when nothing is, or when it does not apply.',
  })
  part: string;

  @ApiProperty({
    enum: ['treated', 'holdout'],
    example: 'treated',
    description: 'Those who may be messaged, or those who deliberately get nothing.',
  })
  arm: string;
}

export class SeriesDto {
  @ApiProperty({ example: 'payment_failed', description: 'The journey.' })
  journey: string;

  @ApiProperty({ example: 'Asia/Kolkata', description: 'Where periods begin.' })
  zone: string;

  @ApiProperty({ enum: GRAINS, example: 'day', description: 'How long a period is.' })
  grain: Grain;

  @ApiProperty({ enum: BREAKDOWNS, example: 'none', description: 'What is told apart.' })
  breakdown: Breakdown;

  @ApiProperty({ type: [SeriesRowDto], description: 'One for each period, part and arm in which something happened.' })
  rows: SeriesRowDto[];
}

export class MessageCountDto {
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

  @ApiProperty({
    example: '/v1/messages?journey=payment_failed&channel=whatsapp&state=sent',
    description: 'Where they are listed.',
  })
  list: string;
}
