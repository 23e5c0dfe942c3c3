import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, Length, Matches } from 'class-validator';
import { MayBeAbsent } from './may-be-absent';

/** Why somebody does what they do, for the audit log. */
export class ReasonDto {
  @ApiPropertyOptional({
    example: 'wrong prices in the template',
    minLength: 1,
    maxLength: 200,
    description: 'Why, for the audit log. Name no customer.',
  })
  @MayBeAbsent()
  @IsString()
  @Length(1, 200)
  @Matches(/^\P{Cc}*$/u)
  reason?: string;
}
