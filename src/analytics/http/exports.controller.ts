import { Controller, Get, Inject, Param, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { BusinessClock } from '@wapas/database';
import { notFound } from '@wapas/problems';
import { IsIn } from 'class-validator';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Needs } from '../../access/access.api';
import { ApiProblems } from '../../http/api-problems';
import { compressedFor } from '../../http/compressed';
import { ExportRows } from '../export-rows';
import { EXPORTS, type ExportKind } from '../rules/export-kinds';
import { MayBeAbsent } from '../../http/may-be-absent';
import { RangeQueryDto } from './analytics.dto';
import { rangeOf } from './question';

const FORMATS = ['csv', 'ndjson'] as const;

export class ExportQueryDto extends RangeQueryDto {
  @ApiPropertyOptional({
    enum: FORMATS,
    example: 'csv',
    description: 'RFC 4180 with a head line, or one JSON object a line. Default csv.',
  })
  @MayBeAbsent()
  @IsIn(FORMATS)
  format?: (typeof FORMATS)[number];
}

@ApiTags('Analytics')
@ApiBearerAuth()
@Controller('v1/exports')
export class ExportsController {
  constructor(
    @Inject(BusinessClock) private readonly clock: BusinessClock,
    @Inject(ExportRows) private readonly exportRows: ExportRows,
  ) {}

  @Get(':kind')
  @Needs('read')
  @ApiOperation({
    summary: 'Every run, message, outcome or billed attempt of a range, streamed',
    description:
      'By entry, every journey; `attempts` are what providers took and bill: a message that two providers took is a row of each, the first one `superseded`. Their `units` and `cost_milli` (thousandths of the minor unit, before tax), by month of `called_on` (a day in India), `channel`, `provider`, `priced_as` and `priced_in`, add up to the lines of /v1/analytics/costs. Of `outcomes`, `last_channel` is the channel that reports tell a recovery by, and `attributed` says whether it came inside the window of the channel. Ids only, no phone numbers or texts. Texts that a spreadsheet would take for formulas are made harmless in CSV. With `Accept-Encoding: gzip` the rows come compressed. An export that breaks off was cut: ask again.',
  })
  @ApiParam({ name: 'kind', enum: EXPORTS, example: 'outcomes', description: 'What to export.' })
  @ApiResponse({
    status: 200,
    description: 'The rows.',
    content: {
      'text/csv': { schema: { type: 'string', example: 'run_id,journey,arm,goal_at' } },
      'application/x-ndjson': { schema: { type: 'string', example: '{"run_id":"019a0b52-7f2b-7c11-9d55-1f3b6d0d6f0a"}' } },
    },
  })
  @ApiProblems(401, 403, 404, 422)
  export(
    @Param('kind') kind: string,
    @Query() query: ExportQueryDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): StreamableFile {
    if (!isKind(kind)) throw notFound('export');
    const { from, to } = rangeOf(query, this.clock.now());
    const format = query.format ?? 'csv';
    const rows = this.exportRows.stream(kind, { from: new Date(from), to: new Date(to) }, format);
    return new StreamableFile(compressedFor(request, reply, rows), {
      type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
      disposition: `attachment; filename="${kind}.${format}"`,
    });
  }
}

const isKind = (text: string): text is ExportKind => (EXPORTS as readonly string[]).includes(text);
