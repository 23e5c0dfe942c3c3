import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsNumber, Max, Min } from 'class-validator';
import { MayBeAbsent } from '../../http/may-be-absent';

export class ReleaseDto {
  @ApiPropertyOptional({
    enum: ['live', 'shadow'],
    example: 'shadow',
    description:
      'In shadow everything is decided and kept as ghosts, and nothing is sent. Left out: live when it is published, as it is afterwards.',
  })
  @MayBeAbsent()
  @IsIn(['live', 'shadow'])
  mode?: 'live' | 'shadow';

  @ApiPropertyOptional({
    example: 10,
    description:
      'Percent of people who enter this version, by hash; the others enter the version before it. A share that grows keeps who is in. Left out: 100 when it is published, as it is afterwards.',
  })
  @MayBeAbsent()
  @IsNumber()
  @Min(0)
  @Max(100)
  share?: number;
}

export class DefinitionFaultDto {
  @ApiProperty({ example: '/steps/0/after', description: 'JSON pointer into the definition.' })
  at: string;

  @ApiProperty({ example: 'delay_out_of_range', description: 'Stable machine code.' })
  code: string;

  @ApiProperty({ example: 'Use more than 0s and at most 30d.', description: 'What is wrong, or how to mend it.' })
  detail: string;
}

export class DraftDto {
  @ApiProperty({ enum: ['draft', 'validated'], example: 'validated', description: 'Validated: it can be published.' })
  state: string;

  @ApiProperty({ type: [DefinitionFaultDto], description: 'Everything that is wrong with it.' })
  faults: DefinitionFaultDto[];

  @ApiPropertyOptional({
    type: Object,
    example: { format: 'wapas.journey/1', key: 'payment_failed' },
    description: 'The definition.',
  })
  definition?: unknown;

  @ApiPropertyOptional({ example: '2026-11-23T05:32:09.000Z', description: 'When it was written.' })
  updatedAt?: string;

  @ApiPropertyOptional({ example: '5f1c2a9be0d41c77', description: 'The id of the API key that wrote it.' })
  updatedBy?: string;
}

export class PublishedDto {
  @ApiProperty({ example: 4, description: 'The version.' })
  version: number;

  @ApiProperty({ example: true, description: 'False when the latest version says the same already.' })
  isNew: boolean;
}

export class VersionDto {
  @ApiProperty({ example: 4, description: 'The version.' })
  version: number;

  @ApiProperty({ enum: ['live', 'shadow'], example: 'live', description: 'Whether it sends.' })
  mode: string;

  @ApiProperty({ example: 100, description: 'Percent of people who enter it.' })
  share: number;

  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'When it was published.' })
  publishedAt: string;
}

export class VersionsDto {
  @ApiProperty({ enum: ['published', 'paused', 'archived'], example: 'published', description: 'How the journey stands.' })
  standing: string;

  @ApiProperty({ type: [VersionDto], description: 'Newest first. Versions never change and never go.' })
  versions: VersionDto[];
}

export class VersionWithDefinitionDto extends VersionDto {
  @ApiProperty({
    type: Object,
    example: { format: 'wapas.journey/1', key: 'payment_failed' },
    description: 'As it was published.',
  })
  definition: unknown;
}

/** Any part of a definition. */
const PART: object[] = [
  { type: 'string' },
  { type: 'number' },
  { type: 'boolean' },
  { type: 'object', additionalProperties: true },
  { type: 'array', items: {} },
];

export class DiffQueryDto {
  @ApiProperty({ example: 3, description: 'The earlier version.' })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  from: number;

  @ApiProperty({ example: 4, description: 'The later version.' })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  to: number;
}

class DifferenceDto {
  @ApiProperty({ example: '/steps/sms/after', description: 'Where; steps and variants are named by their keys.' })
  at: string;

  @ApiPropertyOptional({ oneOf: PART, example: '2h', description: 'What stood there; absent: nothing.' })
  before?: unknown;

  @ApiPropertyOptional({ oneOf: PART, example: '3h', description: 'What stands there now; absent: nothing.' })
  after?: unknown;
}

export class DiffDto {
  @ApiProperty({ type: [DifferenceDto], description: 'Empty: they say the same.' })
  differences: DifferenceDto[];
}

class AuditEntryDto {
  @ApiProperty({
    enum: ['drafted', 'published', 'released', 'paused', 'resumed', 'archived'],
    example: 'published',
    description: 'What was done.',
  })
  act: string;

  @ApiProperty({ example: 4, nullable: true, type: Number, description: 'To which version; null: to the journey.' })
  version: number | null;

  @ApiProperty({ example: '5f1c2a9be0d41c77', description: 'The id of the API key, or `file`.' })
  actor: string;

  @ApiProperty({ type: Object, example: { mode: 'live', share: 100 }, description: 'What goes with it.' })
  detail: object;

  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'When, business time.' })
  at: string;
}

export class AuditDto {
  @ApiProperty({ type: [AuditEntryDto], description: 'The latest 200, newest first.' })
  entries: AuditEntryDto[];
}

/** A whole journey that can be published as it stands where push and SMS have a provider. */
export const DRAFT_EXAMPLE = {
  format: 'wapas.journey/1',
  key: 'payment_failed',
  name: 'Payment failed',
  trigger: { event: 'Payment Failed', maxAge: '24h' },
  correlateBy: ['order', 'payment'],
  goal: { events: ['Payment Captured', 'Order Paid'], by: ['order', 'payment'] },
  window: '24h',
  holdoutPercent: 10,
  steps: [
    {
      key: 'push',
      after: '1m',
      maxDelay: '13m',
      channel: 'push',
      messages: [
        {
          template: {
            title: 'Payment not completed',
            body: "Payment of {{amount|money}} didn't go through. Tap to try again.",
            deepLink: 'shop://orders/{{keys.order}}/pay',
          },
        },
      ],
    },
    {
      key: 'sms',
      after: '2h',
      maxDelay: '4h',
      channel: 'sms',
      unless: [{ step: 'push', signal: 'engaged' }],
      messages: [{ template: { id: '64f0c0ffee00000000000001', variables: { order: '{{keys.order}}', url: '{{link}}' } } }],
    },
  ],
};
