import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { ArrayUnique, IsArray, IsIn, IsInt, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';
import { TEST_KIND, WEBHOOK_KINDS, type WebhookKind } from '../rules/kinds';
import { MayBeAbsent } from '../../http/may-be-absent';

const ID = '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a';
const STATES = ['on', 'off'] as const;
const DELIVERY_STATES = ['waiting', 'delivered', 'parked'] as const;

export class NewEndpointDto {
  @ApiProperty({
    example: 'https://crm.example/hooks/wapas',
    description:
      'Where it is posted: https, port 443, a public host. Redirects are not followed; any 2xx within ten seconds counts.',
  })
  @IsString()
  @MaxLength(2_048)
  url: string;

  @ApiPropertyOptional({
    isArray: true,
    enum: WEBHOOK_KINDS,
    example: ['recovery.counted', 'person.opted_out'],
    description:
      'What is told here. Absent or empty: everything but `answer.received`, which carries the words and the number of whoever wrote back and has to be named. Everything else carries ids and facts.',
  })
  @MayBeAbsent()
  @IsArray()
  @ArrayUnique()
  @IsIn(WEBHOOK_KINDS, { each: true })
  kinds?: WebhookKind[];

  @ApiPropertyOptional({ example: 'CRM', description: 'For people.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(200)
  description?: string;
}

export class EndpointChangeDto extends PartialType(NewEndpointDto, { skipNullProperties: false }) {
  @ApiPropertyOptional({
    enum: STATES,
    example: 'on',
    description:
      '`off`: nothing is posted and nothing new is kept for it. `on`: begins anew; parked deliveries are resent when asked.',
  })
  @MayBeAbsent()
  @IsIn(STATES)
  state?: (typeof STATES)[number];
}

export class EndpointDto {
  @ApiProperty({ format: 'uuid', example: ID, description: 'The endpoint.' })
  id: string;

  @ApiProperty({
    example: 'https://crm.example/hooks/wapas',
    description: 'Where it is posted; empty while it cannot be opened.',
  })
  url: string;

  @ApiProperty({ isArray: true, enum: WEBHOOK_KINDS, example: ['recovery.counted'], description: 'What is told here.' })
  kinds: string[];

  @ApiProperty({ example: 'CRM', description: 'For people.' })
  description: string;

  @ApiProperty({ enum: STATES, example: 'on', description: 'Whether it is posted to.' })
  state: string;

  @ApiProperty({
    enum: ['failing', 'gone', 'operator'],
    nullable: true,
    type: String,
    example: null,
    description: 'Why it is off: it took nothing for three days, it answered 410 Gone, or an operator said so.',
  })
  offBecause: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T05:30:00.000Z', description: 'When it was made.' })
  createdAt: string;

  @ApiProperty({ example: 0, description: 'Posts that failed since the last one that did not.' })
  failuresInARow: number;

  @ApiProperty({
    format: 'date-time',
    nullable: true,
    type: String,
    example: null,
    description: 'Since when nothing has arrived; null while all is well.',
  })
  failingSince: string | null;
}

export class EndpointsDto {
  @ApiProperty({ type: [EndpointDto], description: 'Oldest first, at most 20.' })
  endpoints: EndpointDto[];
}

export class CreatedEndpointDto {
  @ApiProperty({ type: EndpointDto, description: 'The endpoint.' })
  endpoint: EndpointDto;

  @ApiProperty({
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=',
    description: 'Verifies what is posted (Standard Webhooks). Shown now and never again.',
  })
  secret: string;
}

export class RotationDto {
  @ApiPropertyOptional({
    example: 24,
    minimum: 0,
    maximum: 168,
    description: 'For so many hours posts are signed with the old secret too; 24 when absent, 0 when it has leaked.',
  })
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(168)
  keepOldForHours?: number;
}

export class RotatedSecretDto {
  @ApiProperty({
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=',
    description: 'The new secret. Shown now and never again.',
  })
  secret: string;
}

export class SentTestDto {
  @ApiProperty({ format: 'uuid', example: ID, description: 'The delivery: ask the log what became of it.' })
  deliveryId: string;
}

export class ResentDto {
  @ApiProperty({ example: 12, description: 'Deliveries that are back in line, at most 10,000 at a time.' })
  resent: number;
}

export class DeliveriesQueryDto {
  @ApiPropertyOptional({ enum: DELIVERY_STATES, example: 'parked', description: 'Only those in this state.' })
  @MayBeAbsent()
  @IsIn(DELIVERY_STATES)
  state?: string;

  @ApiPropertyOptional({
    enum: [...WEBHOOK_KINDS, TEST_KIND],
    example: 'recovery.counted',
    description: 'Only those of this kind.',
  })
  @MayBeAbsent()
  @IsIn([...WEBHOOK_KINDS, TEST_KIND])
  kind?: string;

  @ApiPropertyOptional({ format: 'uuid', example: ID, description: '`nextCursor` of the page before, with the same filters.' })
  @MayBeAbsent()
  @IsUUID()
  cursor?: string;
}

export class DeliveryDto {
  @ApiProperty({
    format: 'uuid',
    example: ID,
    description: 'Stands in `webhook-id`, the same for every try: forget what came twice by it.',
  })
  id: string;

  @ApiProperty({ enum: [...WEBHOOK_KINDS, TEST_KIND], example: 'recovery.counted', description: 'What is told.' })
  kind: string;

  @ApiProperty({
    enum: DELIVERY_STATES,
    example: 'delivered',
    description: 'waiting: it will be tried. delivered: a 2xx was heard. parked: given up, until it is resent.',
  })
  state: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T05:30:00.000Z', description: 'When there was something to tell.' })
  createdAt: string;

  @ApiProperty({ example: 1, description: 'Posts so far.' })
  tries: number;

  @ApiProperty({ format: 'date-time', nullable: true, type: String, example: null, description: 'When it is tried next.' })
  nextTryAt: string | null;

  @ApiProperty({
    format: 'date-time',
    nullable: true,
    type: String,
    example: '2026-11-23T05:30:00.120Z',
    description: 'When it was tried last.',
  })
  lastTriedAt: string | null;

  @ApiProperty({
    nullable: true,
    type: Number,
    example: 204,
    description: 'The HTTP status that was answered last; null for none.',
  })
  lastStatus: number | null;

  @ApiProperty({
    nullable: true,
    type: String,
    example: null,
    description:
      'What went wrong last: `http_500`, `DEADLINE` (no answer in ten seconds), `ECONNREFUSED`, `ADDRESS_NOT_PUBLIC`, …',
  })
  lastError: string | null;

  @ApiProperty({ nullable: true, type: Number, example: 84, description: 'How long the last post took, in milliseconds.' })
  lastMs: number | null;

  @ApiProperty({ example: true, description: 'Whether its body is still kept, so that it can be resent.' })
  canBeResent: boolean;
}

export class DeliveriesDto {
  @ApiProperty({ type: [DeliveryDto], description: 'Newest first, at most 100.' })
  deliveries: DeliveryDto[];

  @ApiProperty({ nullable: true, type: String, example: null, description: 'Give it as `cursor`; null at the end.' })
  nextCursor: string | null;
}
