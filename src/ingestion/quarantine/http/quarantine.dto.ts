import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { Type } from 'class-transformer';
import { MayBeAbsent } from '../../../http/may-be-absent';

const UUID = '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a';
const EVENT = '019a0b52-8a40-7e02-b1c6-52a9d77c3f10';
export const STATES = ['waiting', 'recorded', 'duplicate', 'ignored', 'all'] as const;
const OUTCOMES = ['recorded', 'duplicate', 'still_unusable', 'ignored'] as const;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Which bodies: every condition that is given holds. */
class FilterDto {
  @ApiPropertyOptional({ example: 'cashfree', description: 'Of this source; `segment` for messages of the tracking API.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  source?: string;

  @ApiPropertyOptional({ example: 'no_order_or_payment', description: 'Kept for this reason.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  reason?: string;

  @ApiPropertyOptional({
    example: '2026-11-23T00:00:00+05:30',
    description: 'Arrived at this time or later; RFC 3339 with zone.',
  })
  @MayBeAbsent()
  @IsString()
  @MaxLength(40)
  from?: string;

  @ApiPropertyOptional({ example: '2026-11-24T00:00:00+05:30', description: 'Arrived before this time; RFC 3339 with zone.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(40)
  to?: string;
}

export class ReplayFilterDto extends FilterDto {}

export class QuarantineQueryDto extends FilterDto {
  @ApiPropertyOptional({
    enum: STATES,
    example: 'waiting',
    description: 'What has become of them; absent: those that wait for a person.',
  })
  @MayBeAbsent()
  @IsIn(STATES)
  state?: (typeof STATES)[number];

  @ApiPropertyOptional({ example: 50, description: 'How many at most, up to 200. Default 50.' })
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number;

  @ApiPropertyOptional({ format: 'uuid', example: UUID, description: '`nextCursor` of the page before, with the same filters.' })
  @MayBeAbsent()
  @Matches(ID)
  cursor?: string;
}

export class QuarantinedDto {
  @ApiProperty({ format: 'uuid', example: UUID, description: 'Its id.' })
  id: string;

  @ApiProperty({ example: 'cashfree', description: 'Where it came from.' })
  source: string;

  @ApiProperty({ example: '2026-11-23T05:32:10.000Z', description: 'When it arrived. Events made of it keep this time.' })
  receivedAt: string;

  @ApiProperty({ example: 'no_order_or_payment', description: 'Why it could not be used when it was last read.' })
  reason: string;

  @ApiProperty({
    enum: ['waiting', 'recorded', 'duplicate', 'ignored'],
    example: 'waiting',
    description: '`waiting` until a replay could use it. The bytes of a `recorded` or `duplicate` one are not kept.',
  })
  state: string;

  @ApiProperty({ nullable: true, type: String, example: null, description: 'When it was last read again.' })
  replayedAt: string | null;

  @ApiProperty({ type: [String], example: [EVENT], description: 'The events that a replay made of it.' })
  eventIds: readonly string[];

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { 'content-type': 'application/json', 'x-webhook-version': '2025-01-01' },
    description: 'Headers that were kept with it. Signatures and credentials are not.',
  })
  headers: Readonly<Record<string, string>>;
}

export class QuarantinePageDto {
  @ApiProperty({ type: [QuarantinedDto], description: 'Latest first.' })
  bodies: QuarantinedDto[];

  @ApiProperty({
    nullable: true,
    type: String,
    format: 'uuid',
    example: UUID,
    description: 'Give it as `cursor`; null at the end.',
  })
  nextCursor: string | null;
}

export class QuarantineCountDto {
  @ApiProperty({ example: 'cashfree', description: 'Where they came from.' })
  source: string;

  @ApiProperty({ example: 'no_order_or_payment', description: 'Why they could not be used.' })
  reason: string;

  @ApiProperty({ example: 42, description: 'How many wait.' })
  count: number;

  @ApiProperty({ example: '2026-11-22T09:00:00.000Z', description: 'When the first of them arrived.' })
  firstAt: string;

  @ApiProperty({ example: '2026-11-23T05:32:10.000Z', description: 'When the last of them arrived.' })
  lastAt: string;
}

export class QuarantineCountsDto {
  @ApiProperty({ type: [QuarantineCountDto], description: 'Most first.' })
  counts: QuarantineCountDto[];
}

export class QuarantinedBodyDto {
  @ApiProperty({ format: 'uuid', example: UUID, description: 'Whose body it is.' })
  id: string;

  @ApiProperty({
    example: '{"type":"PAYMENT_FAILED_WEBHOOK","data":{"customer_details":{"customer_phone":"••••5678"}}}',
    description: 'Its beginning as text. Names, addresses, numbers and free text are masked; field names, codes and times stay.',
  })
  masked: string;

  @ApiProperty({ example: false, description: 'True when there is more of it than is shown.' })
  isShortened: boolean;

  @ApiProperty({ example: 812, description: 'Its size in bytes.' })
  bytes: number;
}

export class RereadDto {
  @ApiProperty({
    enum: OUTCOMES,
    example: 'recorded',
    description:
      '`recorded`: it is an event now. `duplicate`: its event had come another way. `ignored`: nothing that is used. `still_unusable`: see reason.',
  })
  outcome: (typeof OUTCOMES)[number];

  @ApiPropertyOptional({ example: 'no_time', description: 'Why it is still unusable.' })
  reason?: string;

  @ApiProperty({ type: [String], example: [EVENT], description: 'The events it became.' })
  eventIds: readonly string[];
}

export class StillUnusableDto {
  @ApiProperty({ format: 'uuid', example: UUID, description: 'The body.' })
  id: string;

  @ApiProperty({ example: 'no_time', description: 'Why it is still unusable.' })
  reason: string;
}

export class QuarantineReplayDto {
  @ApiProperty({ format: 'uuid', example: UUID, description: 'The replay.' })
  id: string;

  @ApiProperty({ enum: ['waiting', 'running', 'done', 'cancelled'], example: 'running', description: 'Where it stands.' })
  state: string;

  @ApiProperty({ example: 0.42, description: 'Share of the bodies that have been read, 0 to 1.' })
  progress: number;

  @ApiProperty({ example: 10_000, description: 'Bodies that were found when it was asked for.' })
  total: number;

  @ApiProperty({ example: 4_200, description: 'Bodies read.' })
  done: number;

  @ApiProperty({ example: 4_100, description: 'Of these, events now.' })
  recorded: number;

  @ApiProperty({ example: 80, description: 'Of these, events that had come another way.' })
  duplicate: number;

  @ApiProperty({ example: 12, description: 'Of these, nothing that is used.' })
  ignored: number;

  @ApiProperty({ example: 8, description: 'Of these, still unusable.' })
  stillUnusable: number;

  @ApiProperty({ type: [StillUnusableDto], description: 'The first hundred or so of them.' })
  examples: StillUnusableDto[];

  @ApiProperty({ example: '2026-11-23T05:40:00.000Z', description: 'When it was ordered, business time.' })
  createdAt: string;

  @ApiProperty({ nullable: true, type: String, example: null, description: 'When it was over; null until then.' })
  endedAt: string | null;
}

export class QuarantineReplaysDto {
  @ApiProperty({ type: [QuarantineReplayDto], description: 'The latest 50.' })
  replays: QuarantineReplayDto[];
}
