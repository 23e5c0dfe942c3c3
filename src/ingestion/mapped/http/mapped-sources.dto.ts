import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsDefined, IsObject, IsString, Length } from 'class-validator';
import { MayBeAbsent } from '../../../http/may-be-absent';

const RECIPE = { kind: 'hmac', signature: { header: 'x-signature' }, algorithm: 'sha256', encoding: 'hex' };
const MAPPING = {
  id: '/id',
  event: { from: '/type', names: { 'payment.failed': 'Payment Failed', 'payment.paid': 'Order Paid' } },
  occurredAt: { from: '/created', format: 'epoch_s' },
  person: { customerId: '/customer/id', phone: '/customer/phone' },
  keys: { order: '/order_id' },
  amount: { value: '/amount', currency: { value: 'INR' }, unit: 'major' },
};

/** What the documentation shows of a mapped source. */
export const DEFINITION_EXAMPLE = {
  title: 'Payments of the travel desk',
  recipe: RECIPE,
  mapping: MAPPING,
  secrets: ['a-long-secret-of-the-sender'],
};

/** The same of one that says who people are and what they agree to. */
export const PROFILES_EXAMPLE = {
  title: 'Profiles of the app',
  recipe: RECIPE,
  mapping: {
    id: '/id',
    event: { from: { value: 'Profile Updated' } },
    occurredAt: { from: '/changed_at', format: 'rfc3339' },
    person: {
      customerId: '/user/id',
      phone: '/user/mobile',
      language: '/user/locale',
      timeZone: '/user/time_zone',
      pushTokens: [
        {
          each: '/user/devices',
          token: '/fcm_token',
          platform: { from: '/os', words: { Android: 'android', iOS: 'ios' } },
          permission: { from: '/push_enabled', words: { true: 'granted', false: 'denied' } },
          app: '/bundle',
        },
      ],
    },
    consents: [
      {
        each: '/optins',
        purpose: { from: '/topic', words: { offers: 'marketing', orders: 'service' } },
        channel: { from: '/channel', words: { WA: 'whatsapp', TEXT: 'sms' } },
        state: { from: '/value', words: { yes: 'granted', no: 'withdrawn', unticked: 'none' } },
        at: { from: '/said_at', format: 'rfc3339' },
        source: { value: 'app_settings' },
        noticeVersion: 'body:/notice',
      },
    ],
  },
  secrets: ['a-long-secret-of-the-app'],
};

export class ListedSourceDto {
  @ApiProperty({ example: 'travel-desk', description: 'Stands in its address.' })
  name: string;

  @ApiProperty({ example: 'Payments of the travel desk', description: 'For people.' })
  title: string;

  @ApiProperty({ enum: ['built_in', 'mapped'], example: 'mapped', description: '`mapped`: set up over this API.' })
  kind: string;

  @ApiProperty({ example: 'https://wapas.example/webhooks/sources/travel-desk', description: 'Where its sender posts to.' })
  address: string;

  @ApiProperty({ example: true, description: 'False for one that is built in and has no secret: it answers 404.' })
  isSetUp: boolean;

  @ApiPropertyOptional({
    example: 'RAZORPAY_WEBHOOK_SECRET',
    description: 'The setting for its secret, of one that is built in.',
  })
  setting?: string;

  @ApiPropertyOptional({ example: 'payu', description: 'The preset it follows.' })
  preset?: string;

  @ApiPropertyOptional({
    format: 'date-time',
    example: '2026-11-23T05:32:09.000Z',
    description: 'When an authentic webhook last came in.',
  })
  lastHeardAt?: string;
}

export class SourcesDto {
  @ApiProperty({ type: [ListedSourceDto], description: 'Those that are built in first, then the mapped ones by name.' })
  sources: ListedSourceDto[];
}

export class SecretDto {
  @ApiProperty({
    format: 'uuid',
    example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a',
    description: 'Names it; says nothing about it.',
  })
  id: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T05:30:00.000Z', description: 'Since when it is good.' })
  addedAt: string;
}

export class MappedSourceDto {
  @ApiProperty({ example: 'travel-desk', description: 'Stands in its address.' })
  name: string;

  @ApiProperty({ example: 'https://wapas.example/webhooks/sources/travel-desk', description: 'Where its sender posts to.' })
  address: string;

  @ApiPropertyOptional({ example: 'Payments of the travel desk', description: 'For people.' })
  title?: string;

  @ApiPropertyOptional({ example: 'payu', description: 'The preset it follows.' })
  preset?: string;

  @ApiProperty({ type: Object, example: RECIPE, description: 'How its webhooks are proven, its own or that of the preset.' })
  recipe: object;

  @ApiProperty({ type: Object, example: MAPPING, description: 'How its payloads become events, its own or that of the preset.' })
  mapping: object;

  @ApiPropertyOptional({ example: 'webhook_id', description: 'The field of its unsigned ping.' })
  pingField?: string;

  @ApiProperty({ example: false, description: 'What it sends belongs to test mode.' })
  test: boolean;

  @ApiProperty({ type: [SecretDto], description: 'Newest first. What they say is never shown.' })
  secrets: SecretDto[];

  @ApiProperty({ format: 'date-time', example: '2026-11-23T05:30:00.000Z', description: 'When it was last changed.' })
  updatedAt: string;
}

export class NewSecretDto {
  @ApiProperty({ example: 'the-secret-that-follows', description: 'Good at once, beside those there are.' })
  @IsString()
  @Length(1, 500)
  secret: string;
}

export class AddedSecretDto {
  @ApiProperty({ format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'Names the new one.' })
  id: string;
}

export class SampleDto {
  @ApiPropertyOptional({
    type: Object,
    example: { 'x-signature': '5f2b0c' },
    description: 'Headers of the webhook, as far as recipe and mapping look at them.',
  })
  @MayBeAbsent()
  @IsObject()
  headers?: Record<string, string>;

  @ApiPropertyOptional({ type: Object, example: { token: 'a-secret' }, description: 'Parameters of the address.' })
  @MayBeAbsent()
  @IsObject()
  query?: Record<string, string>;

  @ApiProperty({
    type: Object,
    example: { id: 'e1', type: 'payment.failed', created: 1763874129, order_id: 'o1', customer: { id: 'c1' }, amount: '1499.00' },
    description: 'JSON; or a text, exactly as it was posted: then the signature is checked too, against the stored secrets.',
  })
  @IsDefined()
  body: unknown;

  @ApiPropertyOptional({
    type: Object,
    example: { recipe: RECIPE, mapping: MAPPING },
    description: 'A definition to try instead of the stored one; it is not stored.',
  })
  @MayBeAbsent()
  @IsObject()
  definition?: object;
}

export class TriedDto {
  @ApiProperty({
    enum: ['event', 'ignored', 'unusable'],
    example: 'event',
    description: '`unusable` would be quarantined, `ignored` answered 200 and counted.',
  })
  outcome: string;

  @ApiPropertyOptional({ example: 'no_time', description: 'Why it, or an entry of its list, is ignored or unusable.' })
  reason?: string;

  @ApiPropertyOptional({
    type: Object,
    example: {
      event: 'Payment Failed',
      eventId: 'e1',
      occurredAt: '2026-11-23T05:02:09.000Z',
      person: { customerId: 'c1' },
      keys: { order: 'o1' },
      amount: { value: 149900, currency: 'INR' },
    },
    description: 'The event as the events API would take it; the first of several.',
  })
  event?: object;

  @ApiPropertyOptional({
    type: [Object],
    example: [
      { event: 'Payment Failed', eventId: 'e1', keys: { order: 'o1' } },
      { event: 'Order Paid', eventId: 'e2', keys: { order: 'o2' } },
    ],
    description: 'All of them, where the mapping reads a list that gives several.',
  })
  events?: object[];

  @ApiProperty({
    type: [String],
    example: ['/person/phone'],
    description: 'What the mapping found but could not use, as pointers into the event, or into the list of entries.',
  })
  dropped: readonly string[];

  @ApiPropertyOptional({ example: true, description: 'Whether a stored secret proves it; only for a body given as text.' })
  authentic?: boolean;
}

export class PresetOriginDto {
  @ApiProperty({
    example: 'https://docs.payu.in/docs/webhook-events-and-sample-payloads',
    description: 'What it was made after.',
  })
  page: string;

  @ApiProperty({ example: '2026-11-28', description: 'When that was read.' })
  readOn: string;
}

export class SourcePresetDto {
  @ApiProperty({ example: 'payu', description: 'Give it as `preset`.' })
  key: string;

  @ApiProperty({ example: 'PayU India', description: 'For people.' })
  title: string;

  @ApiProperty({
    enum: ['verified', 'unverified'],
    example: 'verified',
    description: '`verified`: after the vendor’s public documentation or code. `unverified`: try it with a real webhook first.',
  })
  status: string;

  @ApiProperty({ type: PresetOriginDto, description: 'Where it comes from.' })
  origin: PresetOriginDto;

  @ApiProperty({
    type: [String],
    example: ['The secret is the salt of the merchant account.'],
    description: 'What to know and do.',
  })
  notes: readonly string[];

  @ApiProperty({ type: Object, example: RECIPE, description: 'How its webhooks are proven.' })
  recipe: object;

  @ApiProperty({ type: Object, example: MAPPING, description: 'How its payloads become events.' })
  mapping: object;
}

export class SourcePresetsDto {
  @ApiProperty({ type: [SourcePresetDto], description: 'All presets.' })
  presets: SourcePresetDto[];
}
