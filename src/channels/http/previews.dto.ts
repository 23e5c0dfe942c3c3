import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsObject, IsString, Length, Matches, ValidateNested } from 'class-validator';
import { MayBeAbsent } from '../../http/may-be-absent';

class SampleAmountDto {
  @ApiProperty({ example: 149_900, description: 'Minor units.' })
  @IsInt()
  value: number;

  @ApiProperty({ example: 'INR', description: 'ISO 4217.' })
  @Matches(/^[A-Z]{3}$/)
  currency: string;
}

class SampleReasonDto {
  @ApiProperty({ example: 'user_error', description: 'Its class.' })
  @IsString()
  class: string;

  @ApiPropertyOptional({ example: 'incorrect_pin', description: "The source's own code." })
  @MayBeAbsent()
  @IsString()
  code?: string;
}

class SampleFactsDto {
  @ApiPropertyOptional({ example: 'Asha Rao', description: 'As `{{name}}` prints it.' })
  @MayBeAbsent()
  @IsString()
  name?: string;

  @ApiPropertyOptional({ type: SampleAmountDto, description: 'As `{{amount|money}}` prints it.' })
  @MayBeAbsent()
  @ValidateNested()
  @Type(() => SampleAmountDto)
  amount?: SampleAmountDto;

  @ApiPropertyOptional({ type: SampleReasonDto, description: 'As `{{reason.class}}` prints it.' })
  @MayBeAbsent()
  @ValidateNested()
  @Type(() => SampleReasonDto)
  reason?: SampleReasonDto;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { order: 'order_MkT9' },
    description: 'As `{{keys.order}}` prints them.',
  })
  @MayBeAbsent()
  @IsObject()
  keys?: Record<string, string>;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { product: 'Blue kurta' },
    description: 'As `{{properties.product}}` prints them.',
  })
  @MayBeAbsent()
  @IsObject()
  properties?: Record<string, unknown>;
}

/** A template as a journey file has it, with what it is to be filled with. */
export class TemplateAskDto {
  @ApiProperty({ example: 'sms', description: 'push, whatsapp, sms, or the channel of an added provider.' })
  @Matches(/^[a-z][a-z0-9_-]{0,63}$/)
  channel: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { id: '64f0c0ffee00000000000001', variables: { order: '{{keys.order}}', url: '{{link}}' } },
    description: 'As a journey file has it.',
  })
  @IsObject()
  template: Record<string, unknown>;

  @ApiPropertyOptional({ type: SampleFactsDto, description: 'What the placeholders print.' })
  @MayBeAbsent()
  @ValidateNested()
  @Type(() => SampleFactsDto)
  facts?: SampleFactsDto;

  @ApiPropertyOptional({
    enum: ['service', 'marketing'],
    example: 'service',
    description:
      'Which consent it needs, and what a WhatsApp template is priced as that its vendor has not listed. Default: service.',
  })
  @MayBeAbsent()
  @IsIn(['service', 'marketing'])
  purpose?: 'service' | 'marketing';
}

export class PreviewAskDto extends TemplateAskDto {
  @ApiPropertyOptional({ example: 'hi', description: 'One language alone; all of them when absent.' })
  @MayBeAbsent()
  @Matches(/^[a-z]{2,3}(_[A-Z]{2})?$/)
  locale?: string;

  @ApiPropertyOptional({
    example: 'AE',
    description:
      'Where it would go, ISO 3166-1 alpha-2: prices depend on it. The country of WAPAS_DEFAULT_COUNTRY when absent; it changes nothing where messages go to no number.',
  })
  @MayBeAbsent()
  @Matches(/^[A-Z]{2}$/)
  country?: string;
}

class PreviewFaultDto {
  @ApiProperty({ example: '/name', description: 'Where in the template.' })
  at: string;

  @ApiProperty({ example: 'template_not_approved', description: 'Stable machine code.' })
  code: string;

  @ApiProperty({
    example: 'Rule 13. The vendor says PAUSED. Only an approved template can be sent.',
    description: 'Rule, why, and the mend.',
  })
  detail: string;
}

class PreviewSmsDto {
  @ApiProperty({ enum: ['GSM-7', 'UCS-2'], example: 'GSM-7', description: 'UCS-2 has less than half the room.' })
  encoding: 'GSM-7' | 'UCS-2';

  @ApiProperty({ example: 96, description: 'Places taken, of 160 (153 in each of several) or 70 (67).' })
  places: number;

  @ApiProperty({ example: 1, description: 'SMS that it takes; each is billed.' })
  parts: number;

  @ApiProperty({ type: [String], example: [], description: 'Characters that force UCS-2.' })
  unusual: string[];
}

class PreviewPriceDto {
  @ApiProperty({ example: 'INR', description: 'ISO 4217.' })
  currency: string;

  @ApiProperty({ example: 20_000, description: 'Of one unit, in thousandths of the minor unit, before tax: 20,000 is 20 paise.' })
  unitMilli: number;

  @ApiProperty({ example: 1, description: 'Messages, or parts of an SMS.' })
  units: number;

  @ApiProperty({ example: 20_000, description: 'Of the whole message, before tax.' })
  totalMilli: number;

  @ApiProperty({ example: 18, description: 'Tax on top, in percent.' })
  gstPercent: number;

  @ApiProperty({ example: '2025-01-01', description: 'The first day of this rate.' })
  from: string;

  @ApiProperty({ example: 'quotes of 0.10 to 0.35 per part, middle taken, read 2026-11-23', description: 'Who says so.' })
  source: string;
}

class PreviewDto {
  @ApiProperty({ nullable: true, type: String, example: 'en', description: 'The language; null where there is no choice.' })
  locale: string | null;

  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description: 'The variable that has no value: such a message would be skipped.',
  })
  missing: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { order: 'order_MkT9', url: 'https://pay.example/SHOPIN/SampleToken' },
    description: 'The rendered fields.',
  })
  fields: Record<string, string>;

  @ApiProperty({
    nullable: true,
    type: String,
    example: 'Shop: payment for order order_MkT9 is not complete. Finish here: https://pay.example/SHOPIN/SampleToken',
    description:
      'All of what the handset shows; null when the registered text is not known, or a value does not fit it (see faults).',
  })
  text: string | null;

  @ApiProperty({ nullable: true, type: PreviewSmsDto, description: 'How many SMS it takes.' })
  sms: PreviewSmsDto | null;

  @ApiProperty({
    nullable: true,
    type: PreviewPriceDto,
    description: 'What one such message costs today; null: there is no rate.',
  })
  price: PreviewPriceDto | null;
}

export class PreviewsDto {
  @ApiProperty({
    type: [PreviewFaultDto],
    description: 'What would keep a journey with it from being published. Empty: nothing.',
  })
  faults: PreviewFaultDto[];

  @ApiProperty({ type: [PreviewDto], description: 'One for each language, those that are tried first in front.' })
  previews: PreviewDto[];
}

export class TestSendAskDto extends TemplateAskDto {
  @ApiProperty({
    example: '+919812345678',
    description: 'A number (E.164), a push token or an e-mail address of the allow-list.',
  })
  @IsString()
  @Length(3, 4_096)
  to: string;
}

export class TestSendDto {
  @ApiProperty({ example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'Ask with it what became of it.' })
  id: string;
}

class TestAttemptDto {
  @ApiProperty({ example: 'msg91', description: 'Who was called.' })
  provider: string;

  @ApiProperty({ example: 'accepted', description: 'accepted, or the class of the error.' })
  outcome: string;

  @ApiProperty({ nullable: true, type: String, example: null, description: "The vendor's code." })
  code: string | null;

  @ApiProperty({ nullable: true, type: String, example: null, description: "The vendor's words, without numbers and tokens." })
  detail: string | null;
}

export class TestSendStoryDto {
  @ApiProperty({
    example: 'sent',
    description: 'Where it stands: planned, calling, sent, rejected, retryable, unknown, skipped or expired.',
  })
  state: string;

  @ApiProperty({ nullable: true, type: String, example: null, description: 'Why.' })
  reason: string | null;

  @ApiProperty({ type: [TestAttemptDto], description: 'Every call that was made for it.' })
  attempts: TestAttemptDto[];

  @ApiProperty({ type: [String], example: ['delivered'], description: 'What was heard of it.' })
  receipts: string[];
}
