import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsObject } from 'class-validator';

const MODES = ['warn', 'enforce'] as const;
const SCHEMA = {
  type: 'object',
  required: ['keys', 'amount'],
  properties: { keys: { type: 'object', required: ['order'] }, amount: { type: 'object' } },
};

export class NewEventSchemaDto {
  @ApiProperty({
    enum: MODES,
    example: 'warn',
    description:
      '`warn` records and counts what breaks it; `enforce` refuses it (422), or quarantines it where nothing is refused.',
  })
  @IsIn(MODES)
  mode: (typeof MODES)[number];

  @ApiProperty({
    type: Object,
    example: SCHEMA,
    description:
      'JSON Schema (draft 7) over `person`, `keys`, `amount`, `reason` and `properties` of the event, at most 32 KiB. No `pattern`, `format`, `$ref` or `uniqueItems`.',
  })
  @IsObject()
  schema: object;
}

export class EventSchemaDto {
  @ApiProperty({ example: 'Payment Failed', description: 'Events of this name.' })
  name: string;

  @ApiProperty({ enum: MODES, example: 'warn', description: 'What happens to an event that breaks it.' })
  mode: string;

  @ApiProperty({ type: Object, example: SCHEMA, description: 'The JSON Schema.' })
  schema: object;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T05:30:00.000Z', description: 'When it was set.' })
  updatedAt: string;

  @ApiProperty({ example: 12, description: 'Events that broke it since.' })
  violations: number;
}

export class EventSchemasDto {
  @ApiProperty({ type: [EventSchemaDto], description: 'By event name.' })
  schemas: EventSchemaDto[];
}

export class EventNameDto {
  @ApiProperty({ example: 'Payment Failed', description: 'As the sources say.' })
  name: string;

  @ApiProperty({ example: 1042, description: 'Events of this name that were recorded.' })
  count: number;

  @ApiProperty({ format: 'date-time', example: '2026-11-01T08:00:00.000Z', description: 'When the first was received.' })
  firstSeenAt: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T05:30:00.000Z', description: 'When the last was received.' })
  lastSeenAt: string;

  @ApiProperty({ enum: ['none', 'warn', 'enforce'], example: 'none', description: 'Whether there is a schema, and its mode.' })
  schema: string;

  @ApiPropertyOptional({ example: 12, description: 'Events that broke the schema since it was set.' })
  violations?: number;

  @ApiProperty({
    example: true,
    description:
      'False for a name that is not in the catalogue and that no schema and no derived event mentions: perhaps a misspelling.',
  })
  known: boolean;
}

export class EventNamesDto {
  @ApiProperty({ type: [EventNameDto], description: 'At most 200, by name.' })
  names: EventNameDto[];

  @ApiProperty({ nullable: true, type: String, example: null, description: 'Give it as `cursor`; null at the end.' })
  nextCursor: string | null;
}
