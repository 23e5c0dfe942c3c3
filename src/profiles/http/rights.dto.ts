import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { isZone } from '@wapas/kernel';
import { IsBoolean, IsIn, IsOptional, IsString, Length, Matches, ValidateBy } from 'class-validator';
import { MayBeAbsent } from '../../http/may-be-absent';

/** As events take them: IST and +05:30 are read in different ways. */
const IsZone = (): PropertyDecorator =>
  ValidateBy({
    name: 'isZone',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isZone(value),
      defaultMessage: () => '$property must be the IANA name of a place, such as Asia/Kolkata',
    },
  });

export class CorrectionDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'Asha Rao',
    description: 'As messages may address them; null: none.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  name?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '+919812345678',
    description: 'The only phone from now on; null: none.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 40)
  phone?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'asha@example.com',
    description: 'The only e-mail from now on; null: none.',
  })
  @IsOptional()
  @Length(3, 254)
  @Matches(/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/, { message: '$property must be an e-mail address, such as asha@example.com' })
  email?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'hi', description: 'Language, BCP 47; null: unknown.' })
  @IsOptional()
  @Matches(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, {
    message: '$property must be a language as BCP 47 writes it, such as hi or en-IN',
  })
  language?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'Asia/Kolkata', description: 'IANA zone; null: unknown.' })
  @IsOptional()
  @IsZone()
  timeZone?: string | null;

  @ApiPropertyOptional({ example: false, description: 'Under 18: no marketing ever goes to them.' })
  @MayBeAbsent()
  @IsBoolean()
  minor?: boolean;

  @ApiPropertyOptional({
    enum: ['on', 'off', 'unknown'],
    example: 'on',
    description: 'Whether they are in the do-not-disturb register.',
  })
  @MayBeAbsent()
  @IsIn(['on', 'off', 'unknown'])
  dnd?: 'on' | 'off' | 'unknown';
}

export class ErasureDto {
  @ApiProperty({ format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The erasure.' })
  id: string;

  @ApiProperty({ enum: ['running', 'done'], example: 'running', description: 'done: every part has erased what it had.' })
  state: string;

  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'When it was asked for.' })
  requestedAt: string;

  @ApiProperty({ isArray: true, type: String, example: ['events', 'journeys'], description: 'Parts that are done.' })
  done: string[];

  @ApiProperty({ isArray: true, type: String, example: ['messages', 'links'], description: 'Parts that are still at it.' })
  waiting: string[];
}
