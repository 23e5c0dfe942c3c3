import { ApiProperty } from '@nestjs/swagger';

export class DerivedEventDto {
  @ApiProperty({ example: 'cart_abandoned', description: 'Names the definition.' })
  key: string;

  @ApiProperty({ example: 2, description: 'Counts its changes.' })
  version: number;

  @ApiProperty({ example: 'Cart Abandoned', description: 'The event that is recorded.' })
  event: string;

  @ApiProperty({ type: [String], example: ['Cart Updated'], description: 'What counts as activity.' })
  after: readonly string[];

  @ApiProperty({ type: [String], example: ['Order Paid'], description: 'What ends the matter.' })
  unless: readonly string[];

  @ApiProperty({ example: '30m', description: 'How long it must be silent.' })
  idle: string;

  @ApiProperty({ example: 'cart', description: 'The kind of key that activity and ending carry.' })
  by: string;

  @ApiProperty({ example: 1042, description: 'Keys with activity that silence may still follow.' })
  waiting: number;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T05:30:00.000Z', description: 'Since when this version is in force.' })
  publishedAt: string;
}

export class DerivedEventsDto {
  @ApiProperty({ type: [DerivedEventDto], description: 'The definitions in force.' })
  derivedEvents: DerivedEventDto[];
}

export class PublishedDerivedEventDto {
  @ApiProperty({ example: 2, description: 'The version in force.' })
  version: number;

  @ApiProperty({ example: true, description: 'False when the version in force said the same already.' })
  isNew: boolean;
}
