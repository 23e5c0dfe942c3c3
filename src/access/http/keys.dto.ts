import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsString, Length, Matches } from 'class-validator';
import { IsMoment } from '../../http/time-checks';
import { SCOPES, type Scope } from '../rules/api-key';
import { MayBeAbsent } from '../../http/may-be-absent';

export class NewKeyDto {
  @ApiProperty({ example: 'checkout service', description: 'What the key is for, 1 to 100 characters.' })
  @IsString()
  @Length(1, 100)
  name: string;

  @ApiProperty({
    enum: SCOPES,
    isArray: true,
    example: ['ingest'],
    description:
      'ingest: post events. read: see runs, timelines, reports. admin: everything. app: publishable, reports push opens only.',
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes: Scope[];

  @ApiPropertyOptional({ example: false, description: 'A test key reaches sandbox providers only.' })
  @MayBeAbsent()
  @IsBoolean()
  test?: boolean;

  @ApiPropertyOptional({
    example: '2030-11-01T00:00:00+05:30',
    description: 'From then on it is refused with 401 `key_expired`; real time. Absent: it works until it is revoked.',
  })
  @MayBeAbsent()
  @IsString()
  @IsMoment()
  expiresAt?: string;
}

export class CreatedKeyDto {
  @ApiProperty({ example: '5f1c2a9be0d41c77', description: 'Names the key in lists and logs.' })
  id: string;

  @ApiProperty({ example: 'wps_live_5f1c2a9be0d41c77_…', description: 'The key. Shown this once, stored nowhere.' })
  key: string;

  @ApiProperty({
    example: '2030-10-31T18:30:00.000Z',
    nullable: true,
    type: String,
    description: 'When it expires; null: never.',
  })
  expiresAt: string | null;
}

export class KeysQueryDto {
  @ApiPropertyOptional({ example: '5f1c2a9be0d41c77', description: '`nextCursor` of the page before.' })
  @MayBeAbsent()
  @Matches(/^[0-9a-f]{16}$/)
  cursor?: string;
}

const KEY_STATES = ['live', 'expired', 'revoked'] as const;

export class KeyDto {
  @ApiProperty({ example: '5f1c2a9be0d41c77', description: 'Names the key in logs and in the audit.' })
  id: string;

  @ApiProperty({ example: 'checkout service', description: 'What it is for.' })
  name: string;

  @ApiProperty({ enum: SCOPES, isArray: true, example: ['ingest'], description: 'What it may do.' })
  scopes: Scope[];

  @ApiProperty({ example: false, description: 'Whether it reaches sandbox providers only.' })
  test: boolean;

  @ApiProperty({ enum: KEY_STATES, example: 'live', description: 'Whether it works: only while it is `live`.' })
  state: string;

  @ApiProperty({ example: '2026-11-23T05:30:00.000Z', description: 'When it was made.' })
  createdAt: string;

  @ApiProperty({
    example: '2030-10-31T18:30:00.000Z',
    nullable: true,
    type: String,
    description: 'When it expires, or did; null: never. For its last week it stands in the health body.',
  })
  expiresAt: string | null;

  @ApiProperty({ example: null, nullable: true, type: String, description: 'When it was revoked; null: it was not.' })
  revokedAt: string | null;
}

export class KeysDto {
  @ApiProperty({ type: [KeyDto], description: 'Newest first, at most 100.' })
  keys: KeyDto[];

  @ApiProperty({ nullable: true, type: String, example: null, description: 'Give it as `cursor`; null at the end.' })
  nextCursor: string | null;
}
