import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsOptional, IsString, Length } from 'class-validator';
import { SCOPES, type Scope } from '../rules/api-key';

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
  @IsOptional()
  @IsBoolean()
  test?: boolean;
}

export class CreatedKeyDto {
  @ApiProperty({ example: '5f1c2a9be0d41c77', description: 'Names the key in lists and logs.' })
  id: string;

  @ApiProperty({ example: 'wps_live_5f1c2a9be0d41c77_…', description: 'The key. Shown this once, stored nowhere.' })
  key: string;
}
