import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsObject, IsString, Length, Matches, Max, Min } from 'class-validator';
import { MayBeAbsent } from '../../http/may-be-absent';

export class SmsTemplateDto {
  @ApiProperty({ example: 'en', description: 'Language of the text.' })
  @Matches(/^[a-z]{2}(_[A-Z]{2})?$/)
  language: string;

  @ApiProperty({
    enum: ['service', 'promotional'],
    example: 'service',
    description: 'As approved on DLT. Service explicit ended in 2025 and is promotional; transactional is for OTPs of banks.',
  })
  @IsIn(['service', 'promotional'])
  category: 'service' | 'promotional';

  @ApiProperty({ example: '1201159160000000001', description: 'Principal entity id.' })
  @Matches(/^\d{10,25}$/)
  entityId: string;

  @ApiProperty({ example: 'SHOPIN', description: 'The registered header, six letters, without suffix.' })
  @Matches(/^[A-Za-z]{6}$/)
  header: string;

  @ApiProperty({ example: '1207161700000000001', description: 'Content template id.' })
  @Matches(/^\d{10,25}$/)
  dltId: string;

  @ApiProperty({ example: 'Shop', description: 'The brand, which must stand in the text.' })
  @IsString()
  @Length(2, 50)
  brand: string;

  @ApiProperty({
    example: 'Shop: payment for order {#alphanumeric#} is not complete. Finish here: {#url#}',
    description: 'The approved text, variables tagged.',
  })
  @IsString()
  @Length(10, 2_000)
  text: string;

  @ApiProperty({ type: [String], example: ['order', 'url'], description: 'Names of the variables in the order of the text.' })
  @IsArray()
  @ArrayMaxSize(10)
  @Matches(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, { each: true })
  variables: string[];

  @ApiPropertyOptional({ example: 'the amount is paid in parts', description: 'Why more than two variables were approved.' })
  @MayBeAbsent()
  @IsString()
  @Length(5, 500)
  reason?: string;

  @ApiPropertyOptional({ example: 2, description: 'Most SMS it may take; when absent, WAPAS_SMS_MOST_PARTS.' })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(10)
  mostParts?: number;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { order: 'order_9A33XWu170gUtm' },
    description: 'What variables look like when they are filled: parts are counted with them when a journey is published.',
  })
  @MayBeAbsent()
  @IsObject()
  samples?: Record<string, string>;
}

export class RegisteredSmsTemplateDto extends SmsTemplateDto {
  @ApiProperty({ example: '64f0c0ffee00000000000001', description: "The provider's id: what journey files name." })
  id: string;
}

export class SmsTemplatesDto {
  @ApiProperty({ type: [RegisteredSmsTemplateDto], description: 'By id.' })
  templates: RegisteredSmsTemplateDto[];
}

export class SmsValuesDto {
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { order: 'order_MkT9', url: 'https://pay.example/SHOPIN/q3xTz0Vb1Lk' },
    description: 'A value for each variable.',
  })
  @IsObject()
  variables: Record<string, string>;
}

export class SmsPreviewDto {
  @ApiProperty({ example: 'Shop: payment for order order_MkT9 is not complete.', description: 'What the handset shows.' })
  text: string;

  @ApiProperty({ enum: ['GSM-7', 'UCS-2'], example: 'GSM-7', description: 'UCS-2 has less than half the room.' })
  encoding: 'GSM-7' | 'UCS-2';

  @ApiProperty({ example: 96, description: 'Places taken, of 160 or 70.' })
  places: number;

  @ApiProperty({ example: 1, description: 'SMS that it takes; each is billed.' })
  parts: number;

  @ApiProperty({ type: [String], example: [], description: 'Characters that force UCS-2.' })
  unusual: string[];
}
