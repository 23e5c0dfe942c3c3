import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsObject, IsString, Length, ValidateNested } from 'class-validator';

class ButtonDto {
  @ApiProperty({ enum: ['url', 'quick_reply', 'other'], example: 'url', description: 'What a tap does.' })
  kind: 'url' | 'quick_reply' | 'other';

  @ApiProperty({ example: 'Complete payment', description: 'What it says.' })
  text: string;

  @ApiProperty({
    nullable: true,
    type: String,
    example: 'https://pay.example/WAPAS/',
    description: 'Its registered address, or the beginning of it.',
  })
  url: string | null;

  @ApiProperty({ example: true, description: 'True: each send gives the end of the address.' })
  hasVariable: boolean;
}

class SyncedTemplateDto {
  @ApiProperty({ example: 'payment_failed_v1', description: 'As journey files name it.' })
  name: string;

  @ApiProperty({ example: 'en', description: 'The translation.' })
  language: string;

  @ApiProperty({ enum: ['usable', 'pending', 'paused', 'gone'], example: 'usable', description: 'Only a usable one is sent.' })
  status: 'usable' | 'pending' | 'paused' | 'gone';

  @ApiProperty({ example: 'APPROVED', description: "The vendor's word for it." })
  code: string;

  @ApiProperty({ nullable: true, type: String, example: 'utility', description: 'Decides the price and the consent it needs.' })
  category: string | null;

  @ApiProperty({ nullable: true, type: String, example: 'GREEN', description: "The vendor's word for how people take it." })
  quality: string | null;

  @ApiProperty({ enum: ['positional', 'named'], example: 'positional', description: 'How its placeholders are filled.' })
  parameterFormat: 'positional' | 'named';

  @ApiProperty({ nullable: true, type: String, example: null, description: 'What stands above the text.' })
  header: string | null;

  @ApiProperty({ example: 'Your payment of {{2}} for order {{1}} did not go through.', description: 'The approved text.' })
  body: string;

  @ApiProperty({ type: [String], example: ['2', '1'], description: 'Its placeholders.' })
  parameters: string[];

  @ApiProperty({ nullable: true, type: String, example: null, description: 'What stands under the text.' })
  footer: string | null;

  @ApiProperty({ type: [ButtonDto], description: 'Its buttons, in order.' })
  buttons: ButtonDto[];

  @ApiProperty({
    nullable: true,
    type: Number,
    example: 6_300,
    description: 'Seconds for which the vendor tries; null: for as long as it likes.',
  })
  validForSeconds: number | null;
}

export class SyncedProviderDto {
  @ApiProperty({ example: 'whatsapp-cloud', description: 'The provider.' })
  provider: string;

  @ApiProperty({
    nullable: true,
    type: String,
    example: '2026-11-23T05:32:09.000Z',
    description: 'When the list was read last, real time; null: never.',
  })
  syncedAt: string | null;

  @ApiProperty({ nullable: true, type: String, example: null, description: 'Why the last try failed.' })
  trouble: string | null;

  @ApiProperty({ type: [SyncedTemplateDto], description: 'One entry for each translation.' })
  templates: SyncedTemplateDto[];
}

export class SyncedTemplatesDto {
  @ApiProperty({ type: [SyncedProviderDto], description: 'Each provider that has a list of templates.' })
  providers: SyncedProviderDto[];
}

export class SyncResultDto {
  @ApiProperty({ example: 'whatsapp-cloud', description: 'The provider.' })
  provider: string;

  @ApiProperty({
    enum: ['synced', 'failed', 'under_way'],
    example: 'synced',
    description: 'under_way: another container is reading it right now.',
  })
  outcome: 'synced' | 'failed' | 'under_way';

  @ApiPropertyOptional({ example: 12, description: 'Translations on the list.' })
  templates?: number;

  @ApiPropertyOptional({ example: 1, description: 'New or changed ones.' })
  changed?: number;

  @ApiPropertyOptional({ example: 0, description: 'Those that are not on the list any more.' })
  gone?: number;

  @ApiPropertyOptional({ example: '190', description: "Why it failed: the vendor's code." })
  detail?: string;
}

export class SyncResultsDto {
  @ApiProperty({ type: [SyncResultDto], description: 'Of each provider that was asked.' })
  results: SyncResultDto[];
}

export class ListedAddressDto {
  @ApiProperty({
    enum: ['static', 'dynamic', 'short', 'number'],
    example: 'short',
    description:
      'static: exactly this one. dynamic: whatever follows its "?". short: a token after the registered header. number: a telephone number.',
  })
  @IsIn(['static', 'dynamic', 'short', 'number'])
  kind: 'static' | 'dynamic' | 'short' | 'number';

  @ApiProperty({ example: 'https://pay.example/SHOPIN/', description: 'As it was white-listed; case counts.' })
  @IsString()
  @Length(3, 500)
  address: string;
}

export class ListedAddressesDto {
  @ApiProperty({ type: [ListedAddressDto], description: 'All of them; the list is replaced.' })
  @IsArray()
  @ArrayMaxSize(500)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ListedAddressDto)
  addresses: ListedAddressDto[];
}
