import { Controller, Get, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../http/api-problems';
import { Needs } from '../caller';
import { ListOperations, SHOWN_OPERATIONS } from '../list-operations';
import { OPERATIONS } from '../rules/operation';

class OperationEntryDto {
  @ApiProperty({ enum: OPERATIONS, example: 'sending_stopped', description: 'What was done.' })
  act: string;

  @ApiProperty({ example: 'method:upi', nullable: true, type: String, description: 'To what; null: to everything.' })
  subject: string | null;

  @ApiProperty({ example: '5f1c2a9be0d41c77', description: 'The id of the API key that did it.' })
  actor: string;

  @ApiProperty({ example: 'wrong prices in the template', nullable: true, type: String, description: 'Why, in their words.' })
  reason: string | null;

  @ApiProperty({ example: '2026-11-23T05:32:09.000Z', description: 'When, business time.' })
  at: string;
}

class OperationAuditDto {
  @ApiProperty({ type: [OperationEntryDto], description: `The latest ${SHOWN_OPERATIONS}, newest first.` })
  entries: OperationEntryDto[];
}

@ApiTags('Operations')
@ApiBearerAuth()
@Controller('v1/operations/audit')
export class OperationAuditController {
  constructor(@Inject(ListOperations) private readonly operations: ListOperations) {}

  @Get()
  @Needs('read')
  @ApiOperation({
    summary: 'Who stopped, held or set up what, when and why',
    description: 'The latest 200. Kept for WAPAS_LOG_DAYS; nothing is taken out of it before.',
  })
  @ApiResponse({ status: 200, description: 'The audit log.', type: OperationAuditDto })
  @ApiProblems(401, 403, 503)
  async list(): Promise<OperationAuditDto> {
    const entries = await this.operations.latest();
    return {
      entries: entries.map(({ act, subject, actor, reason, at }) => ({ act, subject, actor, reason, at: at.toISOString() })),
    };
  }
}
