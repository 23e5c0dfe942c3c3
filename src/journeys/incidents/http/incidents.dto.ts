import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length, Matches } from 'class-validator';
import { ReasonDto } from '../../../http/reason.dto';
import { type Dimension, DIMENSIONS } from '../rules/rail';

export class NewIncidentDto extends ReasonDto {
  @ApiProperty({ enum: DIMENSIONS, example: 'method', description: 'What the failures have in common.' })
  @IsIn(DIMENSIONS)
  dimension: Dimension;

  @ApiProperty({
    example: 'upi',
    minLength: 1,
    maxLength: 64,
    description: 'Which one, as triggers name it in `properties`; case does not matter.',
  })
  @IsString()
  @Length(1, 64)
  @Matches(/^\P{Cc}*$/u)
  value: string;

  @ApiProperty({
    example: 'razorpay',
    required: false,
    nullable: true,
    type: String,
    minLength: 1,
    maxLength: 64,
    description:
      'The gateway at which it is down, as triggers name it in `properties.gateway`; case does not matter. Left out: it is down at every one. Not for the dimension `gateway`.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  @Matches(/^\P{Cc}*$/u)
  gateway?: string | null;
}

export class IncidentDto {
  @ApiProperty({ example: '0199e2a0-7c1e-7b52-9f53-2f1f2f6f9f10', description: 'The incident.' })
  id: string;

  @ApiProperty({ enum: DIMENSIONS, example: 'method', description: 'What the failures have in common.' })
  dimension: string;

  @ApiProperty({ example: 'upi', description: 'Which one.' })
  value: string;

  @ApiProperty({
    example: 'razorpay',
    nullable: true,
    type: String,
    description:
      'The gateway at which it is down: runs of others go on, those that do not say which they went over wait. null: at every one.',
  })
  gateway: string | null;

  @ApiProperty({ enum: ['open', 'over'], example: 'open', description: 'Open: runs that went over it are held.' })
  state: string;

  @ApiProperty({ example: 1_204, description: 'Runs that wait for it, counted to 10,000. 0 when it is over.' })
  held: number;

  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'Since when, business time.' })
  openedAt: string;

  @ApiProperty({
    example: 'watch',
    description: '`watch`: the count said so. `source:` and a name: that source announced it. Else the id of the API key.',
  })
  openedBy: string;

  @ApiProperty({ example: 'NPCI says so', nullable: true, type: String, description: 'What the person said who opened it.' })
  reason: string | null;

  @ApiProperty({ example: 412, nullable: true, type: Number, description: 'Failures in the five minutes in which it was seen.' })
  failures: number | null;

  @ApiProperty({ example: 11.5, nullable: true, type: Number, description: 'The usual number in five minutes at this hour.' })
  usual: number | null;

  @ApiProperty({ example: null, nullable: true, type: String, description: 'When it was over, business time; null: it is not.' })
  closedAt: string | null;

  @ApiProperty({
    example: null,
    nullable: true,
    type: String,
    description: '`watch`, `source:` and a name, or the id of the API key that released it.',
  })
  closedBy: string | null;
}

export class RailDto {
  @ApiProperty({ enum: DIMENSIONS, example: 'bank', description: 'What the failures have in common.' })
  dimension: string;

  @ApiProperty({ example: 'hdfc', description: 'Which one.' })
  value: string;

  @ApiProperty({
    example: 'razorpay',
    nullable: true,
    type: String,
    description: 'What it did at this gateway alone; null: at all of them together, and where nobody knows at which.',
  })
  gateway: string | null;

  @ApiProperty({ example: 9, description: 'Triggers in the last five minutes.' })
  lastFiveMinutes: number;

  @ApiProperty({
    example: 11.5,
    nullable: true,
    type: Number,
    description: 'The usual number at this hour; null: too young to know.',
  })
  usual: number | null;
}

export class IncidentsDto {
  @ApiProperty({ type: [IncidentDto], description: 'Open ones first, then the newest; 100 at the most.' })
  incidents: IncidentDto[];

  @ApiProperty({ type: [RailDto], description: 'How every rail that failed in the last minutes is doing, as last summed up.' })
  rails: RailDto[];
}
