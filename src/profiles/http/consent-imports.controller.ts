import { Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiOperation,
  ApiParam,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import { notFound, Problem } from '@wapas/problems';
import { CallerOf, type CallerRequest, Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { checkedId } from '../../http/checked-id';
import { ImportConsents } from '../import-consents';

const EXAMPLE = `customer_id,phone,purpose,channel,state,at,notice_version,notice_language,source,proof
cust_8812,+919812345678,marketing,whatsapp,granted,2026-03-01T10:00:00+05:30,2026-03,hi,crm,form 8
cust_8813,9812345679,all,all,withdrawn,2026-04-02,,,crm,
`;

class ReceivedImportDto {
  @ApiProperty({
    format: 'uuid',
    example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a',
    description: 'Ask for its progress by this id.',
  })
  id: string;
}

class ImportFaultDto {
  @ApiProperty({ example: 17, description: 'Line of the file.' })
  line: number;

  @ApiProperty({
    example: 'bad_phone',
    description: 'What is wrong with it. `unknown_column` and `missing_column` mean the header: then nothing is recorded.',
  })
  code: string;

  @ApiPropertyOptional({
    example: 'Use push, whatsapp, sms, email or all.',
    description: 'What to write instead, where the code does not say it.',
  })
  detail?: string;
}

class ConsentImportDto {
  @ApiProperty({ format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The import.' })
  id: string;

  @ApiProperty({
    enum: ['receiving', 'waiting', 'running', 'done', 'failed'],
    example: 'running',
    description: 'Where it stands.',
  })
  state: string;

  @ApiProperty({ example: 0.42, description: 'Share of the file that is committed, 0 to 1.' })
  progress: number;

  @ApiProperty({ example: 42_000, description: 'Lines read, the header left out; those that could not be used are among them.' })
  rows: number;

  @ApiProperty({ example: 41_800, description: 'Entries that were new to the ledger.' })
  recorded: number;

  @ApiProperty({
    example: 3,
    description: 'Lines that could not be used. A header that cannot be used is named in `faults` and counted nowhere.',
  })
  refused: number;

  @ApiProperty({
    type: [ImportFaultDto],
    description: 'The first hundred or so of them. Repairing and sending the whole file again is safe.',
  })
  faults: ImportFaultDto[];
}

@ApiTags('Consent')
@ApiBearerAuth()
@Controller('v1/consents/imports')
export class ConsentImportsController {
  constructor(@Inject(ImportConsents) private readonly importConsents: ImportConsents) {}

  @Post()
  @HttpCode(202)
  @Needs('admin')
  @ApiOperation({
    summary: 'Import consents from a CSV file',
    description:
      'UTF-8 with a header line; columns in any order: customer_id, phone, email (at least one), purpose, channel, state, at (all four), source, notice_version, notice_language, proof. `at` is RFC 3339 with zone, or a day. The file is stored as it arrives (within WAPAS_REQUEST_TIMEOUT_MS) and worked off in the background. A line never outweighs a newer withdrawal.',
  })
  @ApiConsumes('text/csv')
  @ApiBody({ schema: { type: 'string', description: 'The file.', example: EXAMPLE } })
  @ApiResponse({ status: 202, description: 'Stored; it is being worked off.', type: ReceivedImportDto })
  @ApiProblems(400, 401, 403, 413, 415, 503)
  async receive(@Req() request: CallerRequest): Promise<ReceivedImportDto> {
    const body = request.body as AsyncIterable<Buffer> | undefined;
    if (typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body))
      throw new Problem(415, 'unsupported_media_type', 'Send `Content-Type: text/csv` in UTF-8.');
    return { id: await this.importConsents.receive(body, CallerOf(request).keyId) };
  }

  @Get(':id')
  @Needs('admin')
  @ApiOperation({ summary: 'How far an import is' })
  @ApiParam({ name: 'id', format: 'uuid', example: '019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a', description: 'The import.' })
  @ApiResponse({ status: 200, description: 'Its progress.', type: ConsentImportDto })
  @ApiProblems(400, 401, 403, 404)
  async progress(@Param('id') id: string): Promise<ConsentImportDto> {
    const found = await this.importConsents.find(checkedId(id));
    if (!found) throw notFound('import');
    const { state, bytes, bytesRead, rowsRead, recorded, refused, faults } = found;
    return {
      id,
      state,
      progress: bytes > 0 ? Math.round((bytesRead / bytes) * 1_000) / 1_000 : 0,
      rows: rowsRead,
      recorded,
      refused,
      faults: faults.map(({ line, code, detail }) => ({ line, code, ...(detail === undefined ? {} : { detail }) })),
    };
  }
}
