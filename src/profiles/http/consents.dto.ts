import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsNotEmptyObject,
  IsObject,
  IsString,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import { MayBeAbsent } from '../../http/may-be-absent';

export const CHANNEL = /^[a-z][a-z0-9_]{0,63}$/;
const WORD = /^[a-z][a-z0-9_]{0,63}$/;
const EMAIL = /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/;
const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;
const UUID_EXAMPLE = '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a';

export class PersonRefDto {
  @ApiPropertyOptional({ example: 'cust_8812', description: 'Your id for the customer.' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 128)
  customerId?: string;

  @ApiPropertyOptional({ example: '+919812345678', description: 'E.164, or a national number of the default country.' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 40)
  phone?: string;

  @ApiPropertyOptional({ example: 'asha@example.com', description: 'E-mail address.' })
  @MayBeAbsent()
  @Length(3, 254)
  @Matches(EMAIL)
  email?: string;

  @ApiPropertyOptional({ example: 'IN.8f3a61d2c94b7e05', description: "WhatsApp's business-scoped id of the customer." })
  @MayBeAbsent()
  @Matches(/^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/)
  whatsappId?: string;
}

export class StatedConsentDto {
  @ApiProperty({ type: PersonRefDto, description: 'Whom it concerns, by at least one identifier. Who is not known yet is made.' })
  @IsNotEmptyObject()
  @ValidateNested()
  @Type(() => PersonRefDto)
  person: PersonRefDto;

  @ApiProperty({
    enum: ['service', 'marketing', 'all'],
    example: 'marketing',
    description: "service: about the customer's own transaction (utility, DLT service). marketing: everything else.",
  })
  @IsIn(['service', 'marketing', 'all'])
  purpose: 'service' | 'marketing' | 'all';

  @ApiProperty({ example: 'whatsapp', description: 'push, whatsapp, sms, email, the channel of an added provider, or all.' })
  @Matches(CHANNEL)
  channel: string;

  @ApiProperty({ enum: ['granted', 'withdrawn'], example: 'granted', description: 'What the customer said.' })
  @IsIn(['granted', 'withdrawn'])
  state: 'granted' | 'withdrawn';

  @ApiPropertyOptional({
    example: '2026-11-23T11:02:09+05:30',
    description:
      'When they said it, RFC 3339 with zone; absent means now. The latest by this time holds, whatever comes in later.',
  })
  @MayBeAbsent()
  @IsString()
  @Length(1, 40)
  at?: string;

  @ApiPropertyOptional({ example: 'checkout_form', description: 'Where they said it. Absent: api.' })
  @MayBeAbsent()
  @Matches(WORD)
  source?: string;

  @ApiPropertyOptional({ example: '2026-03', description: 'Version of the notice they were shown.' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 64)
  noticeVersion?: string;

  @ApiPropertyOptional({ example: 'hi', description: 'Language of that notice, BCP 47.' })
  @MayBeAbsent()
  @Matches(LANGUAGE)
  noticeLanguage?: string;

  @ApiPropertyOptional({ example: 'form 88 field 3, ip 203.0.113.7', description: 'What shows it. Kept encrypted.' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 2_000)
  proof?: string;
}

export class StatedConsentsDto {
  @ApiProperty({ type: [StatedConsentDto], description: 'One to 500 statements.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => StatedConsentDto)
  consents: StatedConsentDto[];
}

export class RecordedConsentDto {
  @ApiProperty({
    isArray: true,
    type: String,
    example: [UUID_EXAMPLE],
    description: 'Whom it was written down for: one person, or everybody on a shared phone for a withdrawal by phone alone.',
  })
  people: string[];
}

export class RecordedConsentsDto {
  @ApiProperty({ type: [RecordedConsentDto], description: 'One result for each statement, in order.' })
  results: RecordedConsentDto[];
}

class ConsentStateDto {
  @ApiProperty({ enum: ['service', 'marketing'], example: 'marketing', description: 'The purpose.' })
  purpose: string;

  @ApiProperty({ example: 'whatsapp', description: 'The channel.' })
  channel: string;

  @ApiProperty({ enum: ['granted', 'withdrawn'], example: 'granted', description: 'What holds.' })
  state: string;

  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'Since when.' })
  since: string;

  @ApiProperty({ format: 'uuid', example: UUID_EXAMPLE, description: 'The entry of the ledger that says so.' })
  entryId: string;
}

class ConsentEntryDto {
  @ApiProperty({ format: 'uuid', example: UUID_EXAMPLE, description: 'The entry.' })
  id: string;

  @ApiProperty({ enum: ['service', 'marketing', 'all'], example: 'marketing', description: 'The purpose.' })
  purpose: string;

  @ApiProperty({ example: 'whatsapp', description: 'The channel, or all.' })
  channel: string;

  @ApiProperty({ enum: ['granted', 'withdrawn'], example: 'granted', description: 'What was said.' })
  state: string;

  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'When the customer said it.' })
  at: string;

  @ApiProperty({ example: '2026-11-23T05:32:10.000Z', description: 'When Wapas learnt of it.' })
  recordedAt: string;

  @ApiProperty({ example: 'checkout_form', description: 'Where it was said.' })
  source: string;

  @ApiProperty({ type: String, nullable: true, example: '2026-03', description: 'Version of the notice.' })
  noticeVersion: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'hi', description: 'Language of the notice.' })
  noticeLanguage: string | null;

  @ApiProperty({ example: true, description: 'Whether a proof is kept. The export shows it.' })
  hasProof: boolean;
}

class SuppressionDto {
  @ApiProperty({ format: 'uuid', example: UUID_EXAMPLE, description: 'The suppression.' })
  id: string;

  @ApiProperty({
    enum: ['person', 'phone', 'email', 'whatsapp_id', 'push_token'],
    example: 'phone',
    description: 'What it is put on.',
  })
  on: string;

  @ApiProperty({ type: String, nullable: true, example: 'sms', description: 'The channel; null: all.' })
  channel: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'marketing', description: 'The purpose; null: everything.' })
  purpose: string | null;

  @ApiProperty({ example: 'stop_word', description: 'Why.' })
  reason: string;

  @ApiProperty({ example: 'inbound_whatsapp', description: 'Where it came from.' })
  source: string;

  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'Since when.' })
  createdAt: string;

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Until when; null: for good.' })
  expiresAt: string | null;
}

export class ConsentsDto {
  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'The moment this is about.' })
  at: string;

  @ApiProperty({ type: [ConsentStateDto], description: 'What held, for every purpose and channel anything was said about.' })
  states: ConsentStateDto[];

  @ApiProperty({ type: [ConsentEntryDto], description: 'The ledger as it was known then, by the time the customer spoke.' })
  entries: ConsentEntryDto[];

  @ApiProperty({ type: [SuppressionDto], description: 'What else forbade messages then.' })
  suppressions: SuppressionDto[];
}

export class NewSuppressionDto {
  @ApiProperty({
    type: PersonRefDto,
    example: { phone: '+919812345678' },
    description: 'Exactly one identifier. A phone or e-mail is suppressed itself, for whoever has it.',
  })
  @IsNotEmptyObject()
  @ValidateNested()
  @Type(() => PersonRefDto)
  person: PersonRefDto;

  @ApiPropertyOptional({ example: 'sms', description: 'Absent: every channel.' })
  @MayBeAbsent()
  @Matches(CHANNEL)
  channel?: string;

  @ApiPropertyOptional({ enum: ['service', 'marketing'], example: 'marketing', description: 'Absent: everything.' })
  @MayBeAbsent()
  @IsIn(['service', 'marketing'])
  purpose?: 'service' | 'marketing';

  @ApiProperty({ example: 'complaint', description: 'Why, one word.' })
  @Matches(WORD)
  reason: string;

  @ApiPropertyOptional({ example: '2027-02-21T00:00:00+05:30', description: 'RFC 3339 with zone; absent: for good.' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 40)
  expiresAt?: string;
}

export class CreatedSuppressionDto {
  @ApiProperty({ format: 'uuid', example: UUID_EXAMPLE, description: 'Lift it by this id.' })
  id: string;
}

export class InboundMessageDto {
  @ApiProperty({ example: 'sms', description: 'The channel it came by.' })
  @Matches(CHANNEL)
  channel: string;

  @ApiPropertyOptional({ example: '+919812345678', description: 'Who wrote. Give this, whatsappId, or both.' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 40)
  phone?: string;

  @ApiPropertyOptional({ example: 'IN.8f3a61d2c94b7e05', description: 'Who wrote, as WhatsApp knows them.' })
  @MayBeAbsent()
  @Matches(/^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/)
  whatsappId?: string;

  @ApiProperty({ example: 'STOP', description: 'What they wrote. Read for commands and not kept.' })
  @IsString()
  @Length(0, 4_096)
  text: string;

  @ApiProperty({ example: 'in-88213', description: "The gateway's id of it." })
  @IsString()
  @Length(1, 128)
  id: string;

  @ApiPropertyOptional({ example: '2026-11-23T11:02:09+05:30', description: 'When; absent means now.' })
  @MayBeAbsent()
  @IsString()
  @Length(1, 40)
  at?: string;
}

export class HeardDto {
  @ApiProperty({
    enum: ['stopped', 'resumed', 'not_a_command', 'duplicate'],
    example: 'stopped',
    description: 'stopped: nothing that the stop forbids goes out any more.',
  })
  outcome: string;
}
