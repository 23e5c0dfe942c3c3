import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsObject, IsString, Length, Matches, Min, ValidateNested } from 'class-validator';
import { eventSchema } from '../../ingestion/ingestion.api';
import { ASKABLE_SIGNALS, type Signal } from '../rules/definition';
import { BEHAVIOURS, type Behaviour } from '../rules/invent-customer';
import { MayBeAbsent } from '../../http/may-be-absent';

class AnswerDto {
  @ApiProperty({ example: 'push', description: 'The step whose message is answered.' })
  @IsString()
  @Length(1, 64)
  step: string;

  @ApiProperty({ enum: ASKABLE_SIGNALS, example: 'opened', description: 'What is heard of it; `failed`: it reached nobody.' })
  @IsIn(ASKABLE_SIGNALS)
  signal: Signal;

  @ApiProperty({ example: '3m', description: 'So long after it was sent.' })
  @Matches(/^(\d{1,9}[smhd])+$/)
  after: string;
}

export class TestRunDto {
  @ApiPropertyOptional({
    type: Object,
    description: 'A definition to try, published nowhere.',
    example: { format: 'wapas.journey/1' },
  })
  @MayBeAbsent()
  @IsObject()
  definition?: object;

  @ApiPropertyOptional({
    example: 3,
    description: 'A published version. Neither this nor a definition: the draft, else the newest version.',
  })
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  version?: number;

  @ApiPropertyOptional({
    type: 'array',
    items: eventSchema as object,
    description:
      'Events as POST /v1/events takes them, at most 100, until 60 days after the start. Those without `occurredAt` happen at the start.',
  })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(100)
  events?: unknown[];

  @ApiPropertyOptional({ type: [AnswerDto], description: 'What is heard of the messages that are sent.' })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(100)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => AnswerDto)
  answers?: AnswerDto[];

  @ApiPropertyOptional({
    enum: BEHAVIOURS,
    example: 'silent',
    description:
      'Instead of events: a customer is made up who stays silent, answers the first message, cannot be reached by its channel, or reaches the goal. Default silent where no events are given.',
  })
  @MayBeAbsent()
  @IsIn(BEHAVIOURS)
  customer?: Behaviour;

  @ApiPropertyOptional({ enum: ['treated', 'holdout'], example: 'treated', description: 'Default treated.' })
  @MayBeAbsent()
  @IsIn(['treated', 'holdout'])
  arm?: 'treated' | 'holdout';

  @ApiPropertyOptional({ example: '2026-11-23T23:50:00+05:30', description: 'The virtual clock starts here. Default: now.' })
  @MayBeAbsent()
  @IsString()
  start?: string;
}

class TestRunEntryDto {
  @ApiProperty({ example: '2026-11-23T05:33:09.000Z', description: 'The virtual clock.' })
  at: string;

  @ApiPropertyOptional({ example: 'T+15m', description: 'The same, counted from T.' })
  offset?: string;

  @ApiProperty({
    enum: ['event', 'entered', 'not_entered', 'decided', 'settled', 'heard'],
    example: 'decided',
    description: 'What kind of entry it is. `settled`: a message that was decided would be kept back.',
  })
  what: string;

  @ApiProperty({ example: 'skip', description: 'An event name, an arm, a decision, `skipped`, or a signal.' })
  outcome: string;

  @ApiPropertyOptional({ example: 'push_engaged', description: 'Why, as a machine code.' })
  reason?: string;

  @ApiPropertyOptional({ example: 1, description: 'Which run of the script, from 1.' })
  run?: number;

  @ApiPropertyOptional({ example: 'whatsapp', description: 'The step.' })
  step?: string;

  @ApiPropertyOptional({ example: 'whatsapp', description: 'The channel.' })
  channel?: string;

  @ApiPropertyOptional({ example: 'warm', description: 'The variant that was drawn.' })
  variant?: string;

  @ApiPropertyOptional({ example: '2026-11-23T06:17:09.000Z', description: 'After this it would not be sent.' })
  notAfter?: string;

  @ApiPropertyOptional({ type: Object, example: { title: 'Payment not completed' }, description: 'What the message would say.' })
  content?: object;

  @ApiPropertyOptional({ example: 'amount', description: 'The variable that the message lacks: it would be left out.' })
  missing?: string;

  @ApiPropertyOptional({ example: 'skip whatsapp: push_engaged', description: 'The same for people.' })
  words?: string;
}

export class TestRunResultDto {
  @ApiProperty({ example: 'version 3', description: 'What was played: the definition given, the draft, or a version.' })
  played: string;

  @ApiProperty({ type: [TestRunEntryDto], description: 'Oldest first.' })
  timeline: TestRunEntryDto[];
}
