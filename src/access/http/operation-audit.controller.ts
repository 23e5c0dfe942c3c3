import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Problem } from '@wapas/problems';
import { Type } from 'class-transformer';
import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { ApiProblems } from '../../http/api-problems';
import { MayBeAbsent } from '../../http/may-be-absent';
import { Needs } from '../caller';
import { ListOperations, MOST_OPERATIONS } from '../list-operations';
import { AT_FIRST_START, BY_COMMAND, OPERATIONS } from '../rules/operation';

class OperationsQueryDto {
  @ApiPropertyOptional({
    example: MOST_OPERATIONS,
    description: `How many at most, up to ${MOST_OPERATIONS}. Default ${MOST_OPERATIONS}.`,
  })
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MOST_OPERATIONS)
  limit?: number;

  @ApiPropertyOptional({ example: 'MTc2Mzg3…', description: '`nextCursor` of the page before.' })
  @MayBeAbsent()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}

class OperationEntryDto {
  @ApiProperty({ enum: OPERATIONS, example: 'sending_stopped', description: 'What was done.' })
  act: string;

  @ApiProperty({
    example: 'method:upi',
    nullable: true,
    type: String,
    description: 'To what; null: to everything. Keys and webhook endpoints go by their ids, never by what they are.',
  })
  subject: string | null;

  @ApiProperty({
    example: '5f1c2a9be0d41c77',
    description: `The id of the API key that did it; \`${BY_COMMAND}\`: \`npm run key\`; \`${AT_FIRST_START}\`: the key that a first start shows; \`restored\`: nobody, sending was stopped since the database was restored from a backup.`,
  })
  actor: string;

  @ApiProperty({
    example: 'wrong prices in the template',
    nullable: true,
    type: String,
    description: 'Why, in their words; of a rate its source.',
  })
  reason: string | null;

  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'When, business time.' })
  at: string;
}

class OperationAuditDto {
  @ApiProperty({ type: [OperationEntryDto], description: 'Newest first.' })
  entries: OperationEntryDto[];

  @ApiProperty({
    example: 'MTc2Mzg3…',
    nullable: true,
    type: String,
    description: 'Where the next page begins; null on the last one.',
  })
  nextCursor: string | null;
}

@ApiTags('Operations')
@ApiBearerAuth()
@Controller('v1/operations/audit')
export class OperationAuditController {
  constructor(@Inject(ListOperations) private readonly operations: ListOperations) {}

  @Get()
  @Needs('read')
  @ApiOperation({
    summary: 'Who stopped, held, set or made what, when and why',
    description:
      'API keys, rates, webhook endpoints, templates, texts and derived events that were set up, changed or taken away among it; also consent files that were taken in, and what was replayed from quarantine, delivered again to a webhook endpoint or to a handler of the bus. Kept for WAPAS_LOG_DAYS; nothing is taken out of it before.',
  })
  @ApiResponse({ status: 200, description: 'A page of the audit log.', type: OperationAuditDto })
  @ApiProblems(400, 401, 403, 422, 503)
  async list(@Query() { cursor, limit }: OperationsQueryDto): Promise<OperationAuditDto> {
    const page = await this.operations.page(cursor, limit ?? MOST_OPERATIONS);
    if (page === null) throw new Problem(400, 'bad_cursor', 'This cursor was not given for this list. Start again without one.');
    return {
      entries: page.entries.map(({ act, subject, actor, reason, at }) => ({
        act,
        subject,
        actor,
        reason,
        at: at.toISOString(),
      })),
      nextCursor: page.nextCursor,
    };
  }
}
